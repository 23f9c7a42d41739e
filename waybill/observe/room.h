#pragma once

#include <cstdint>
#include <string_view>

#include "waybill/base/failure.h"
#include "waybill/context/baggage.h"
#include "waybill/context/id_generator.h"
#include "waybill/context/propagators.h"
#include "waybill/context/rate_limiter.h"
#include "waybill/context/sampler.h"
#include "waybill/context/span_context.h"
#include "waybill/observe/application_attributes.h"
#include "waybill/observe/application_sampler.h"
#include "waybill/observe/application_span.h"
#include "waybill/observe/client.h"
#include "waybill/observe/host_options.h"
#include "waybill/observe/message_headers.h"
#include "waybill/observe/process_scope.h"
#include "waybill/observe/processed_records.h"
#include "waybill/observe/send_batch.h"
#include "waybill/observe/topic_memory.h"
#include "waybill/segment/host_settings.h"
#include "waybill/segment/writer.h"

namespace waybill::observe {

// Settings that this process was told beside its environment: NAME=value, with zero bytes between. Of one
// name the last counts.
struct ToldSettings {
  std::string_view by_plugin_properties = {};
  std::string_view by_application = {};
};

// A context as it stands in the headers of a message.
struct MessageContext {
  context::SpanContext context;  // not valid: none, or not readable
  std::string_view tracestate;
  std::string_view baggage;
};

// What is known of a message when it is handed to librdkafka. Texts are borrowed for the call.
struct OutgoingMessage {
  const void* address = nullptr;
  std::string_view topic;
  const void* key = nullptr;
  std::size_t key_size = 0;
  std::size_t body_size = 0;
  bool tombstone = false;
  bool has_headers = false;  // when it leaves, ours included
  HeaderSource headers;
};

// What shall happen to an outgoing message, decided once.
struct SendPlan {
  std::uint64_t start_ns = 0;
  bool record = false;
  std::uint8_t bits = 0;         // of the record
  bool inject = false;           // put `context` and `tracestate` on the message
  bool remove_existing = false;  // a context that stands in the headers is ours or forwarded: take it out
  context::SpanContext context;
  context::SpanId parent;
  // The user's own creation context, which stays on the message; else the transaction that it is part of,
  // where that is not the parent.
  context::SpanContext link;
  std::string_view tracestate;
  std::string_view baggage;  // goes out too, where the message has none
  context::Propagators propagators;

  // What the headers shall carry.
  MessageContext outgoing() const { return {inject ? context : context::SpanContext{}, tracestate, baggage}; }
};

// The broker's answer, or the reason why none will come.
struct Acknowledgement {
  const void* address = nullptr;
  std::int64_t offset = -1;
  std::int32_t partition = -1;
  std::uint32_t error = 0;  // definition; 0: success
  segment::Persistence persistence = segment::Persistence::kUnknown;
  std::string_view topic;        // borrowed for the call
  std::size_t size = 0;          // of value and key
  std::int64_t latency_us = -1;  // since the message was handed over; -1: not known
};

// Processing whose end was seen.
struct ProcessedMessages {
  std::uint32_t profile = 0;
  std::uint32_t topic = 0;      // 0: of several
  std::int32_t partition = -1;  // -1: of several
  std::uint64_t start_ns = 0;
  std::uint32_t error = 0;  // definition; 0: it did not fail
};

// What a poll got in place of messages, or among them.
struct PollFailure {
  std::string_view topic = {};  // borrowed for the call; empty: of no topic
  std::int32_t partition = -1;
  std::uint32_t error = 0;  // definition
  std::string_view description = {};
};

// Where a consumer stands in a partition. position -1: the partition is not this client's any more; log_end
// -1: not known yet.
struct PartitionFacts {
  std::int64_t position = -1;
  std::int64_t log_end = -1;
  // Polls have got nothing since the last look: no message was waiting in what the client has fetched.
  bool has_all = false;
};

// A record whose processing has begun.
struct ProcessedRecord {
  std::string_view topic;  // borrowed for the call
  std::int32_t partition = -1;
  std::int64_t offset = -1;
};

// Records of a partition that are committed: those before `end`.
struct SettledPartition {
  std::string_view topic;
  std::int32_t partition = -1;
  std::int64_t end = -1;
};

// A commit that is over. Everything is borrowed for the call.
struct Settlement {
  std::uint64_t start_ns = 0;
  const SettledPartition* partitions = nullptr;
  std::size_t count = 0;
  bool is_cut = false;             // there were more partitions
  bool of_several_topics = false;  // counting those that were cut off
  std::int64_t offset = -1;        // of the only record that was meant; -1: there is no such
  std::uint32_t error = 0;         // definition; 0: it went well
  std::string_view description = {};
};

// A message as it is handed to the application.
struct IncomingMessage {
  const void* address = nullptr;
  std::string_view topic;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::int64_t timestamp_ms = -1;
  const void* key = nullptr;
  std::size_t key_size = 0;
  std::size_t body_size = 0;
  bool tombstone = false;
  MessageContext creation;
  HeaderSource headers;
};

// The room behind the doors: decides sampling, makes contexts, remembers which processing is current on a
// thread, and writes flat records into the segment. It knows nothing of librdkafka. One for each process.
//
// It lives in zeroed memory which the kernel wipes in the child of a fork (MADV_WIPEONFORK): there it is
// "never entered", the parent's segment is out of reach, and the child's first own client makes a room anew.
//
// Thread-safe. Nothing here waits or allocates, but enter(), which runs when a client is made.
class Room {
 public:
  static constexpr std::uint32_t kClients = 1024;
  static constexpr std::uint32_t kScopes = 256;
  static constexpr std::uint64_t kLookAtPartitionsEveryNs = 500'000'000;

