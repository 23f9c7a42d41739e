#pragma once

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "waybill/support/arena.h"
#include "waybill/telemetry/span.h"
#include "waybill/telemetry/utf8.h"

namespace waybill::telemetry {

// The attributes of a span, a link or a shape while they are gathered.
class AttributeList {
 public:
  explicit AttributeList(Arena& memory) : memory_{memory} {}

  // Texts are copied.
  void put(std::string_view key, std::string_view text) { attributes_.push_back({key, memory_.keep(text)}); }
  void put(std::string_view key, std::int64_t number) { attributes_.push_back({key, number}); }
  void put(std::string_view key, double number) { attributes_.push_back({key, number}); }
  void put_true(std::string_view key) { attributes_.push_back({key, true}); }
  void put_unless_empty(std::string_view key, std::string_view text) {
    if (!text.empty()) put(key, text);
  }
  // Key and texts are copied.
  void put_texts(std::string_view key, std::span<const std::string_view> texts) {
    absl::InlinedVector<std::string_view, 4> kept;
    for (const std::string_view text : texts) kept.push_back(memory_.keep(text));
    attributes_.push_back({memory_.keep(key), memory_.keep(std::span<const std::string_view>{kept})});
  }

  // Key and text are copied; the value is no list of texts.
  void put_named(std::string_view key, AttributeValue value) {
    if (auto* text = std::get_if<std::string_view>(&value)) *text = memory_.keep(*text);
    attributes_.push_back({memory_.keep(key), value});
  }

  // So many more are missing from the start.
  void leave_out(std::uint32_t count) { left_out_ += count; }

  // Cuts the list to `most` attributes and each to its length; returns how many are left out.
  std::uint32_t limit(std::size_t most, std::size_t value_length) {
    if (attributes_.size() > most) {
      left_out_ += static_cast<std::uint32_t>(attributes_.size() - most);
      attributes_.resize(most);
    }
    if (value_length != SIZE_MAX) {
      for (Attribute& attribute : attributes_) cut(attribute.value, value_length);
    }
    return left_out_;
  }

  std::span<const Attribute> keep() { return memory_.keep(std::span<const Attribute>{attributes_}); }

 private:
  void cut(AttributeValue& value, std::size_t length) {
    if (auto* text = std::get_if<std::string_view>(&value)) *text = cut_utf8(*text, length);
    auto* texts = std::get_if<std::span<const std::string_view>>(&value);
    if (texts == nullptr) return;
    absl::InlinedVector<std::string_view, 4> short_ones;
    for (const std::string_view text : *texts) short_ones.push_back(cut_utf8(text, length));
    *texts = memory_.keep(std::span<const std::string_view>{short_ones});
  }

  Arena& memory_;
  absl::InlinedVector<Attribute, 20> attributes_;
  std::uint32_t left_out_ = 0;
};

}  // namespace waybill::telemetry
