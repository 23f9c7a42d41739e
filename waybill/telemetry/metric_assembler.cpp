#include "waybill/telemetry/metric_assembler.h"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <tuple>
#include <utility>

#include "waybill/telemetry/metric_table.h"

namespace waybill::telemetry {
namespace {

using segment::CellHistogram;
using segment::CellKind;
using segment::DefinitionKind;

constexpr double kMicrosecond = 1e-6;
constexpr std::size_t kMostProfiles = 4096;

bool is_known(CellKind kind) { return kind >= CellKind::kSend && kind <= CellKind::kSettle; }

std::string_view operation_name(CellKind kind) {
  switch (kind) {
    case CellKind::kSend:
    case CellKind::kFailedRequest:
      return "send";
    case CellKind::kConsume:
    case CellKind::kPoll:
      return "poll";
    case CellKind::kProcess:
      return "process";
    case CellKind::kSettle:
      return "commit";
  }
  return {};
}

// messaging.operation.type, where a metric has it.
std::string_view operation_type(CellKind kind) {
  if (kind == CellKind::kSettle) return "settle";
  return kind == CellKind::kPoll ? "receive" : "send";
}

// Puts points into their metrics, in the order in which they come.
class MetricList {
 public:
  MetricList(const MetricAssembler::Interval& interval, Arena& memory)
      : interval_{interval}, memory_{memory} {}

  void put_number(const MetricDescription& description, std::span<const Attribute> attributes,
                  std::uint64_t value) {
    point(description, attributes).integer = static_cast<std::int64_t>(value);
  }

  // The exemplars go to the next histogram alone.
  void use(const std::vector<Exemplar>& exemplars) {
    exemplars_ = memory_.keep(std::span<const Exemplar>{exemplars});
  }

  // A histogram in which nothing was counted is left out: its times were not known.
  void put_times(const MetricDescription& description, std::span<const Attribute> attributes,
                 const CellHistogram& times) {
    const std::span<const std::uint64_t> all{times.buckets};
    const std::span<const std::uint64_t> buckets = all.first(description.bounds.size() + 1);
    std::uint64_t count = 0;
    for (const std::uint64_t bucket : buckets) count += bucket;
    if (count == 0) return;
    MetricPoint& made = point(description, attributes);
    made.count = count;
    made.sum = static_cast<double>(times.sum_us) * kMicrosecond;
    made.buckets = memory_.keep(buckets);
    made.exemplars = std::exchange(exemplars_, {});
  }

  std::vector<Metric> take() { return std::move(metrics_); }

 private:
  MetricPoint& point(const MetricDescription& description, std::span<const Attribute> attributes) {
    auto metric = std::find_if(metrics_.begin(), metrics_.end(),
                               [&](const Metric& one) { return one.description == &description; });
    if (metric == metrics_.end()) metric = metrics_.insert(metrics_.end(), Metric{&description, {}});
    MetricPoint& made = metric->points.emplace_back();
    made.attributes = memory_.keep(attributes);
    made.start_unix_ns = interval_.start_unix_ns;
    made.time_unix_ns = interval_.time_unix_ns;
    return made;
  }

