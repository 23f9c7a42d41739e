#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

#include "waybill/exporters/destination.h"

namespace waybill::exporters {

// Writes one line of OTLP JSON for each delivery, to a file or to standard output.
class FileDestination final : public Destination {
 public:
  static constexpr int kNoDescriptor = -1;

  // Appends to the file of this name. It is opened for each delivery, so that it may be moved away; a new one
  // belongs to its owner alone (mode 0600).
  explicit FileDestination(std::string path) : name_{std::move(path)} {}
  // Writes to a descriptor, which stays its owner's.
  FileDestination(int descriptor, std::string name) : name_{std::move(name)}, descriptor_{descriptor} {}

  const std::string& name() const override { return name_; }
  Delivery deliver(Batches batches) override;
  void stop() override { stopped_ = true; }

 private:
  Delivery write_line(int file, std::string line);
  Delivery write_all(int file, std::string_view text);

  const std::string name_;
  const int descriptor_ = kNoDescriptor;
  bool line_is_broken_ = false;  // the last line was written in part only
  std::atomic<bool> stopped_{false};
};

}  // namespace waybill::exporters