  // The room, made ready at the first call in a process; null when telemetry stays off, which is said once on
  // stderr. With a reader in the runtime directory it waits up to 100 ms for the settings of this very host.
  static Room* enter(const char* const* variables, const ToldSettings& told, HostRuntime runtime);

  // Gives the room up: the next enter() makes another, with other settings. False: a client is open in it.
  // The old one's memory stays, because a thread may be in it at any time, and does nothing any more.
  static bool leave();

  // The room if it was entered in this process, else null.
  static Room* entered();

  // Null: too many clients at once; this one is not observed.
  Client* open_client(const ClientFacts& facts);
  // librdkafka is destroying the client; answers may still come.
  void client_destroyed(Client& client);
  // All threads of the client have ended.
  void close_client(Client& client);
  std::uint32_t index_of(const Client& client) const {
    return static_cast<std::uint32_t>(&client - clients_);
  }
  void learn_cluster(Client& client, std::string_view cluster_id);

  // Producing. plan_send decides, the door puts the context on the message, record_send remembers.
  // `existing` is what the headers hold already.
  SendPlan plan_send(const Client& client, std::string_view topic, const MessageContext& existing);
  // Where the context could not be put on the message.
  [[gnu::noinline]] static void leaves_without_context(const SendPlan& plan);
  void record_send(Client& client, const SendPlan& plan, const OutgoingMessage& message, bool injected);
  // Not needed for a message that is known not to be sampled.
  void end_send(const Client& client, const Acknowledgement& acknowledgement);
  // librdkafka refused the message at once and told no interceptor.
  void refuse_send(Client& client, const OutgoingMessage& message, const Acknowledgement& answer);
  std::uint32_t define_error(std::string_view name_and_text);

  // Metrics. They count what is not sampled too, whether somebody reads or not.
  bool counts() const { return settings().counts(); }
  void count_answer(const Client& client, const Acknowledgement& acknowledgement);

  // True every half second for a consumer: then the door asks librdkafka where it stands in each of its
  // partitions. `visit(std::string_view topic, PartitionCell&)`.
  bool partitions_are_due(Client& client);
  template <typename Visitor>
  void for_each_partition(const Client& client, Visitor&& visit) {
    writer_.cells().for_each_partition(client.number, [&](segment::PartitionCell& cell) {
      visit(writer_.definition(cell.topic, segment::DefinitionKind::kTopic), cell);
    });
  }
  // Whether the client got a message since the door last looked.
  bool got_message_since_look(const Client& client);
  void learn_partition(segment::PartitionCell& cell, const PartitionFacts& facts);

  // Produce requests, on the broker's thread.
  void request_sent(Client& client, std::int32_t broker);
  // `error`: definition; 0: not known.
  void request_answered(Client& client, std::int32_t broker, std::string_view broker_name, bool failed,
                        std::uint32_t error);

  // Consuming. A poll call is framed; each message that it hands over is told in between.
  void begin_poll(const void* queue, PollMode mode);
  void hand_over(const Client& client, const IncomingMessage& message);
  void pass_over(const Client& client);
  void end_poll(bool returned_message, const ProcessingFailure& failure = {});
  // Ends the poll in place of end_poll(). Of two doors that see one poll the first one counts.
  void fail_poll(const Client& client, const PollFailure& failure);
  void message_destroyed(const void* message);
  void end_processing(const Client& client);

