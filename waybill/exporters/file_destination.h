#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

#include "waybill/exporters/destination.h"

namespace waybill::exporters {

// Writes whole lines of text to a file, or to standard output or error. A pipe that nobody reads is waited
// for, but not for ever.
class FileDestination final : public Destination {
 public:
  static constexpr int kNoDescriptor = -1;

  // The text of one delivery: lines, each with its end.
  using Text = std::string (*)(Batches batches);

  // Appends to the file of this name. It is opened for each delivery, so that it may be moved away; a new one
  // belongs to its owner alone (mode 0600).
  FileDestination(std::string path, Text text) : name_{std::move(path)}, text_{text} {}
  // Writes to a descriptor, which stays its owner's.
  FileDestination(int descriptor, std::string name, Text text)
      : name_{std::move(name)}, text_{text}, descriptor_{descriptor} {}

  const std::string& name() const override { return name_; }
  Delivery deliver(Batches batches) override;
  void stop() override { stopped_ = true; }

 private:
  Delivery write_lines(int file, std::string lines);
  Delivery write_all(int file, std::string_view text);

  const std::string name_;
  const Text text_;
  const int descriptor_ = kNoDescriptor;
  bool line_is_broken_ = false;  // the last line was written in part only
  std::atomic<bool> stopped_{false};
};

}  // namespace waybill::exporters
