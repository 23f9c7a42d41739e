// Records that are processed together: one process span with a link to each, and what is sent meanwhile is
// its child: a summary, and a confirmation for each record, which go out by one call.
//
//   batch BOOTSTRAP_SERVERS TOPIC SUMMARY_TOPIC COUNT

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "waybill/client/consumer.h"
#include "waybill/client/producer.h"
#include "waybill/client/telemetry.h"

using namespace std::chrono_literals;

namespace {

template <typename Result>
void require(const Result& result) {
  if (result) return;
  std::fprintf(stderr, "batch: %s\n", result.error().message.c_str());
  std::exit(1);
}

}  // namespace

int main(int count, char** values) {
  if (count != 5) return 2;
  auto telemetry = waybill::Telemetry::autoconfigure();
  require(telemetry);
  auto producer = waybill::Producer::create({{"bootstrap.servers", values[1]}});
  auto consumer = waybill::Consumer::create(
      {{"bootstrap.servers", values[1]}, {"group.id", "warehouse"}, {"auto.offset.reset", "earliest"}});
  require(producer);
  require(consumer);
  require(consumer->subscribe({values[2]}));
  for (std::size_t done = 0; done < std::strtoul(values[4], nullptr, 10);) {
    const waybill::Batch batch = consumer->poll_batch(100, 1s);
    if (batch.records.empty()) continue;
    waybill::run_in(batch.process(), [&] {
      const std::string summary = std::to_string(batch.records.size()) + " orders";
      require(producer->send({.topic = values[3], .value = summary}));
      std::vector<waybill::OutgoingRecord> confirmations;
      for (const waybill::Record& record : batch.records)
        confirmations.push_back({.topic = values[3], .value = "confirmed", .key = record.key()});
      for (const auto& sent : producer->send_batch(confirmations)) require(sent);
    });
    done += batch.records.size();
  }
  require(producer->flush(10s));
}
