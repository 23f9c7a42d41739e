// The application's callback throws through rd_kafka_consume_callback; the exception must arrive, and the
// next call work.
#include <setjmp.h>
#include <unistd.h>

#include <stdexcept>

extern "C" {
#include "../../support/host.h"
}

namespace {

int seen = 0;
jmp_buf back;

void throw_it(rd_kafka_message_t* message, void*) {
  if (message->err) return;
  ++seen;
  throw std::runtime_error("from the callback");
}

void jump_out(rd_kafka_message_t* message, void*) {
  if (message->err) return;
  ++seen;
  longjmp(back, 1);
}

void send_one(rd_kafka_t* producer, const char* topic) {
  CHECK(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0),
                          RD_KAFKA_V_VALUE(const_cast<char*>("x"), 1),
                          RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  CHECK(rd_kafka_flush(producer, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

}  // namespace

int main(int count, char** values) {
  rd_kafka_t* producer = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  rd_kafka_t* client = host_client(RD_KAFKA_CONSUMER, host_conf(count, values));
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client, values[2], nullptr);
  send_one(producer, values[2]);
  CHECK(rd_kafka_consume_start(topic, 0, RD_KAFKA_OFFSET_BEGINNING) == 0);
  // One message at a time: librdkafka loses those that it has taken together with the one whose callback
  // throws.
  for (int turn = 1; turn <= 2; ++turn) {
    if (turn > 1) send_one(producer, values[2]);
    while (seen < turn) {
      try {
        rd_kafka_consume_callback(topic, 0, 1000, throw_it, nullptr);
      } catch (const std::runtime_error& error) {
        std::printf("caught %s\n", error.what());
      }
    }
  }
  send_one(producer, values[2]);
  while (seen < 3) {
    if (setjmp(back) == 0) {
      rd_kafka_consume_callback(topic, 0, 1000, jump_out, nullptr);
    } else {
      std::printf("jumped\n");
    }
  }
  send_one(producer, values[2]);  // after a poll that never returned
  std::printf("done\n");
  std::fflush(stdout);
  _exit(0);  // librdkafka's own state is unknown after the jump: no destroy
}
