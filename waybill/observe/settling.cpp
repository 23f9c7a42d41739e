// The room's part for commits, which the application tells.

#include "waybill/base/clock.h"
#include "waybill/observe/internal/record_fields.h"
#include "waybill/observe/room.h"
#include "waybill/observe/whole_tail.h"

namespace waybill::observe {

using segment::Operation;

namespace {

// What all partitions share.
struct Common {
  std::string_view topic;
  std::int32_t partition = -1;

  explicit Common(const Settlement& settlement) {
    if (settlement.count == 0) return;
    topic = settlement.partitions[0].topic;
    if (settlement.count == 1 && !settlement.is_cut) partition = settlement.partitions[0].partition;
    for (std::size_t at = 1; at < settlement.count; ++at) {
      if (settlement.partitions[at].topic != topic) topic = {};
    }
    if (settlement.of_several_topics) topic = {};
  }
};

}  // namespace

void Room::remember_processing(const Client& client, const ProcessedRecord& record) {
  const segment::PackedSettings settings = this->settings();
  const ProcessScope* scope = current_scope();
  if (!settings.settles() || scope == nullptr || !scope->context.valid()) return;
  const std::uint32_t topic = topic_of(record.topic);
  if (topic == 0) return;  // there is no room for its name: it would be taken for any other without one
  processed_.put({client.number, topic, record.partition},
                 {.context = scope->context,
                  .is_remote = scope->context == scope->creation,
                  .offset = record.offset,
                  .start_ns = scope->start_ns},
                 scope->tracestate());
}

void Room::settle(const Client& client, const Client* producer, const Settlement& settlement) {
  const segment::PackedSettings settings = this->settings();
  if (!settings.enabled()) return;
  const std::uint64_t now_ns = base::monotonic_ns();
  const Common common{settlement};
  const std::uint32_t topic = common.topic.empty() ? 0 : topic_of(common.topic);
  count_settlement(client, {topic, common.partition, settlement.start_ns, settlement.error}, now_ns);
  if (!settings.settles()) return;

  SendPlan found;
  Surroundings around = surroundings(producer != nullptr ? *producer : client, found);
  LastProcessed last;
  if (around.parent == nullptr) {
    last = last_processed(client, settlement);
    if (last.processing.context.valid()) around = {&last.processing.context, last.processing.is_remote};
    found.tracestate = last.tracestate.view();
  }
  if (around.parent != nullptr && reader_lives(now_ns)) {
    segment::WholeOperation record{};
    record.kind = segment::WholeKind::kSettle;
    record.start_ns = settlement.start_ns;
    record.end_ns = now_ns;
    record.topic = topic;
    record.partition = common.partition;
    record.offset = settlement.offset;
    record.error = settlement.error;
    write_settlement(client, common.topic, around, record,
                     {&settlement, settlement.description, found.tracestate});
  }
  if (settlement.error != 0) return;
  for (std::size_t at = 0; at < settlement.count; ++at) {
    const SettledPartition& one = settlement.partitions[at];
    processed_.settle({client.number, topic_of(one.topic), one.partition}, one.end);
  }
}

bool Room::waits_for_settlement(const Client& client, const SettledPartition& one) {
  return processed_.unsettled({client.number, topic_of(one.topic), one.partition}, one.end).context.valid();
}

Room::LastProcessed Room::last_processed(const Client& client, const Settlement& settlement) {
  LastProcessed last;
  ProcessedRecords::Key key{};
  for (std::size_t at = 0; at < settlement.count; ++at) {
    const SettledPartition& one = settlement.partitions[at];
    const ProcessedRecords::Key partition{client.number, topic_of(one.topic), one.partition};
    const ProcessedRecords::Processing processing = processed_.unsettled(partition, one.end);
    if (!processing.context.valid() || processing.start_ns < last.processing.start_ns) continue;
    last.processing = processing;
    key = partition;
  }
  if (last.processing.context.valid()) last.tracestate = processed_.tracestate_of(key, last.processing);
  return last;
}

void Room::write_settlement(const Client& client, std::string_view topic, const Surroundings& around,
                            segment::WholeOperation& record, const SettlementTexts& texts) {
  const segment::PackedSettings settings = this->settings();
  context::SpanContext own = *around.parent;
  own.span_id = own_span_id(own.trace_id);
  const bool sampled =
      sample(settings, {Operation::kSettle, &client, topic, around.parent, around.is_remote, own.trace_id});
  if (!sampled && !settings.record_unsampled()) return;
  own.flags = internal::with_sampled(own.flags, sampled);
  record.context = internal::to_record(own);
  record.parent_span_id = around.parent->span_id.bytes;
  if (around.is_remote) record.bits |= segment::bits::kParentRemote;
  WholeTail tail;
  context::SpanContext before = *around.parent;  // records that were processed together have one context
  for (std::size_t at = 0; at < texts.settlement->count; ++at) {
    const SettledPartition& one = texts.settlement->partitions[at];
    const context::SpanContext context =
        processed_.unsettled({client.number, topic_of(one.topic), one.partition}, one.end).context;
    if (!context.valid() || context == *around.parent || context == before) continue;
    tail.add_link(context);
    before = context;
  }
  append_whole({client.number, client.profile}, record,
               {tail.finish(record, texts.description), texts.tracestate});
}

}  // namespace waybill::observe
