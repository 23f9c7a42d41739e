#include "waybill/lag/cluster_connection.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace waybill::lag {
namespace {

using internal::Event;
using internal::PartitionList;

// Small answers: what is read is a look, not a copy of the log.
const brokers::Properties kOwnProperties{
    {"client.id", "waybill-lag"},
    {"auto.offset.reset", "error"},
    {"check.crcs", "false"},
    {"fetch.wait.max.ms", "100"},
    {"fetch.message.max.bytes", "65536"},
    {"queued.max.messages.kbytes", "2048"},
};

// Those that would make the connection something else.
constexpr auto kRefusedProperties =
    std::to_array<std::string_view>({"group.id", "isolation.level", "enable.auto.commit",
                                     "enable.partition.eof", "auto.offset.reset", "statistics.interval.ms"});

Error setting_error(const std::string& name, const std::string& problem) {
  return {Error::Code::kInvalidSetting, name + " " + problem};
}

// The brokers are away or too slow: it makes no sense to ask for the next thing. Everything else concerns
// what was asked for alone.
bool is_away(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__TRANSPORT || error == RD_KAFKA_RESP_ERR__TIMED_OUT ||
         error == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE || error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
         error == RD_KAFKA_RESP_ERR__RESOLVE || error == RD_KAFKA_RESP_ERR__SSL ||
         error == RD_KAFKA_RESP_ERR__AUTHENTICATION || error == RD_KAFKA_RESP_ERR__DESTROY;
}

Error broker_error(const std::string& what, rd_kafka_resp_err_t error) {
  return {is_away(error) ? Error::Code::kNetwork : Error::Code::kNotFound,
          what + ": " + rd_kafka_err2str(error)};
}

Expected<brokers::Conf> make_conf(const ClusterConfig& config, bool read_committed) {
  for (const auto& property : config.properties) {
    const auto* const refused =
        std::find(kRefusedProperties.begin(), kRefusedProperties.end(), property.first);
    if (refused != kRefusedProperties.end()) return setting_error(property.first, "cannot be set here");
  }
  brokers::Properties ours = kOwnProperties;
  ours.emplace_back("bootstrap.servers", config.bootstrap_servers);
  return brokers::make_conf(ours, config.properties,
                            {{"enable.auto.commit", "false"},
                             {"enable.partition.eof", "true"},
                             {"isolation.level", read_committed ? "read_committed" : "read_uncommitted"}});
}

bool is_answer(const rd_kafka_topic_partition_t& partition) {
  return partition.err == RD_KAFKA_RESP_ERR_NO_ERROR && partition.offset >= 0;
}

bool is_rebalancing(rd_kafka_consumer_group_state_t state) {
  return state == RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE ||
         state == RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE;
}

Offsets offsets_in(const rd_kafka_topic_partition_list_t& list) {
  Offsets offsets;
  for (const rd_kafka_topic_partition_t& one : std::span{list.elems, static_cast<std::size_t>(list.cnt)}) {
    if (is_answer(one)) offsets.insert_or_assign({one.topic, one.partition}, one.offset);
  }
  return offsets;
}

}  // namespace

Expected<std::unique_ptr<ClusterConnection>> ClusterConnection::open(const ClusterConfig& config,
                                                                     bool read_committed,
                                                                     std::chrono::milliseconds timeout) {
  Expected<brokers::Conf> conf = make_conf(config, read_committed);
  if (!conf) return conf.error();
  Expected<brokers::Client> client = brokers::make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return setting_error("the properties", "do not fit together: " + client.error().message);
  return std::unique_ptr<ClusterConnection>{new ClusterConnection{std::move(*client), timeout}};
}

ClusterConnection::ClusterConnection(brokers::Client client, std::chrono::milliseconds timeout)
    : client_{std::move(client)}, queue_{rd_kafka_queue_new(client_.get())}, timeout_{timeout} {}

Expected<Offsets> ClusterConnection::log_starts(const std::vector<TopicPartition>& of) {
  return list_offsets(of, RD_KAFKA_OFFSET_BEGINNING);
}

Expected<Offsets> ClusterConnection::log_ends(const std::vector<TopicPartition>& of) {
  return list_offsets(of, RD_KAFKA_OFFSET_END);
}

// The two logical offsets stand where a time would: so the protocol has it, and librdkafka hands it on.
Expected<Offsets> ClusterConnection::list_offsets(const std::vector<TopicPartition>& of, std::int64_t which) {
  if (of.empty()) return Offsets{};
  const PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(of.size()))};
  for (const TopicPartition& one : of)
    rd_kafka_topic_partition_list_add(list.get(), one.topic.c_str(), one.partition)->offset = which;
  const rd_kafka_resp_err_t error =
      rd_kafka_offsets_for_times(client_.get(), list.get(), static_cast<int>(timeout_.count()));
  // Topics that were deleted are no failure: the others have their answer.
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
    return broker_error("the ends of the logs", error);
  return offsets_in(*list);
}

