#include "waybill/cli/books_file.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace waybill::cli {
namespace {

nlohmann::ordered_json as_json(const exporters::ExporterStatistics& statistics) {
  return {{"submitted", statistics.submitted},
          {"exported", statistics.exported},
          {"pending", statistics.pending},
          {"dropped",
           {{"queue_full", statistics.dropped_queue_full},
            {"rejected", statistics.dropped_rejected},
            {"unreachable", statistics.dropped_unreachable}}},
          {"retries", statistics.retries}};
}

}  // namespace

bool write_books(const std::string& path, const collect::Books& books) {
  nlohmann::ordered_json hosts = nlohmann::ordered_json::array();
  for (const collect::HostBooks& host : books.hosts) {
    hosts.push_back({{"program", host.program},
                     {"pid", host.pid},
                     {"started", host.started},
                     {"handed_on", host.handed_on},
                     {"dropped",
                      {{"no_room", host.dropped_no_room},
                       {"lost_end", host.dropped_lost_end},
                       {"spool_full", host.dropped_spool_full},
                       {"no_destination", host.dropped_no_destination}}},
                     {"not_kept", host.not_kept},
                     {"in_flight", host.in_flight},
                     {"log_records_no_destination", host.log_records_no_destination},
                     {"injections_skipped", host.injections_skipped},
                     {"contexts_malformed", host.contexts_malformed},
                     {"clients_not_observed", host.clients_not_observed},
                     {"definitions_dropped", host.definitions_dropped}});
  }
  const nlohmann::ordered_json all{{"hosts", hosts},
                                   {"exporters", as_json(books.exporters)},
                                   {"log_exporters", as_json(books.log_exporters)}};
  std::ofstream file{path};
  file << all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  return static_cast<bool>(file);
}

}  // namespace waybill::cli
