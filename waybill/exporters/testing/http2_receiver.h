#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waybill/exporters/testing/listening_socket.h"

namespace waybill::exporters::testing {

// One request of HTTP/2 (RFC 9113), to be answered frame by frame.
class Http2Stream {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  Http2Stream(int connection, std::uint32_t number) : connection_{connection}, number_{number} {}

  int connection() const { return connection_; }

  // Names and values of fewer than 127 bytes, or 16,510 of a value.
  void headers(const Fields& fields, bool end) const {
    std::string block;
    for (const auto& [name, value] : fields) block += '\0' + sized(name) + sized(value);
    frame(1, end ? 5 : 4, block);
  }
  void data(std::string_view bytes, bool end) const { frame(0, end ? 1 : 0, bytes); }
  void reset(std::uint32_t code) const { frame(3, 0, number(code)); }
  // No stream after `last` was looked at.
  void go_away(std::uint32_t last) const { send_frame(connection_, 7, 0, 0, number(last) + number(0)); }

  static void send_frame(int connection, std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                         std::string_view payload) {
    std::string frame = number(static_cast<std::uint32_t>(payload.size())).substr(1);
    frame += static_cast<char>(type);
    frame += static_cast<char>(flags);
    send_text(connection, frame + number(stream) + std::string{payload});
  }

 private:
  void frame(std::uint8_t type, std::uint8_t flags, std::string_view payload) const {
    send_frame(connection_, type, flags, number_, payload);
  }
  static std::string number(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((value >> shift) & 0xffU);
    return bytes;
  }
  // A string literal of HPACK (RFC 7541, 5.1 and 5.2), not packed.
  static std::string sized(const std::string& text) {
    if (text.size() < 127) return static_cast<char>(text.size()) + text;
    const std::size_t rest = text.size() - 127;
    std::string length{'\x7f'};
    length += static_cast<char>(rest < 128 ? rest : (rest & 0x7fU) | 0x80U);
    if (rest >= 128) length += static_cast<char>(rest >> 7U);
    return length + text;
  }

  int connection_;
  std::uint32_t number_;
};

// Speaks as much HTTP/2 as it takes to read whole requests, and answers each as it is told: also as no sound
// server would.
class Http2Receiver {
 public:
  using Answer = std::function<bool(const Http2Stream& stream)>;  // false: the connection is closed then

  explicit Http2Receiver(Answer answer)
      : answer_{std::move(answer)}, socket_{[this](int connection) { serve(connection); }} {}

  std::string url() const { return socket_.url(); }

 private:
  void serve(int connection) {
    if (!read(connection, kPreface)) return;
    Http2Stream::send_frame(connection, kSettings, 0, 0, {});
    while (const std::optional<std::string> head = read(connection, kHeadSize)) {
      const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>((*head)[at]); };
      const std::size_t size = std::size_t{byte(0)} << 16U | std::size_t{byte(1)} << 8U | byte(2);
      const auto payload = read(connection, size);
      if (!payload) return;
      const std::uint8_t type = byte(3), flags = byte(4);
      if (type == kSettings && flags == 0) Http2Stream::send_frame(connection, kSettings, 1, 0, {});
      if (type == kPing && flags == 0) Http2Stream::send_frame(connection, kPing, 1, 0, *payload);
      const std::uint32_t stream = std::uint32_t{byte(7)} << 8U | byte(8);
      const bool whole = type <= kHeaders && (flags & kEndOfStream) != 0;
      if (whole && !answer_(Http2Stream{connection, stream})) return;
    }
  }
  static std::optional<std::string> read(int connection, std::size_t size) {
    std::string bytes(size, '\0');
    if (size != 0 && recv(connection, bytes.data(), size, MSG_WAITALL) != static_cast<ssize_t>(size))
      return std::nullopt;
    return bytes;
  }

  static constexpr std::size_t kPreface = 24, kHeadSize = 9;
  static constexpr std::uint8_t kHeaders = 1, kSettings = 4, kPing = 6, kEndOfStream = 1;

  Answer answer_;
  ListeningSocket socket_;
};

}  // namespace waybill::exporters::testing
