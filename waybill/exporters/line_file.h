#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

#include "waybill/exporters/delivery.h"

namespace waybill::exporters {

// Takes whole lines of text to a file, or to standard output or error. A pipe that nobody reads is waited
// for, but not for ever. Owned by the thread that writes; only stop() may come from another.
class LineFile {
 public:
  static constexpr int kNoDescriptor = -1;

  // Appends to the file of this name. It is opened for each write, so that it may be moved away; a new one
  // belongs to its owner alone (mode 0600).
  explicit LineFile(std::string path) : name_{std::move(path)} {}
  // Writes to a descriptor, which stays its owner's.
  LineFile(int descriptor, std::string name) : name_{std::move(name)}, descriptor_{descriptor} {}

  const std::string& name() const { return name_; }

  // The lines, each with its end. Gives up at the deadline.
  Delivery write(std::string lines, Deadline deadline);

  // Lets a running write() return at once, and every later one.
  void stop() { stopped_ = true; }

 private:
  Delivery write_lines(int file, std::string lines, Deadline deadline);
  Delivery write_all(int file, std::string_view text, Deadline deadline);

  const std::string name_;
  const int descriptor_ = kNoDescriptor;
  bool line_is_broken_ = false;  // the last line was written in part only
  std::atomic<bool> stopped_{false};
};

}  // namespace waybill::exporters