  // Processing whose begin and end the application itself tells. Of the scopes that began on a thread and
  // have not ended, the last one is current there, in whatever order and on whichever threads they end. A
  // scope that is current already is the parent of the new one. Of a batch, the messages are told one after
  // the other, to the same frame, which was empty before.
  ScopeTicket begin_processing(const Client& client, const IncomingMessage& message);
  void add_to_batch(PollFrame& frame, const Client& client, const IncomingMessage& message);
  ScopeTicket begin_batch_processing(const PollFrame& frame);
  void end_processing(const ScopeTicket& ticket, const ProcessingFailure& failure);

  // The transaction that a producer has begun: what it sends meanwhile is part of it. A ticket for
  // end_transaction(); 0: no span is made of it, or nobody reads.
  std::uint64_t begin_transaction(Client& client);
  void end_transaction(Client& client, std::uint64_t ticket, const TransactionEnd& end);

  // The processing that is current on this thread is that of this record.
  void remember_processing(const Client& client, const ProcessedRecord& record);
  // A commit of a consumer's; `producer`: in whose transaction, null: in none. Its span is a child of what is
  // current, else of the processing of the last record that it settles; without either there is none.
  void settle(const Client& client, const Client* producer, const Settlement& settlement);
  // Whether the processing of one of these records is known, and was not settled yet.
  bool waits_for_settlement(const Client& client, const SettledPartition& one);

  // Several messages that the application sends by one call: what this thread sends with that client between
  // begin and leave is one of them. `topic`: of all; empty: they are of several. The batch ends when the
  // application says so, on any thread.
  void begin_batch(const Client& client, std::string_view topic, SendBatch& batch);
  void leave_batch(const SendBatch& batch);
  void end_batch(SendBatch& batch, const BatchFailure& failure);
  // A context that came by another way than in a message becomes current, as if a message with it was
  // processed, until end_processing(); there is no span of it. All zero: there is nothing in it.
  ScopeTicket begin_context(const MessageContext& context);

  // What is current on this thread: what a send from here would be a child of. Not valid: nothing. The texts
  // live as long as the scope.
  MessageContext current_context() const;

  // The scope of this room that is current on this thread; null: none. It may end at any moment, on another
  // thread, and stays readable.
  const ProcessScope* own_scope() const;

  // From here on this host side is one of several in the process, and what is current on a thread is what is
  // current in any of them.
  static void stand_beside(const Siblings& siblings);
  static std::uint64_t& scopes_begun();

  // Where the application's own spans are asked for; null: nowhere. Counts in every room of the process.
  static void read_application_spans_by(ReadApplicationSpan read);

  // Who is asked where the sampler is the application's; null: nobody, and everything is sampled. Counts in
  // every room of the process.
  static void sample_by(AskApplication ask);

  // Who gives attributes to messages that are recorded; null: nobody. Counts in every room of the process.
  static void describe_by(DescribeMessage describe);

  // False for a topic that is left alone: no context of its messages is read or written, and nothing is
  // recorded of them. A message of such a topic that is handed over is told by pass_over().
  bool observes(std::string_view topic) {
    const segment::PackedSettings now = settings();
    if (!now.enabled()) return false;
    return now.has_filters() ? passes_filters(now, topic) : !topic.starts_with("__");
  }

  // Whether what is not sampled is recorded too, for the collecting side to choose from.
  bool records_unsampled() const { return settings().record_unsampled(); }

  // How contexts stand in headers. Empty: they are neither read nor written.
  context::Propagators propagators() const {
    const segment::PackedSettings now = settings();
    return now.enabled() ? context::Propagators::from_packed(now.propagators()) : context::Propagators{};
  }
  void count(segment::HostCounter counter, std::uint64_t amount = 1) { writer_.count(counter, amount); }

 private:
  enum State : std::uint32_t { kNew = 0, kEntering = 1, kReady = 2, kOff = 3 };

  base::Failure make_ready(const char* const* variables, const ToldSettings& told, HostRuntime runtime);
  bool reclaim_clients();
  void read_collector_file(int directory);
  void wait_for_settings();
  segment::PackedSettings settings() const {
    segment::PackedSettings settings;
    return writer_.published_settings(settings)
               ? settings
               : segment::PackedSettings{first_words_.word, first_words_.samplers, 0};
  }
  bool reader_lives(std::uint64_t now_ns) const {
    std::uint64_t heartbeat = writer_.heartbeat_ns();
    if (heartbeat == 0) heartbeat = first_heartbeat_ns_;
    return heartbeat != 0 && (now_ns < heartbeat || now_ns - heartbeat < segment::kReaderPatienceNs);
  }

