#pragma once

#include <functional>
#include <string>
#include <utility>

#include "waybill/exporters/destination.h"
#include "waybill/exporters/line_file.h"

namespace waybill::exporters {

// Writes spans as lines of text. Threads: as Destination says.
class FileDestination final : public Destination {
 public:
  // The text of one delivery: lines, each with its end.
  using Text = std::function<std::string(Batches batches)>;

  // As LineFile has them.
  FileDestination(std::string path, Text text) : file_{std::move(path)}, text_{std::move(text)} {}
  FileDestination(int descriptor, std::string name, Text text)
      : file_{descriptor, std::move(name)}, text_{std::move(text)} {}

  const std::string& name() const override { return file_.name(); }
  Delivery deliver(Batches batches, Deadline deadline) override {
    return file_.write(text_(batches), deadline);
  }
  void stop() override { file_.stop(); }

 private:
  LineFile file_;
  const Text text_;
};

}  // namespace waybill::exporters
