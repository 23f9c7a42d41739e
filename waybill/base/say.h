#pragma once

namespace waybill::base {

// Writes "waybill: <text>: <reason>" as one line to stderr, with one write(2). For the host side, which says
// each problem once; the caller holds the "already said" flag. Thread: any. Never allocates.
void say(const char* text, const char* reason);

// From here on nothing is said. Thread: any.
void say_nothing();

}  // namespace waybill::base
