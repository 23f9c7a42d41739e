#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "waybill/evidence/broker_answer.h"
#include "waybill/evidence/metric_point.h"
#include "waybill/server/sources.h"
#include "waybill/server/span_timeline.h"
#include "waybill/support/expected.h"

namespace waybill::server {

// What the messages of one question have in common: what their groups did, what metrics say of these, and
// what brokers answer. Each is looked up once, and a message gets what it would get alone. Owned by one
// thread; lives as long as the question.
class SharedEvidence {
 public:
  // `earliest_ns`: what is asked for later begins here or after it, mostly.
  SharedEvidence(const Sources& sources, std::int64_t earliest_ns)
      : sources_{sources}, earliest_ns_{earliest_ns} {}

  // Receive, process and settle spans in the partition, for windows that end now, and for those around a
  // message.
  SpanTimeline& near_now(const std::string& topic, std::int32_t partition);
  SpanTimeline& near_message(const std::string& topic, std::int32_t partition);
  // Receive and process spans of the group in the topic.
  SpanTimeline& consumed(const std::string& topic, const std::string& group);

  // At most so many points of a metric; empty group: of all.
  Expected<std::vector<evidence::MetricPoint>> points(const store::PointQuery& query, std::size_t most);

  // The groups that spans name in the minutes of the window.
  const std::set<std::string>& groups_in_flow(const std::string& topic, const store::Window& window);

  const std::optional<evidence::PartitionLog>& log_of(const std::string& topic, std::int32_t partition);
  const std::vector<evidence::CommittedOffset>& committed(const std::string& group, const std::string& topic,
                                                          std::int32_t partition);

 private:
  using Partition = std::pair<std::string, std::int32_t>;
  struct History {
    std::int64_t from_ns;
    std::int64_t to_ns;
    bool is_cut;
    std::vector<evidence::MetricPoint> points;
  };
  SpanTimeline& timeline(std::map<Partition, SpanTimeline>& timelines, const Partition& of);

  const Sources& sources_;
  const std::int64_t earliest_ns_;
  std::map<Partition, SpanTimeline> near_now_;
  std::map<Partition, SpanTimeline> near_message_;
  std::map<std::pair<std::string, std::string>, SpanTimeline> consumed_;
  std::map<std::tuple<std::string, std::string, std::string>, History> histories_;  // metric, topic, group
  std::map<std::tuple<std::string, std::int64_t, std::int64_t>, std::set<std::string>> groups_;
  std::map<Partition, std::optional<evidence::PartitionLog>> logs_;
  std::map<std::pair<std::string, Partition>, std::vector<evidence::CommittedOffset>> committed_;
};

}  // namespace waybill::server
