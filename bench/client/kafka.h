#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "options.h"

namespace waybill::bench {

[[noreturn]] inline void fail(const std::string& what) {
  std::fprintf(stderr, "bench-client: %s\n", what.c_str());
  std::exit(1);
}

// Sets a property; one that this librdkafka does not know is left out if it is `optional`.
inline void set(rd_kafka_conf_t* conf, const char* name, const std::string& value, bool optional = false) {
  char error[256];
  if (rd_kafka_conf_set(conf, name, value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK && !optional)
    fail(error);
}

inline rd_kafka_t* make_client(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
  char error[256];
  rd_kafka_t* client = rd_kafka_new(type, conf, error, sizeof error);
  if (client == nullptr) fail(error);
  return client;
}

// A mock cluster in this process, with one topic of one partition, unless the options name brokers.
class Cluster {
 public:
  explicit Cluster(const Options& options) : brokers_{options.brokers} {
    if (!brokers_.empty()) return;
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    set(conf, "log_level", "3");  // it has no servers, and says so
    owner_ = make_client(RD_KAFKA_PRODUCER, conf);
    mock_ = rd_kafka_mock_cluster_new(owner_, 1);
    rd_kafka_mock_topic_create(mock_, options.topic.c_str(), 1, 1);
    brokers_ = rd_kafka_mock_cluster_bootstraps(mock_);
  }
  ~Cluster() {
    if (mock_ != nullptr) rd_kafka_mock_cluster_destroy(mock_);
    if (owner_ != nullptr) rd_kafka_destroy(owner_);
  }
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  const std::string& brokers() const { return brokers_; }

 private:
  std::string brokers_;
  rd_kafka_t* owner_ = nullptr;
  rd_kafka_mock_cluster_t* mock_ = nullptr;
};

}  // namespace waybill::bench
