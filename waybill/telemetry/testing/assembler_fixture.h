#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "waybill/telemetry/span_assembler.h"

// For the tests of what joins records into spans.
namespace waybill::telemetry::testing {

using segment::DefinitionKind;
using segment::RecordKind;

// Definitions from a table.
class TableDefinitions final : public Definitions {
 public:
  std::string_view text(std::uint32_t id, DefinitionKind) override {
    const auto found = texts.find(id);
    return found == texts.end() ? std::string_view{} : std::string_view{found->second};
  }
  std::map<std::uint32_t, std::string> texts{{1, "orders"},
                                             {2, std::string{"producer\0shop\0\0broker-1:9092\0"
                                                             "2.0.2\0all\0\0",
                                                             40}},
                                             {3, "127.0.0.1:9092"},
                                             {4, std::string{"_MSG_TIMED_OUT\0Local: Message timed out", 39}},
                                             {5, "payments"}};
};

// Records in memory. Checks that each is settled once.
class TableRecords final : public RecordStore {
 public:
  template <typename Record>
  Place keep(RecordKind kind, const Record& record, const std::string& tail = {}) {
    std::vector<std::uint8_t> bytes(sizeof record);
    std::memcpy(bytes.data(), &record, sizeof record);
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    records_[++last_place_] = {kind, std::move(bytes)};
    return last_place_;
  }
  const std::uint8_t* record(Place place) const override { return records_.at(place).bytes.data(); }
  void settle(Place place) override { EXPECT_EQ(records_.erase(place), 1U) << place; }

  template <typename Visitor>
  void replay(Visitor&& visit) const {
    for (const auto& [place, kept] : records_) visit(segment::RecordView{kept.kind, kept.bytes}, place);
  }
  std::size_t size() const { return records_.size(); }