Expected<std::vector<std::string>> ClusterConnection::groups(const std::stop_token& stop) {
  rd_kafka_ListConsumerGroups(client_.get(), options(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS).get(),
                              queue_.get());
  Expected<Event> event = answer("groups", stop);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto** listings = rd_kafka_ListConsumerGroups_result_valid(
      rd_kafka_event_ListConsumerGroups_result(event->get()), &count);
  std::vector<std::string> names;
  for (const auto* listing : std::span{listings, count})
    names.emplace_back(rd_kafka_ConsumerGroupListing_group_id(listing));
  return names;
}

Expected<ClusterConnection::Groups> ClusterConnection::describe(const std::vector<std::string>& groups,
                                                                const std::stop_token& stop) {
  Groups described;
  if (groups.empty()) return described;
  std::vector<const char*> names;
  names.reserve(groups.size());
  for (const std::string& group : groups) names.push_back(group.c_str());
  rd_kafka_DescribeConsumerGroups(client_.get(), names.data(), names.size(),
                                  options(RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS).get(), queue_.get());
  Expected<Event> event = answer("groups", stop);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto** descriptions = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event->get()), &count);
  for (const auto* description : std::span{descriptions, count}) {
    if (rd_kafka_ConsumerGroupDescription_error(description) != nullptr) continue;
    Group& group = described[rd_kafka_ConsumerGroupDescription_group_id(description)];
    group.is_rebalancing = is_rebalancing(rd_kafka_ConsumerGroupDescription_state(description));
    for (std::size_t at = 0; at < rd_kafka_ConsumerGroupDescription_member_count(description); ++at) {
      const auto* member = rd_kafka_ConsumerGroupDescription_member(description, at);
      group.members.push_back(
          {rd_kafka_MemberDescription_client_id(member), rd_kafka_MemberDescription_consumer_id(member)});
    }
  }
  return described;
}

Expected<std::string> ClusterConnection::cleanup_policy(const std::string& topic,
                                                        const std::stop_token& stop) {
  const std::string what = "the configuration of " + topic;
  const internal::ConfigRequest request{rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str())};
  rd_kafka_ConfigResource_t* only = request.get();
  rd_kafka_DescribeConfigs(client_.get(), &only, 1, options(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS).get(),
                           queue_.get());
  Expected<Event> event = answer(what, stop);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto** topics =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  if (count == 0) return Error{Error::Code::kNotFound, what + " is not told"};
  if (const rd_kafka_resp_err_t error = rd_kafka_ConfigResource_error(topics[0]);
      error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return broker_error(what, error);
  const auto** entries = rd_kafka_ConfigResource_configs(topics[0], &count);
  for (const auto* entry : std::span{entries, count}) {
    const char* value = rd_kafka_ConfigEntry_value(entry);
    if (value != nullptr && rd_kafka_ConfigEntry_name(entry) == std::string_view{"cleanup.policy"})
      return std::string{value};
  }
  return Error{Error::Code::kNotFound, what + " does not tell cleanup.policy"};
}

Expected<Offsets> ClusterConnection::committed(const std::string& group, const std::stop_token& stop) {
  const internal::GroupRequest request{rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr)};
  rd_kafka_ListConsumerGroupOffsets_t* only = request.get();
  rd_kafka_ListConsumerGroupOffsets(client_.get(), &only, 1,
                                    options(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS).get(), queue_.get());
  Expected<Event> event = answer("groups", stop);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto** results = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event->get()), &count);
  if (count == 0) return Offsets{};
  if (const rd_kafka_error_t* error = rd_kafka_group_result_error(results[0]))
    return broker_error("its offsets", rd_kafka_error_code(error));
  return offsets_in(*rd_kafka_group_result_partitions(results[0]));
}

internal::Options ClusterConnection::options(rd_kafka_admin_op_t operation) {
  internal::Options options{rd_kafka_AdminOptions_new(client_.get(), operation)};
  std::array<char, 512> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(timeout_.count()), text.data(),
                                            text.size());
  return options;
}

// Every request has one answer, also when its time is over, so the queue is empty again after it. When we are
// to stop, nobody asks again.
Expected<Event> ClusterConnection::answer(const std::string& what, const std::stop_token& stop) {
  constexpr int kSliceMs = 100;
  while (!stop.stop_requested()) {
    Event event{rd_kafka_queue_poll(queue_.get(), kSliceMs)};
    if (!event) continue;
    const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return broker_error(what, error);
    return event;
  }
  return broker_error(what, RD_KAFKA_RESP_ERR__DESTROY);
}

}  // namespace waybill::lag