  template <typename Record>
  [[gnu::always_inline]] void append_send(segment::RecordKind kind, Record& record,
                                          const segment::RecordTail& tail, segment::HostCounter lost);
  void keep_texts(ProcessScope& scope, std::string_view tracestate, std::string_view baggage);
  // What a message is sent within.
  struct Around {
    const ProcessScope* scope;  // null: none
    bool has_parent;
  };
  // What an operation begins within that is told as a whole.
  struct Surroundings {
    const context::SpanContext* parent;  // null: none
    bool is_remote;
  };
  Surroundings surroundings(const Client& client, SendPlan& found) const;
  // So many more reasons to look for a parent beyond what is processed; looking costs each send.
  void look_further(int reasons);
  [[gnu::noinline]] static const context::SpanContext* find_parent(const Client& client,
                                                                   const context::SpanContext* current,
                                                                   SendPlan& plan);
  void give_up_transaction(Client& client);
  void forget_transaction(Client& client);
  struct SettlementTexts {
    const Settlement* settlement;
    std::string_view description;
    std::string_view tracestate;
  };
  void write_settlement(const Client& client, std::string_view topic, const Surroundings& around,
                        segment::WholeOperation& record, const SettlementTexts& texts);
  // A context that is not valid: nobody knows.
  struct LastProcessed {
    ProcessedRecords::Processing processing;
    ProcessedRecords::Tracestate tracestate;
  };
  LastProcessed last_processed(const Client& client, const Settlement& settlement);
  struct CountedSettlement {
    std::uint32_t topic;     // 0: of several
    std::int32_t partition;  // -1: of several
    std::uint64_t start_ns;
    std::uint32_t error;
  };
  void count_settlement(const Client& client, const CountedSettlement& settlement, std::uint64_t end_ns);
  struct WholeTexts {
    std::string_view links_and_description;
    std::string_view tracestate;
  };
  struct WholeClient {
    std::uint32_t number;
    std::uint32_t profile;
  };
  void append_whole(const WholeClient& client, segment::WholeOperation& record, const WholeTexts& texts);
  // Fills in a plan that is never copied: every send of a program that has no batches would pay for that.
  [[gnu::noinline]] void plan_in_batch(const Client& client, std::string_view topic,
                                       const MessageContext& existing, SendBatch& batch, SendPlan& plan);
  bool sample_in(const segment::PackedSettings& settings, const SendBatch& batch, const Client& client,
                 std::string_view topic, const context::TraceId& trace_id);
  void decide_headers(const segment::PackedSettings& settings, const Around& around,
                      const MessageContext& existing, SendPlan& plan) const;
  std::uint32_t topic_of(std::string_view topic);
  // What is recorded of a message besides: the application's attributes, whose bytes stand in `given`, and
  // the headers that are asked for.
  template <typename Message>
  void gather_texts(const Message& message, bool is_outgoing, std::uint32_t propagators,
                    GivenAttributes& given, segment::HeaderTexts& texts) const;
  void capture_headers(const MessageHeaders& headers, segment::HeaderTexts& texts) const;
  // Apart, because it is seldom wanted, and the texts take much of the stack.
  [[gnu::noinline]] void record_send_with_texts(const OutgoingMessage& message, std::uint32_t propagators,
                                                segment::SendStarted record, segment::RecordTail tail);
  template <typename Record>
  [[gnu::noinline]] bool append_message_with_texts(segment::RecordKind kind, Record record,
                                                   segment::RecordTail tail, const IncomingMessage& message,
                                                   std::uint32_t propagators);
  void count_failed_request(const Client& client, std::uint32_t broker, std::uint32_t error);
  std::uint32_t count_consumed(const Client& client, const IncomingMessage& message, std::uint64_t now_ns);
  void note_position(const Client& client, std::uint32_t topic, const IncomingMessage& message,
                     std::uint64_t now_ns);
  void count_poll(const PollFrame& frame, std::uint64_t end_ns, std::uint32_t error);
  void count_processing(const ProcessedMessages& processed, std::uint64_t end_ns);
  context::IdGenerator& ids();
  context::SpanContext new_trace();  // without a span id
  context::SpanContext new_root();
  context::SpanId own_span_id(const context::TraceId& trace_id);
  std::uint64_t own_mark(const context::TraceId& trace_id, std::uint64_t random) const;
  bool made_here(const context::SpanContext& context) const;