 private:
  struct Kept {
    RecordKind kind;
    std::vector<std::uint8_t> bytes;
  };
  std::map<Place, Kept> records_;
  Place last_place_ = 0;
};

inline const Attribute* find(const Span& span, const std::string& key) {
  const Attribute* found = nullptr;
  span.for_each_attribute([&](const Attribute& one) { found = one.key == key ? &one : found; });
  return found;
}
inline std::string text(const Span& span, const std::string& key) {
  const Attribute* attribute = find(span, key);
  return attribute == nullptr ? "(none)" : std::string{std::get<std::string_view>(attribute->value)};
}
inline std::int64_t number(const Span& span, const std::string& key) {
  const Attribute* attribute = find(span, key);
  return attribute == nullptr ? -99 : std::get<std::int64_t>(attribute->value);
}

inline segment::SendStarted send_start(std::uint64_t message, std::uint64_t time_ns) {
  segment::SendStarted record{};
  record.message = message;
  record.start_ns = time_ns;
  record.context.trace_id = {1};
  record.context.span_id = {2};
  record.context.flags = 1;
  record.client = 1;
  record.profile = 2;
  record.topic = 1;
  record.bits = segment::bits::kInjected;
  return record;
}

inline segment::SendEnded send_end(std::uint64_t message, std::uint64_t time_ns, std::int64_t offset) {
  segment::SendEnded record{};
  record.message = message;
  record.end_ns = time_ns;
  record.offset = offset;
  record.client = 1;
  record.persistence = segment::Persistence::kPersisted;
  return record;
}

inline segment::ConsumeStarted consume_start(std::uint64_t operation, std::uint64_t time_ns,
                                             std::uint8_t bits = 0) {
  segment::ConsumeStarted record{};
  record.operation = operation;
  record.start_ns = time_ns;
  record.context.trace_id = {1};
  record.context.span_id = {3};
  record.context.flags = 1;
  record.client = 1;
  record.profile = 2;
  record.kind = segment::ConsumeOperation::kProcess;
  record.bits = bits;
  return record;
}

inline segment::ConsumedMessage message_of(std::uint64_t operation, std::uint32_t topic,
                                           std::int32_t partition, std::int64_t offset) {
  segment::ConsumedMessage record{};
  record.operation = operation;
  record.creation.trace_id = {9};
  record.creation.span_id = {8};
  record.offset = offset;
  record.timestamp_ms = -1;
  record.client = 1;
  record.topic = topic;
  record.partition = partition;
  record.bits = segment::bits::kHasCreation;
  return record;
}

inline segment::SingleConsumed single(std::uint64_t operation, segment::ConsumeOperation kind) {
  segment::SingleConsumed record{};
  record.operation = operation;
  record.start_ns = 200;
  record.hand_over_ns = 250;
  record.context.trace_id = {9};
  record.context.span_id = {3};
  record.context.flags = 1;
  record.creation.trace_id = {9};
  record.creation.span_id = {8};
  record.offset = 42;
  record.timestamp_ms = -1;
  record.client = 1;
  record.profile = 2;
  record.topic = 1;
  record.partition = 7;
  record.kind = kind;
  record.bits = segment::bits::kHasCreation;
  return record;
}

// One that went well, of which nothing more is known.
inline segment::WholeOperation whole(segment::WholeKind kind) {
  segment::WholeOperation record{};
  record.start_ns = 200;
  record.end_ns = 300;
  record.context.trace_id = {9};
  record.context.span_id = {3};
  record.context.flags = 1;
  record.parent_span_id = {8};
  record.offset = -1;
  record.client = 1;
  record.profile = 2;
  record.partition = -1;
  record.kind = kind;
  return record;
}

inline segment::ConsumeEnded consume_end(std::uint64_t operation, std::uint64_t time_ns,
                                         std::uint32_t messages) {
  segment::ConsumeEnded record{};
  record.operation = operation;
  record.end_ns = time_ns;
  record.message_count = messages;
  record.client = 1;
  return record;
}

// An assembler over records in memory. Whatever a test does, its books balance after each round.
class AssemblerTest : public ::testing::Test {
 protected:
  template <typename Record>
  void add(RecordKind kind, const Record& record, const std::string& tail = {}) {
    const Place place = records_.keep(kind, record, tail);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(records_.record(place));
    assembler_->add({kind, {bytes, sizeof record + tail.size()}}, place);
  }
  void add_single(const segment::SingleConsumed& record, const std::string& tail = {}) {
    add(RecordKind::kSingleConsumed, record, tail);
  }
  void round(Round limits = {}) {
    assembler_->end_round(batches_, limits);
    take_spans();
  }
  void end_host() {
    assembler_->end_host(batches_);
    take_spans();
  }
  void take_spans() {
    for (std::unique_ptr<SpanBatch>& batch : batches_.take()) {
      spans_.insert(spans_.end(), batch->spans.begin(), batch->spans.end());
      handed_out_.push_back(std::move(batch));
    }
    check_books();
  }
  void check_books() const {
    const AssemblerCounts counts = assembler_->counts();
    EXPECT_EQ(counts.started,
              counts.finished + counts.lost_ends + counts.given_up + counts.not_kept + counts.in_flight);
    EXPECT_EQ(counts.finished, spans_.size() + taken_);
  }
  // The exporters are done with what was handed out so far.
  void settle_all() {
    for (const auto& batch : handed_out_) settle(*batch);
    handed_out_.clear();
    spans_.clear();
  }
  void settle(const SpanBatch& batch) {
    for (const Place place : batch.origins) records_.settle(place);
  }

  std::unique_ptr<SpanAssembler> new_assembler() {
    return std::make_unique<SpanAssembler>(
        definitions_, records_, ClockAnchor{.monotonic_ns = 0, .realtime_ns = 1'000'000}, SpanLimits{});
  }

  TableDefinitions definitions_;
  TableRecords records_;
  std::unique_ptr<SpanAssembler> assembler_ = new_assembler();
  SpanBatches batches_{100};
  std::vector<std::unique_ptr<SpanBatch>> handed_out_;
  std::vector<Span> spans_;
  std::size_t taken_ = 0;  // spans that a test took out
};

}  // namespace waybill::telemetry::testing
