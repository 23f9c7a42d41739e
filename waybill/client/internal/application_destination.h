#pragma once

#include <string>

#include "waybill/client/internal/exporter_thread.h"
#include "waybill/exporters/destination.h"

namespace waybill::internal {

// An exporter of the application's as a place that spans go to. Threads: as Destination says.
class ApplicationDestination final : public exporters::Destination {
 public:
  // `thread` outlives it.
  explicit ApplicationDestination(ExporterThread& thread) : thread_{thread} {}

  const std::string& name() const override { return thread_.name(); }
  exporters::Delivery deliver(exporters::Batches batches, exporters::Deadline deadline) override {
    return thread_.deliver(caller_, batches, deadline);
  }
  void stop() override { thread_.stop(caller_); }

 private:
  ExporterThread& thread_;
  ExporterThread::Caller caller_;
};

}  // namespace waybill::internal
