#pragma once

#include <functional>
#include <string>
#include <utility>

#include "waybill/exporters/line_file.h"
#include "waybill/exporters/metric_destination.h"

namespace waybill::exporters {

// Writes metrics as lines of text. Threads: as MetricDestination says.
class MetricFileDestination final : public MetricDestination {
 public:
  // The text of one delivery: lines, each with its end.
  using Text = std::function<std::string(const MetricSnapshots&)>;

  // As LineFile has them.
  MetricFileDestination(std::string path, Text text) : file_{std::move(path)}, text_{std::move(text)} {}
  MetricFileDestination(int descriptor, std::string name, Text text)
      : file_{descriptor, std::move(name)}, text_{std::move(text)} {}

  const std::string& name() const override { return file_.name(); }
  Delivery deliver(const MetricSnapshots& snapshots, Deadline deadline) override {
    return file_.write(text_(snapshots), deadline);
  }
  void stop() override { file_.stop(); }

 private:
  LineFile file_;
  const Text text_;
};

}  // namespace waybill::exporters