  // What a sampler may look at. Borrowed for the call.
  struct Sampling {
    segment::Operation operation;
    const Client* client;
    std::string_view topic;
    const context::SpanContext* parent;  // null: none
    bool parent_is_remote;
    const context::TraceId& trace_id;
  };
  bool sample(const segment::PackedSettings& settings, const Sampling& what) {
    const context::ParentKind parent = context::parent_kind(what.parent, what.parent_is_remote);
    const auto kind = static_cast<context::Sampler::Kind>(settings.sampler(static_cast<unsigned>(parent)));
    if (kind == context::Sampler::Kind::kAlwaysOn) return true;
    return kind != context::Sampler::Kind::kAlwaysOff && sample_by_more(settings, parent, what);
  }
  bool sample_by_more(const segment::PackedSettings& settings, context::ParentKind parent,
                      const Sampling& what);
  std::uint64_t argument_of(const segment::PackedSettings& settings, context::ParentKind parent) const;
  std::uint64_t find_rule(const segment::PackedSettings& settings, const Sampling& what);
  bool ask_application(const Sampling& what) const;
  bool passes_filters(const segment::PackedSettings& settings, std::string_view topic);
  std::uint64_t rule_key(const segment::PackedSettings& settings, std::string_view topic,
                         std::uint64_t asked);
  bool processing_is_seen(const Client& client, const segment::PackedSettings& settings) const;
  // Of whichever room of the process.
  const ProcessScope* current_scope() const;
  [[gnu::noinline]] ProcessScope* find_innermost() const;
  void hand_over_in_frame(PollFrame& frame, const Client& client, const IncomingMessage& message,
                          std::uint64_t now_ns);
  void receive_alone(const Client& client, const IncomingMessage& message, std::uint64_t start_ns,
                     std::uint64_t now_ns);
  void write_failed_poll(const Client& client, const PollFailure& failure, std::uint64_t start_ns,
                         std::uint64_t now_ns);
  void write_message(const Client& client, std::uint64_t operation, const IncomingMessage& message,
                     std::uint64_t now_ns);
  template <typename Record>
  bool append_message(segment::RecordKind kind, Record& record, const Client& client,
                      const IncomingMessage& message);
  // A parent that is not valid: none.
  struct ParentSpan {
    context::SpanId id;
    bool is_remote = false;
  };
  bool write_start(segment::ConsumeOperation kind, std::uint64_t operation, std::uint64_t start_ns,
                   const ProcessScope& scope, const ParentSpan& parent, std::uint32_t profile);
  void write_end(std::uint64_t operation, std::uint64_t end_ns, std::uint32_t message_count,
                 std::uint32_t client, const ProcessingFailure& failure = {});
  // Null: there is no room for it.
  ProcessScope* begin_batch(const PollFrame& frame, const ProcessScope* outer, std::uint64_t now_ns);
  // Where the scope of a single message ends.
  struct ScopeEnds {
    const void* queue;    // a poll of the same thread there; null: does not end it
    const void* message;  // so does rd_kafka_message_destroy
    std::uint32_t topic;  // of the message: a definition, or 0 when nothing is counted
  };
  ProcessScope* open_scope(const Client& client, const IncomingMessage& message,
                           const segment::PackedSettings& settings, const ScopeEnds& ends,
                           const ProcessScope* outer, std::uint64_t now_ns);
  ProcessScope* take_scope();
  void make_current(ProcessScope& scope);
  ScopeTicket make_current_until_told(ProcessScope* scope);
  void end_scope_of(const void* queue, std::uint64_t now_ns);
  bool end_scope(ProcessScope& scope, std::uint64_t state, std::uint64_t now_ns,
                 const ProcessingFailure& failure = {});

  std::uint32_t state_;
  std::uint32_t scopes_used_;  // slots below this one were in use at some time
  std::uint32_t active_scopes_;
  // How many transactions and batches are open: reasons to look for a parent beyond what is processed.
  std::uint32_t reasons_to_look_;
  std::uint64_t key_[2];
  context::RateLimiter limiters_[context::kParentKinds];
  context::RateLimiter rule_limiters_[segment::RuleTable::kMaxRules];
  LimiterTable topic_limiters_;
  AnswerCache answers_;
  ProcessedRecords processed_;
  std::uint64_t seeds_;  // how many threads have drawn a seed
  segment::SettingsWords first_words_;
  std::uint64_t first_heartbeat_ns_;
  std::uint32_t clients_refused_said_;
  std::uint16_t refusals_[segment::kRefusalSlots];
  HostOptions options_;
  segment::Writer writer_;
  ProcessScope scopes_[kScopes];
  char baggage_[kScopes][context::kMaxBaggageLength];  // of each scope; mostly never touched
  Client clients_[kClients];
};

}  // namespace waybill::observe
