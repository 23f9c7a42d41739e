#include "metric_requests.h"

#include <opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h>

#include <algorithm>

#include "span_requests.h"

namespace waybill::bench {
namespace {

namespace proto = opentelemetry::proto;
using proto::collector::metrics::v1::ExportMetricsServiceRequest;
using proto::metrics::v1::AGGREGATION_TEMPORALITY_CUMULATIVE;
using proto::metrics::v1::Metric;

template <typename Point>
void set_text(Point& point, const char* name, const std::string& text) {
  auto* attribute = point.add_attributes();
  attribute->set_key(name);
  attribute->mutable_value()->set_string_value(text);
}

// The metrics of one service up to the end of a minute.
class Request {
 public:
  Request(std::size_t service, std::int64_t begin_ns, std::int64_t now_ns)
      : service_{service},
        begin_ns_{static_cast<std::uint64_t>(begin_ns)},
        now_ns_{static_cast<std::uint64_t>(now_ns)} {
    auto* of_service = request_.add_resource_metrics();
    set_text(*of_service->mutable_resource(), "service.name", service_name(service));
    set_text(*of_service->mutable_resource(), "service.instance.id",
             service_name(service) + "-7d4b9c6f5d-x2x9k");
    metrics_ = of_service->add_scope_metrics()->mutable_metrics();
  }

  void add_sent(std::size_t topic, const MessageCounts::OfTopic& total) {
    Metric& metric = next("messaging.client.sent.messages");
    add_sum(metric, topic, total.sent);
    set_text(*add_sum(metric, topic, total.send_failed), "error.type", "_MSG_TIMED_OUT");
  }

  void add_consumed(std::size_t topic, const MessageCounts::OfTopic& total) {
    set_group(*add_sum(next("messaging.client.consumed.messages"), topic, total.processed));
    Metric& duration = next("messaging.process.duration");
    duration.mutable_histogram()->set_aggregation_temporality(AGGREGATION_TEMPORALITY_CUMULATIVE);
    add_duration(duration, topic, total.processed - total.processing_failed);
    set_text(add_duration(duration, topic, total.processing_failed), "error.type", "std::runtime_error");
  }

  void add_lag(std::size_t topic, std::size_t partition, std::uint64_t messages) {
    add_gauge(next("kafka.consumer.lag"), topic, partition, static_cast<double>(messages));
    add_gauge(next("kafka.consumer.lag.time"), topic, partition, static_cast<double>(messages) / 100);
  }

  std::string body() const { return request_.SerializeAsString(); }

 private:
  Metric& next(const char* name) {
    Metric& metric = *metrics_->Add();
    metric.set_name(name);
    return metric;
  }

  template <typename Point>
  Point* begin(Point* point, std::size_t topic) const {
    point->set_start_time_unix_nano(begin_ns_);
    point->set_time_unix_nano(now_ns_);
    set_text(*point, "messaging.destination.name", topic_name(topic));
    return point;
  }

  template <typename Point>
  void set_group(Point& point) const {
    set_text(point, "messaging.consumer.group.name", group_name(service_));
  }

  proto::metrics::v1::NumberDataPoint* add_sum(Metric& metric, std::size_t topic, std::uint64_t value) const {
    auto& sum = *metric.mutable_sum();
    sum.set_aggregation_temporality(AGGREGATION_TEMPORALITY_CUMULATIVE);
    sum.set_is_monotonic(true);
    auto* point = begin(sum.add_data_points(), topic);
    point->set_as_int(static_cast<std::int64_t>(value));
    return point;
  }

  proto::metrics::v1::HistogramDataPoint& add_duration(Metric& metric, std::size_t topic,
                                                       std::uint64_t count) const {
    auto& point = *begin(metric.mutable_histogram()->add_data_points(), topic);
    set_group(point);
    point.set_count(count);
    point.set_sum(static_cast<double>(count) / 50);
    point.add_explicit_bounds(0.025);
    point.add_bucket_counts(count);
    point.add_bucket_counts(0);
    return point;
  }

  void add_gauge(Metric& metric, std::size_t topic, std::size_t partition, double value) const {
    auto* point = begin(metric.mutable_gauge()->add_data_points(), topic);
    set_group(*point);
    set_text(*point, "messaging.destination.partition.id", std::to_string(partition));
    point->set_as_double(value);
  }

  std::size_t service_;
  std::uint64_t begin_ns_;
  std::uint64_t now_ns_;
  ExportMetricsServiceRequest request_;
  google::protobuf::RepeatedPtrField<Metric>* metrics_ = nullptr;
};

void add(MessageCounts::OfTopic& total, const MessageCounts::OfTopic& more) {
  total.sent += more.sent;
  total.send_failed += more.send_failed;
  total.processed += more.processed;
  total.processing_failed += more.processing_failed;
}

}  // namespace

void MessageCounts::add(const Traffic& traffic, const Trace& trace) {
  for (std::size_t at = 0; at < trace.used; ++at) {
    const Hop& hop = trace.hops[at];
    const auto minute = static_cast<std::size_t>((hop.sent_ns - traffic.begin_ns()) / kMinuteNs);
    OfTopic& count = counts_[std::min(minute, kMinutes - 1)][hop.topic];
    if (hop.send_failed) {
      ++count.send_failed;
      continue;
    }
    ++count.sent;
    ++count.processed;
    if (hop.processing_failed) ++count.processing_failed;
  }
}

void MessageCounts::add(const MessageCounts& other) {
  for (std::size_t minute = 0; minute < kMinutes; ++minute)
    for (std::size_t topic = 0; topic < kTopics; ++topic)
      bench::add(counts_[minute][topic], other.counts_[minute][topic]);
}

void make_metric_requests(const Traffic& traffic, const MessageCounts& counts,
                          const std::function<void(const std::string& body)>& post) {
  std::array<MessageCounts::OfTopic, kTopics> totals{};
  for (std::size_t minute = 0; minute < kMinutes; ++minute) {
    const std::int64_t now_ns = traffic.begin_ns() + static_cast<std::int64_t>(minute + 1) * kMinuteNs - 1;
    for (std::size_t topic = 0; topic < kTopics; ++topic) add(totals[topic], counts.of(minute, topic));
    for (std::size_t service = 0; service < kServices; ++service) {
      Request request{service, traffic.begin_ns(), now_ns};
      for (std::size_t topic = 0; topic < kTopics; ++topic) {
        if (topic % kServices == service) request.add_sent(topic, totals[topic]);
        if ((topic + 1) % kServices != service) continue;
        request.add_consumed(topic, totals[topic]);
        // Each group falls behind now and then, and comes up again.
        for (std::size_t partition = 0; partition < kPartitions; ++partition)
          request.add_lag(topic, partition, (minute + topic + partition) % 12 * 10);
      }
      post(request.body());
    }
  }
}

}  // namespace waybill::bench
