// The room's part for the transactions of producers, which the application tells.

#include "waybill/base/clock.h"
#include "waybill/observe/internal/record_fields.h"
#include "waybill/observe/room.h"
#include "waybill/observe/whole_tail.h"

namespace waybill::observe {

using segment::HostCounter;
using segment::Operation;

std::uint64_t Room::begin_transaction(Client& client) {
  OpenTransaction& transaction = client.transaction;
  give_up_transaction(client);
  const segment::PackedSettings settings = this->settings();
  const std::uint64_t now_ns = base::monotonic_ns();
  if (!settings.enabled() || !settings.transactions() || !reader_lives(now_ns)) return 0;
  SendPlan found;
  const Surroundings around = surroundings(client, found);
  const context::SpanContext parent = around.parent == nullptr ? context::SpanContext{} : *around.parent;
  context::SpanContext own = parent.valid() ? parent : new_trace();
  own.span_id = own_span_id(own.trace_id);
  const bool sampled = sample(settings, {Operation::kTransaction,
                                         &client,
                                         {},
                                         parent.valid() ? &parent : nullptr,
                                         around.is_remote,
                                         own.trace_id});
  own.flags = internal::with_sampled(own.flags, sampled);
  transaction.start_ns = now_ns;
  transaction.recorded = sampled || settings.record_unsampled();
  transaction.parent_is_remote = around.is_remote;
  look_further(1);
  return transaction.open(own, parent.span_id, found.tracestate);
}

void Room::end_transaction(Client& client, std::uint64_t ticket, const TransactionEnd& end) {
  const OpenTransaction::View transaction = client.transaction.look();
  if (ticket == 0 || transaction.state != ticket) return;
  if (client.transaction.recorded) {
    segment::WholeOperation record{};
    record.kind = segment::WholeKind::kTransaction;
    record.start_ns = client.transaction.start_ns;
    record.end_ns = base::monotonic_ns();
    record.context = internal::to_record(transaction.context);
    record.parent_span_id = transaction.parent.bytes;
    record.offset = record.partition = -1;
    record.error = end.error;
    record.outcome = end.outcome;
    if (client.transaction.parent_is_remote) record.bits |= segment::bits::kParentRemote;
    WholeTail tail;
    append_whole({client.number, client.profile}, record,
                 {tail.finish(record, end.description), transaction.tracestate});
  }
  forget_transaction(client);
}

// Nobody has said how it ended, and nobody will.
void Room::give_up_transaction(Client& client) {
  end_transaction(client, client.transaction.look().state, {});
}

void Room::forget_transaction(Client& client) {
  if (!client.transaction.is_open()) return;
  client.transaction.close();
  look_further(-1);
}

void Room::append_whole(const WholeClient& client, segment::WholeOperation& record, const WholeTexts& texts) {
  record.client = client.number;
  record.profile = client.profile;
  record.tracestate_size = static_cast<std::uint16_t>(texts.tracestate.size());
  if (!writer_.append(segment::RecordKind::kWholeOperation, record,
                      {.key = texts.links_and_description, .tracestate = texts.tracestate}))
    count(HostCounter::kWholeRecordsDropped);
}

}  // namespace waybill::observe
