#include "waybill/kafka/application_calls.h"

#include <cstdio>
#include <cstring>
#include <span>

#include "waybill/base/hook.h"
#include "waybill/context/baggage.h"
#include "waybill/context/percent_decoding.h"
#include "waybill/kafka/context_headers.h"
#include "waybill/kafka/incoming_message.h"
#include "waybill/kafka/message_headers.h"
#include "waybill/kafka/observed_client.h"
#include "waybill/observe/thread_state.h"

namespace waybill::kafka {
namespace {

using observe::Room;

constexpr std::size_t kMostSettled = 128;  // partitions of one commit

// Calls `visit` with each message that is observed.
template <typename Visitor>
void for_each_message(Room& room, const Observed& one, rd_kafka_message_t* const* messages, std::size_t count,
                      Visitor&& visit) {
  for (std::size_t at = 0; at < count; ++at) {
    rd_kafka_message_t* message = messages[at];
    if (message == nullptr || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const char* topic = one.api->topic_name(message->rkt);
    if (!room.observes(topic)) continue;
    const FoundContext creation = creation_of(room, *one.api, message);
    visit(incoming_message(*one.api, message, topic, creation.message));
  }
}

observe::ScopeTicket begin_one(Room& room, const Observed& one, rd_kafka_message_t* const* messages) {
  observe::ScopeTicket ticket{};
  for_each_message(room, one, messages, 1, [&](const observe::IncomingMessage& message) {
    ticket = room.begin_processing(*one.client, message);
  });
  return ticket;
}

observe::ScopeTicket begin_several(Room& room, const Observed& one, rd_kafka_message_t* const* messages,
                                   std::size_t count) {
  observe::PollFrame batch;
  for_each_message(room, one, messages, count, [&](const observe::IncomingMessage& message) {
    room.add_to_batch(batch, *one.client, message);
  });
  return room.begin_batch_processing(batch);
}

// For the commit that will settle them.
void remember(Room& room, const Observed& one, rd_kafka_message_t* const* messages, std::size_t count) {
  for (std::size_t at = 0; at < count; ++at) {
    const rd_kafka_message_t* message = messages[at];
    if (message == nullptr || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const char* topic = one.api->topic_name(message->rkt);
    if (room.observes(topic))
      room.remember_processing(*one.client, {topic, message->partition, message->offset});
  }
}

// Puts those in that are observed, of which something is committed. A consumer commits all its partitions,
// those where nothing was read too: where there is not room for all, these are left out.
void put_partitions(Room& room, const Observed& one, const rd_kafka_topic_partition_list_t* offsets,
                    std::span<observe::SettledPartition> partitions, observe::Settlement& told) {
  const bool all = offsets == nullptr || static_cast<std::size_t>(offsets->cnt) <= partitions.size();
  const char* topic = nullptr;
  for (int at = 0; offsets != nullptr && at < offsets->cnt; ++at) {
    const rd_kafka_topic_partition_t& element = offsets->elems[at];
    if (element.offset < 0 || !room.observes(element.topic)) continue;
    if (topic == nullptr) topic = element.topic;
    told.of_several_topics = told.of_several_topics || std::strcmp(topic, element.topic) != 0;
    const observe::SettledPartition partition{element.topic, element.partition, element.offset};
    if (told.count < partitions.size() && (all || room.waits_for_settlement(*one.client, partition))) {
      partitions[told.count++] = partition;
    } else {
      told.is_cut = true;
    }
  }
  told.partitions = partitions.data();
}

// The error of a whole topic has partition 0 as well, but no offset.
bool is_of_partition(const rd_kafka_message_t& error) {
  return error.partition > 0 || error.offset >= 0 || error.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET;
}

observe::MessageHeaders headers_of_refused(const observe::HeaderSource& source, const void* message,
                                           std::uint32_t propagators) {
  const auto& refused = *static_cast<const RefusedMessage*>(message);
  return headers_in(*static_cast<const Api*>(source.door), refused.headers, refused.body, propagators);
}

std::uint32_t define_error(Room& room, const char* type) {
  char text[256];
  const int size = std::snprintf(text, sizeof text, "%s%c", type, '\0');
  if (size <= 0) return 0;
  const auto length = static_cast<std::size_t>(size);
  return room.define_error({text, length < sizeof text ? length : sizeof text - 1});
}

}  // namespace

bool is_observed(const rd_kafka_t* client) {
  return Room::entered() != nullptr && find_observed(client) != nullptr;
}

observe::ScopeTicket begin_processing(rd_kafka_t* client, rd_kafka_message_t* const* messages,
                                      std::size_t count) {
  observe::ScopeTicket ticket{};
  base::run_hook([&] {
    Room* room = Room::entered();
    const Observed* one = room == nullptr ? nullptr : find_observed(client);
    if (one == nullptr) return;
    ticket = count == 1 ? begin_one(*room, *one, messages) : begin_several(*room, *one, messages, count);
    if (ticket.scope != 0) remember(*room, *one, messages, count);
  });
  return ticket;
}

void end_processing(const observe::ScopeTicket& ticket, const char* error_type, const char* description) {
  if (ticket.scope == 0) return;
  base::run_hook([&] {
    Room* room = Room::entered();
    if (room == nullptr) return;
    observe::ProcessingFailure failure;
    if (error_type != nullptr) {
      failure.error = define_error(*room, error_type);
      if (description != nullptr) failure.description = description;
    }
    room->end_processing(ticket, failure);
  });
}

observe::ScopeTicket begin_context(const PlainHeader* headers, std::size_t count) {
  observe::ScopeTicket ticket{};
  base::run_hook([&] {
    Room* room = Room::entered();
    if (room == nullptr) return;
    const FoundContext found = find_context({headers, count}, room->propagators());
    if (found.malformed) room->count(segment::HostCounter::kContextsMalformed);
    ticket = room->begin_context(found.message);
  });
  return ticket;
}

void poll_failed(rd_kafka_t* client, const rd_kafka_message_t* message) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;
  base::run_hook([&] {
    Room* room = Room::entered();
    const Observed* one = room == nullptr ? nullptr : find_observed(client);
    if (one == nullptr) return;
    observe::PollFailure failure{.error = error_of(*room, *one->api, message->err)};
    if (message->rkt != nullptr) {
      failure.topic = one->api->topic_name(message->rkt);
      if (is_of_partition(*message)) failure.partition = message->partition;
      if (!room->observes(failure.topic)) return;
    }
    // Where a message has its value, an error has its text.
    if (message->payload != nullptr)
      failure.description = {static_cast<const char*>(message->payload), message->len};
    room->fail_poll(*one->client, failure);
  });
}

std::uint32_t hooks_run() { return observe::thread_state.hooks; }

void send_refused(rd_kafka_t* client, const RefusedMessage& message) {
  base::run_hook([&] {
    Room* room = Room::entered();
    const Observed* one = room == nullptr ? nullptr : find_observed(client);
    if (one == nullptr || !room->observes(message.topic)) return;
    observe::Acknowledgement answer;
    answer.address = &message;
    answer.partition = message.partition;
    answer.error = error_of(*room, *one->api, message.error);
    answer.persistence = segment::Persistence::kNotPersisted;
    answer.topic = message.topic;
    answer.size = message.body_size + message.key_size;
    answer.latency_us = 0;
    room->refuse_send(*one->client,
                      {.address = &message,
                       .topic = message.topic,
                       .key = message.key,
                       .key_size = message.key_size,
                       .body_size = message.body_size,
                       .tombstone = message.body == nullptr,
                       .has_headers = true,
                       .headers = {headers_of_refused, one->api}},
                      answer);
  });
}

std::uint64_t begin_transaction(rd_kafka_t* producer) {
  std::uint64_t ticket = 0;
  base::run_hook([&] {
    Room* room = Room::entered();
    const Observed* one = room == nullptr ? nullptr : find_observed(producer);
    if (one != nullptr) ticket = room->begin_transaction(*one->client);
  });
  return ticket;
}

void end_transaction(rd_kafka_t* producer, std::uint64_t ticket, const EndedTransaction& end) {
  if (ticket == 0) return;
  base::run_hook([&] {
    Room* room = Room::entered();
    const Observed* one = room == nullptr ? nullptr : find_observed(producer);
    if (one == nullptr) return;
    observe::TransactionEnd told{.outcome = end.outcome, .error = error_of(*room, *one->api, end.error)};
    if (told.error == 0 && end.error_type != nullptr) told.error = define_error(*room, end.error_type);
    if (end.description != nullptr) told.description = end.description;
    room->end_transaction(*one->client, ticket, told);
  });
}

void settled(rd_kafka_t* consumer, rd_kafka_t* producer, const Settled& settled) {
  base::run_hook([&] {
    Room* room = Room::entered();
    if (room == nullptr) return;
    const Observed* one = find_observed(consumer);
    const Observed* within = producer == nullptr ? nullptr : find_observed(producer);
    if (one == nullptr) one = within;
    if (one == nullptr) return;
    observe::SettledPartition partitions[kMostSettled];
    observe::Settlement told;
    told.start_ns = settled.start_ns;
    put_partitions(*room, *one, settled.offsets, partitions, told);
    if (told.count == 0 && !told.is_cut && settled.offsets != nullptr) return;
    if (settled.is_record && told.count == 1) told.offset = partitions[0].end - 1;
    told.error = error_of(*room, *one->api, settled.error);
    if (settled.description != nullptr) told.description = settled.description;
    room->settle(*one->client, within == nullptr ? nullptr : within->client, told);
  });
}

void begin_batch(rd_kafka_t* producer, const char* topic, std::size_t topic_size, observe::SendBatch& batch) {
  base::run_hook([&] {
    Room* room = Room::entered();
    const Observed* one = room == nullptr ? nullptr : find_observed(producer);
    const std::string_view name{topic, topic_size};
    if (one == nullptr || (!name.empty() && !room->observes(name))) return;
    room->begin_batch(*one->client, name, batch);
  });
}

void leave_batch(const observe::SendBatch& batch) {
  base::run_hook([&] {
    if (Room* room = Room::entered())
      room->leave_batch(batch);
    else
      observe::thread_state.batch = nullptr;  // a child that has none yet
  });
}

void end_batch(rd_kafka_t* producer, observe::SendBatch& batch, rd_kafka_resp_err_t error,
               const char* description) {
  base::run_hook([&] {
    Room* room = Room::entered();
    const Observed* one = room == nullptr ? nullptr : find_observed(producer);
    if (one != nullptr) room->end_batch(batch, {error_of(*room, *one->api, error), description});
  });
}

// `put` is the application's code, so it runs when the hook has ended. The texts live as long as the scope,
// which this thread holds.
void inject_current(PutHeader put, void* target) {
  context::Propagators propagators;
  observe::MessageContext current;
  base::run_hook([&] {
    const Room* room = Room::entered();
    if (room == nullptr) return;
    propagators = room->propagators();
    current = room->current_context();
  });
  const ContextHeaders headers{propagators, current.context, current.tracestate, current.baggage};
  headers.for_each([&](std::string_view name, std::string_view value) {
    // Names are literals, so a zero byte stands behind each.
    put(target, name.data(), value.data(), value.size());
  });
}

std::ptrdiff_t baggage_value(std::string_view key, char* value, std::size_t size) {
  std::ptrdiff_t decoded = -1;
  base::run_hook([&] {
    const Room* room = Room::entered();
    if (room == nullptr) return;
    const auto found = context::baggage_value(room->current_context().baggage, key);
    if (found) decoded = static_cast<std::ptrdiff_t>(context::decode_percent(*found, {value, size}));
  });
  return decoded;
}

bool current_span(observe::ApplicationSpan& span) {
  bool is_there = false;
  base::run_hook([&] {
    const Room* room = Room::entered();
    if (room == nullptr) return;
    const observe::MessageContext current = room->current_context();
    is_there = current.context.valid();
    span.context = current.context;
    span.tracestate_size = static_cast<std::uint16_t>(current.tracestate.size());
    current.tracestate.copy(span.tracestate_text, sizeof span.tracestate_text);
  });
  return is_there;
}

}  // namespace waybill::kafka
