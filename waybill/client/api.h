#pragma once

// What libwaybill.so shows; all else in it is hidden.
#if defined(__GNUC__)
#define WAYBILL_API __attribute__((visibility("default")))
#else
#define WAYBILL_API
#endif
