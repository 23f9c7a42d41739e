#pragma once

#include <cstdint>
#include <memory>

#include "tests/fuzz/counting_exporter.h"
#include "tests/fuzz/hostile_segment.h"
#include "tests/fuzz/script.h"
#include "waybill/collect/exporter_pool.h"
#include "waybill/collect/host.h"
#include "waybill/support/log.h"

namespace waybill::fuzz {

// One script, played against the collecting side as `waybill collect` runs it: a Host with its Reader, Spool
// and SpanAssembler, an exporter that encodes. Between two rounds the hostile host edits its segment, the
// receiver goes away, and the collecting process is killed and started again. Aborts when a promise is
// broken: the books balance, and memory stays within what the spool allows.
class HostileRun {
 public:
  HostileRun(HostileSegment& segment, Script script);

  void play();

 private:
  void step();
  void count();
  void open_host();
  void kill_host();
  void edit_spool();
  void check();
  void check_line(const std::string& line);

  HostileSegment& segment_;
  Script script_;
  std::size_t spool_size_;
  bool spool_in_file_;
  Exported exported_;
  Exported logged_;
  Log log_;
  collect::ExporterPool pool_;
  collect::MetricPool metric_pool_;
  collect::ExporterPool log_pool_;
  std::unique_ptr<collect::Host> host_;
  std::size_t lines_ = 0;
  std::size_t heap_before_;
};

}  // namespace waybill::fuzz
