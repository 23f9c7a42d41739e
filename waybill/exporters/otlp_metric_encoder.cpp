#include "waybill/exporters/otlp_metric_encoder.h"

#include <bit>

#include "waybill/exporters/otlp_field_writer.h"
#include "waybill/exporters/temporality.h"

namespace waybill::exporters {
namespace {

using telemetry::InstrumentKind;
using telemetry::Metric;
using telemetry::MetricDescription;
using telemetry::MetricPoint;

// Field numbers of opentelemetry-proto 1.5.0, by message.
namespace field {
constexpr int kMetricName = 1, kMetricDescription = 2, kMetricUnit = 3;
constexpr int kMetricGauge = 5, kMetricSum = 7, kMetricHistogram = 9;
constexpr int kDataPoints = 1, kTemporality = 2, kSumIsMonotonic = 3;
constexpr int kPointStart = 2, kPointTime = 3;
constexpr int kNumberDouble = 4, kNumberExemplars = 5, kNumberInt = 6, kNumberAttributes = 7;
constexpr int kHistogramCount = 4, kHistogramSum = 5, kHistogramBuckets = 6, kHistogramBounds = 7;
constexpr int kHistogramExemplars = 8, kHistogramAttributes = 9;
constexpr int kExemplarTime = 2, kExemplarDouble = 3, kExemplarSpan = 4, kExemplarTrace = 5, kExemplarInt = 6;
}  // namespace field

// The numbers of opentelemetry.proto.metrics.v1.AggregationTemporality.
constexpr std::uint64_t kDelta = 1;
constexpr std::uint64_t kCumulative = 2;

constexpr std::size_t kLongLength = 3;  // bytes of the length of a part that is probably long

void write_double(ProtobufWriter& writer, int number, double value) {
  writer.fixed64(number, std::bit_cast<std::uint64_t>(value));
}

void write_exemplars(ProtobufWriter& writer, int number, bool is_integer, const MetricPoint& point) {
  for (const telemetry::Exemplar& one : point.exemplars) {
    const ProtobufWriter::Mark message = writer.begin(number);
    writer.fixed64(field::kExemplarTime, one.time_unix_ns);
    if (is_integer) {
      writer.fixed64(field::kExemplarInt, static_cast<std::uint64_t>(static_cast<std::int64_t>(one.value)));
    } else {
      write_double(writer, field::kExemplarDouble, one.value);
    }
    writer.bytes(field::kExemplarSpan, one.span_id.bytes);
    writer.bytes(field::kExemplarTrace, one.trace_id.bytes);
    writer.end(message);
  }
}

void write_number(OtlpFieldWriter& fields, bool is_integer, const MetricPoint& point) {
  ProtobufWriter& writer = fields.writer;
  const ProtobufWriter::Mark message = writer.begin(field::kDataPoints, 2);
  if (point.start_unix_ns != 0) writer.fixed64(field::kPointStart, point.start_unix_ns);
  writer.fixed64(field::kPointTime, point.time_unix_ns);
  if (is_integer) {
    writer.fixed64(field::kNumberInt, static_cast<std::uint64_t>(point.integer));
  } else {
    write_double(writer, field::kNumberDouble, point.number);
  }
  write_exemplars(writer, field::kNumberExemplars, is_integer, point);
  for (const telemetry::Attribute& one : point.attributes) fields.attribute(field::kNumberAttributes, one);
  writer.end(message);
}

template <typename Number>
void write_packed(ProtobufWriter& writer, int number, std::span<const Number> values) {
  static_assert(sizeof(Number) == 8 && std::endian::native == std::endian::little);
  writer.text(number, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

void write_histogram(OtlpFieldWriter& fields, const MetricDescription& description,
                     const MetricPoint& point) {
  ProtobufWriter& writer = fields.writer;
  const ProtobufWriter::Mark message = writer.begin(field::kDataPoints, 2);
  writer.fixed64(field::kPointStart, point.start_unix_ns);
  writer.fixed64(field::kPointTime, point.time_unix_ns);
  writer.fixed64(field::kHistogramCount, point.count);
  write_double(writer, field::kHistogramSum, point.sum);
  write_packed(writer, field::kHistogramBuckets, point.buckets);
  write_packed(writer, field::kHistogramBounds, description.bounds);
  write_exemplars(writer, field::kHistogramExemplars, false, point);
  for (const telemetry::Attribute& one : point.attributes) fields.attribute(field::kHistogramAttributes, one);
  writer.end(message);
}

int number_of(InstrumentKind instrument) {
  switch (instrument) {
    case InstrumentKind::kCounter:
    case InstrumentKind::kUpDownCounter:
      return field::kMetricSum;
    case InstrumentKind::kGauge:
      return field::kMetricGauge;
    case InstrumentKind::kHistogram:
      return field::kMetricHistogram;
  }
  return field::kMetricGauge;
}

void write_metric(OtlpFieldWriter& fields, const Metric& metric, bool delta) {
  ProtobufWriter& writer = fields.writer;
  const MetricDescription& description = *metric.description;
  const ProtobufWriter::Mark message = writer.begin(OtlpFieldWriter::kItems, 2);
  fields.text(field::kMetricName, description.name);
  fields.text_unless_empty(field::kMetricDescription, description.description);
  fields.text_unless_empty(field::kMetricUnit, description.unit);
  const ProtobufWriter::Mark points = writer.begin(number_of(description.instrument), 2);
  for (const MetricPoint& point : metric.points) {
    if (description.instrument == InstrumentKind::kHistogram) {
      write_histogram(fields, description, point);
    } else {
      write_number(fields, description.is_integer, point);
    }
  }
  if (description.instrument != InstrumentKind::kGauge)
    writer.varint(field::kTemporality, delta ? kDelta : kCumulative);
  if (description.instrument == InstrumentKind::kCounter) writer.varint(field::kSumIsMonotonic, 1);
  writer.end(points);
  writer.end(message);
}

}  // namespace

std::string_view OtlpMetricEncoder::encode(const MetricSnapshots& snapshots) {
  body_.clear();
  OtlpFieldWriter fields{body_};
  for (const auto& snapshot : snapshots) {
    fields.in_scope(*snapshot->resource, kLongLength, [&] {
      for (const Metric& one : snapshot->metrics) {
        if (!one.points.empty()) write_metric(fields, one, is_delta(preference_, *one.description));
      }
    });
  }
  return body_.view();
}

}  // namespace waybill::exporters