  const MetricAssembler::Interval interval_;
  Arena& memory_;
  std::vector<Metric> metrics_;
  std::span<const Exemplar> exemplars_;
};

}  // namespace

void MetricAssembler::add(const segment::MetricCell& cell) {
  if (!is_known(cell.key.kind)) return;
  Sums& sums = sums_[series_of(cell.key)];
  sums.count += cell.count;
  sums.bytes += cell.bytes;
  for (std::size_t which = 0; which < std::size(sums.histograms); ++which) {
    CellHistogram& histogram = sums.histograms[which];
    histogram.sum_us += cell.histograms[which].sum_us;
    for (std::size_t at = 0; at < CellHistogram::kBuckets; ++at)
      histogram.buckets[at] += cell.histograms[which].buckets[at];
  }
}

MetricAssembler::Series MetricAssembler::series_of(const segment::CellKey& key) {
  Series series;
  series.kind = key.kind;
  series.is_overflow = key.topic == segment::CellKey::kOverflow;
  if (series.is_overflow) return series;
  series.topic = definitions_.text(key.topic, DefinitionKind::kTopic);
  if (key.partition_plus_1 != 0) series.partition = std::to_string(key.partition_plus_1 - 1);
  const ClientProfile& client = profile(key.profile);
  if (!client.producer) series.group = client.group_id;
  if (key.broker != 0) series.server = parse_server(definitions_.text(key.broker, DefinitionKind::kBroker));
  if (series.server.host.empty()) series.server = client.first_server;
  if (key.error != 0) {
    const std::string_view text = definitions_.text(key.error, DefinitionKind::kError);
    series.error = text.substr(0, text.find('\0'));
    if (series.error.empty()) series.error = "_OTHER";
  }
  return series;
}

const ClientProfile& MetricAssembler::profile(std::uint32_t id) {
  if (profiles_.size() >= kMostProfiles) profiles_.clear();  // more than a host can define
  std::unique_ptr<ClientProfile>& known = profiles_[id];
  if (known == nullptr) {
    known =
        std::make_unique<ClientProfile>(parse_client_profile(definitions_.text(id, DefinitionKind::kClient)));
  }
  return *known;
}

namespace {

class SeriesAttributes {
 public:
  explicit SeriesAttributes(Arena& memory) : memory_{memory} {}

  void put(std::string_view key, std::string_view text) {
    if (!text.empty()) list_.push_back({key, memory_.keep(text)});
  }
  void put(std::string_view key, std::int64_t number) { list_.push_back({key, number}); }
  void put_true(std::string_view key) { list_.push_back({key, true}); }
  std::span<const Attribute> list() const { return list_; }

 private:
  Arena& memory_;
  std::vector<Attribute> list_;
};

}  // namespace

std::vector<Metric> MetricAssembler::take(const Interval& interval, const Exemplars& exemplars,
                                          Arena& memory) {
  MetricList metrics{interval, memory};
  for (const auto& [series, sums] : std::exchange(sums_, {})) {
    SeriesAttributes attributes{memory};
    attributes.put("messaging.system", "kafka");
    attributes.put("messaging.operation.name", operation_name(series.kind));
    attributes.put("messaging.destination.name", series.topic);
    attributes.put("messaging.destination.partition.id", series.partition);
    attributes.put("messaging.consumer.group.name", series.group);
    attributes.put("server.address", series.server.host);
    if (series.server.port != 0) attributes.put("server.port", series.server.port);
    attributes.put("error.type", series.error);
    if (series.is_overflow) attributes.put_true("otel.metric.overflow");
    SeriesAttributes with_type = attributes;
    with_type.put("messaging.operation.type", operation_type(series.kind));
    const std::span<const Attribute> plain = attributes.list();
    metrics.use(exemplars.of({std::string{operation_name(series.kind)}, series.topic, series.group,
                              series.server.host, series.server.port, series.error, series.partition}));
    switch (series.kind) {
      case CellKind::kSend:
        metrics.put_number(metrics::kSentMessages, plain, sums.count);
        metrics.put_number(metrics::kSentBytes, plain, sums.bytes);
        metrics.put_times(metrics::kOperationDuration, with_type.list(), sums.histograms[0]);
        metrics.put_times(metrics::kQueueTime, plain, sums.histograms[1]);
        metrics.put_times(metrics::kBrokerTime, plain, sums.histograms[2]);
        break;
      case CellKind::kConsume:
        metrics.put_number(metrics::kConsumedMessages, plain, sums.count);
        metrics.put_number(metrics::kConsumedBytes, plain, sums.bytes);
        metrics.use({});  // they are durations of other operations
        metrics.put_times(metrics::kRecordAge, plain, sums.histograms[0]);
        break;
      case CellKind::kPoll:
      case CellKind::kSettle:
        metrics.put_times(metrics::kOperationDuration, with_type.list(), sums.histograms[0]);
        break;
      case CellKind::kProcess:
        metrics.put_times(metrics::kProcessDuration, plain, sums.histograms[0]);
        break;
      case CellKind::kFailedRequest:
        metrics.put_number(metrics::kFailedRequests, plain, sums.count);
        break;
    }
  }
  return metrics.take();
}

}  // namespace waybill::telemetry
