#pragma once

#include "waybill/telemetry/metric.h"

// Every metric that is emitted about Kafka clients, in one place. docs/telemetry.md tells the same for users.
namespace waybill::telemetry::metrics {

// Upper bounds in seconds, as segment/metric_cell.h has them in microseconds.
inline constexpr double kDurationBounds[] = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                             0.5,   0.75, 1,     2.5,  5,     7.5, 10};
inline constexpr double kAgeBounds[] = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75,
                                        1,     2.5,  5,     7.5,  10,    30,  60,   300};

// OpenTelemetry semantic conventions 1.44.0, "Semantic conventions for messaging client metrics".
inline constexpr MetricDescription kOperationDuration{
    .name = "messaging.client.operation.duration",
    .unit = "s",
    .description = "Duration of messaging operation initiated by a producer or consumer client.",
    .instrument = InstrumentKind::kHistogram,
    .bounds = kDurationBounds};
inline constexpr MetricDescription kProcessDuration{.name = "messaging.process.duration",
                                                    .unit = "s",
                                                    .description = "Duration of processing operation.",
                                                    .instrument = InstrumentKind::kHistogram,
                                                    .bounds = kDurationBounds};
inline constexpr MetricDescription kSentMessages{
    .name = "messaging.client.sent.messages",
    .unit = "{message}",
    .description = "Number of messages producer attempted to send to the broker."};
inline constexpr MetricDescription kConsumedMessages{
    .name = "messaging.client.consumed.messages",
    .unit = "{message}",
    .description = "Number of messages that were delivered to the application."};

// Beyond the conventions.
inline constexpr MetricDescription kRecordAge{
    .name = "kafka.record.age",
    .unit = "s",
    .description = "Time from a record's timestamp until it was handed to the application.",
    .instrument = InstrumentKind::kHistogram,
    .bounds = kAgeBounds};
inline constexpr MetricDescription kQueueTime{
    .name = "kafka.producer.queue.time",
    .unit = "s",
    .description = "Part of a send: from the hand-over until its produce request left.",
    .instrument = InstrumentKind::kHistogram,
    .bounds = kDurationBounds};
inline constexpr MetricDescription kBrokerTime{
    .name = "kafka.producer.broker.time",
    .unit = "s",
    .description = "Part of a send: from its produce request until the broker's answer.",
    .instrument = InstrumentKind::kHistogram,
    .bounds = kDurationBounds};
inline constexpr MetricDescription kSentBytes{
    .name = "kafka.producer.sent.bytes",
    .unit = "By",
    .description = "Bytes of values and keys of the messages in messaging.client.sent.messages."};
inline constexpr MetricDescription kConsumedBytes{
    .name = "kafka.consumer.consumed.bytes",
    .unit = "By",
    .description = "Bytes of values and keys of the messages in messaging.client.consumed.messages."};
inline constexpr MetricDescription kFailedRequests{
    .name = "kafka.producer.failed.requests",
    .unit = "{request}",
    .description = "Produce requests that got no good answer from their broker."};

}  // namespace waybill::telemetry::metrics
