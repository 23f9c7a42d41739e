#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/script.h"
#include "waybill/segment/layout.h"
#include "waybill/segment/record.h"

namespace waybill::fuzz {

// A segment that begins as a host's Writer makes it, and is then written by somebody who knows the format and
// keeps to it only when that serves him. One file in memory for all runs; restore() makes it sound again.
class HostileSegment {
 public:
  HostileSegment();
  ~HostileSegment();
  HostileSegment(const HostileSegment&) = delete;
  HostileSegment& operator=(const HostileSegment&) = delete;

  void restore();

  // Another descriptor of the file, for a Reader to own.
  int open_again() const;

  // Records that keep to the format, `count` of them with steps in between, behind what was committed.
  void append(segment::RecordKind kind, Script& script);
  // A record whose header, size and stamp the script chooses.
  void append_raw(Script& script);

  void edit_host_page(Script& script);
  void edit_chunk(Script& script);
  void edit_definition(Script& script);
  void edit_anywhere(Script& script);
  void set_environment(Script& script);
  void resize(Script& script);
  void punch(Script& script);

 private:
  struct Chunk {
    std::uint64_t committed;
    std::uint64_t place;  // in the file
  };

  void make_template();
  void put(std::uint64_t place, const void* bytes, std::size_t size);
  template <typename Word>
  Word get(std::uint64_t place) const;
  void commit(std::uint32_t chunk, std::span<const std::uint8_t> record, std::uint32_t stamp_error);
  std::uint32_t definition(std::uint64_t number) const;
  std::vector<std::uint8_t> record_of(segment::RecordKind kind, Script& script) const;

  int file_ = -1;
  segment::Layout layout_;
  std::vector<std::uint8_t> head_;  // of a sound segment, up to the chunks' place
  std::vector<std::uint32_t> definitions_;
  bool environment_is_clean_ = true;
};

}  // namespace waybill::fuzz
