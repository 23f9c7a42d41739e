#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

// Reads what a server answered. It may be of another version, or no server of ours at all, and its texts come
// from whoever sends to it: what is not there reads as nothing, and every text is fit for a terminal. Pure.
namespace waybill::cli {

using Json = nlohmann::ordered_json;

// `text` without what a terminal obeys (see exporters::escaped), and not longer than a person reads.
std::string fit_for_terminal(std::string_view text);

// What stands under this name; JSON's null where nothing does.
const Json& value_at(const Json& object, const char* name);
// An empty list where none stands.
const Json& list_at(const Json& object, const char* name);
// Fit for a terminal; empty where no text stands.
std::string text_at(const Json& object, const char* name);
// A text as it came, to ask on with.
std::string raw_text_at(const Json& object, const char* name);
std::optional<double> number_at(const Json& object, const char* name);
bool is_true_at(const Json& object, const char* name);

// The texts of a list, as "one, two, three".
std::string texts_at(const Json& object, const char* name);

// "lost by broker": what stands there as a word of the API, for people.
std::string words_at(const Json& object, const char* name);

}  // namespace waybill::cli
