// Users of the C++ API that go wrong: api-faults SITUATION BROKERS TOPIC GROUP. The first line is the process
// id.

#include <cstdio>
#include <stdexcept>

#include "tests/api/situations.h"

struct CardDeclined : std::runtime_error {
  using std::runtime_error::runtime_error;
};

namespace {

waybill::Consumer member_of(const Place& place) {
  return consumer_of(place, {{"group.id", place.out}, {"enable.auto.commit", "false"}});
}

// The handler throws at the second of four; the program goes on as if nothing had happened.
void swallows(const Place& place) {
  waybill::Consumer consumer = member_of(place);
  for (int handled = 0; handled < 4; ++handled) {
    waybill::Record record = next(consumer);
    try {
      waybill::process(record, [&](waybill::Record&) {
        if (handled == 1) throw CardDeclined{"card 4711 was declined"};
      });
    } catch (const CardDeclined&) {
    }
    require(consumer.commit(record));
  }
  require(consumer.close());
}

// Commits the second of four before it is processed, and never comes to that.
void commits_first(const Place& place) {
  waybill::Consumer consumer = member_of(place);
  waybill::Record first = next(consumer);
  waybill::process(first, [](waybill::Record&) {});
  waybill::Record second = next(consumer);
  waybill::process(second, [&](waybill::Record& record) {
    require(consumer.commit(record));
    std::printf("committed\n");
    std::fflush(stdout);
    for (;;) pause();
  });
}

// The message is in the log when its transaction is aborted.
void aborts(const Place& place) {
  waybill::Producer producer = transactional(place);
  auto transaction = waybill::Transaction::begin(producer);
  require(transaction);
  require(producer.send({.topic = place.topic, .value = "order", .partition = 0}));
  require(producer.flush(30s));
  require(transaction->abort(30s));
}

}  // namespace

int main(int count, char** values) {
  std::printf("%d\n", static_cast<int>(getpid()));
  std::fflush(stdout);
  const int result = run_situation(
      {{"swallows", swallows}, {"commits_first", commits_first}, {"aborts", aborts}}, count, values);
  std::printf("done\n");
  return result;
}
