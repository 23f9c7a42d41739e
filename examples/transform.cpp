// Consume, transform, produce, in a transaction for each batch: the results and the offsets become visible
// together, or neither does.
//
//   transform BOOTSTRAP_SERVERS FROM TO COUNT

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "waybill/client/consumer.h"
#include "waybill/client/producer.h"
#include "waybill/client/telemetry.h"

using namespace std::chrono_literals;

namespace {

template <typename Result>
void require(const Result& result) {
  if (result) return;
  std::fprintf(stderr, "transform: %s\n", result.error().message.c_str());
  std::exit(1);
}

std::string transformed(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char letter) { return std::toupper(letter); });
  return result;
}

}  // namespace

int main(int count, char** values) {
  if (count != 5) return 2;
  auto telemetry = waybill::Telemetry::autoconfigure();
  require(telemetry);
  auto producer =
      waybill::Producer::create({{"bootstrap.servers", values[1]}, {"transactional.id", "transform"}});
  require(producer);
  if (rd_kafka_error_t* error = rd_kafka_init_transactions(producer->native_handle(), 30000)) {
    std::fprintf(stderr, "transform: %s\n", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return 1;
  }
  auto consumer = waybill::Consumer::create({{"bootstrap.servers", values[1]},
                                             {"group.id", "transform"},
                                             {"auto.offset.reset", "earliest"},
                                             {"enable.auto.commit", "false"}});
  require(consumer);
  require(consumer->subscribe({values[2]}));

  for (std::size_t done = 0; done < std::strtoul(values[4], nullptr, 10);) {
    waybill::Batch batch = consumer->poll_batch(100, 1s);
    if (batch.error) std::fprintf(stderr, "transform: %s\n", batch.error->message.c_str());
    if (batch.records.empty()) continue;
    auto transaction = waybill::Transaction::begin(*producer);
    require(transaction);
    for (waybill::Record& record : batch.records) {
      waybill::process(record, [&](const waybill::Record& one) {
        require(producer->send(
            {.topic = values[3], .value = transformed(one.value().value_or("")), .key = one.key()}));
      });
    }
    require(transaction->send_offsets(consumer->native_handle(), 10s));
    require(transaction->commit(10s));
    done += batch.records.size();
    std::printf("%zu records\n", batch.records.size());
  }
}
