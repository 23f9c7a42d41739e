#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "waybill/client/span_exporter.h"
#include "waybill/exporters/destination.h"

namespace waybill::internal {

// Calls an exporter of the application's on a thread of its own: it may hang, and nobody waits for it longer
// than he wants. Thread-safe.
class ExporterThread {
 public:
  // Throws std::system_error where there is no room for a thread.
  ExporterThread(std::shared_ptr<SpanExporter> exporter, std::string name);
  // Leaves a call behind that does not return.
  ~ExporterThread();
  ExporterThread(const ExporterThread&) = delete;
  ExporterThread& operator=(const ExporterThread&) = delete;

  // What messages call the exporter.
  const std::string& name() const { return name_; }

  // One of those who deliver to it. `stopped` is set under the lock, by stop().
  struct Caller {
    bool stopped = false;
  };
  // As Destination::deliver().
  exporters::Delivery deliver(Caller& caller, exporters::Batches batches, exporters::Deadline deadline);
  void stop(Caller& caller);

  // Tells the exporter that nothing comes any more. False: it has not returned by then.
  bool shutdown(exporters::Deadline deadline);

 private:
  using Batch = std::shared_ptr<const telemetry::SpanBatch>;

  // The mutex guards both.
  struct Call {
    std::vector<Batch> batches;
    std::optional<exporters::Delivery> answer;
  };
  // Shared with the thread, which may stay behind.
  struct Work {
    std::shared_ptr<SpanExporter> exporter;
    std::mutex mutex;
    std::condition_variable changed;
    // Guarded by mutex.
    std::shared_ptr<Call> call;  // shared with who waits for it; null: nothing is to be done
    bool shall_end = false;
    bool has_ended = false;
  };
  static void run(const std::shared_ptr<Work>& work);
  static exporters::Delivery export_by(SpanExporter& exporter, exporters::Batches batches);

  const std::string name_;
  const std::shared_ptr<Work> work_;
  std::thread thread_;
};

}  // namespace waybill::internal
