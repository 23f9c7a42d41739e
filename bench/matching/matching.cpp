// How to match a producer's acknowledgements with its sends: the experiment behind docs/adr/0002. bin/bench
// matching runs it.
//
// One host thread sends and acknowledges with N messages in flight, one reader drains the segment, as in
// life. Three ways:
//   table    the host keeps {address → everything} and writes one record when the acknowledgement comes
//   pointer  a start record and an end record; the reader pairs them by the message's address and time (the
//   product's code) header   as pointer, but the end names the span id, which the host reads back from the
//   message's header
// and two ways to leave out 99 of 100 acknowledgements when 1 % is sampled:
//   all ends   write the end record for every message
//   filter     look a fingerprint of the address up in a small table first

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "waybill/base/clock.h"
#include "waybill/context/id_generator.h"
#include "waybill/segment/reader.h"
#include "waybill/segment/testing/one_buffer.h"
#include "waybill/segment/writer.h"
#include "waybill/telemetry/in_flight_sends.h"

namespace {

namespace segment = waybill::segment;
namespace context = waybill::context;
using waybill::base::monotonic_ns;

enum class Way { kTable, kPointer, kHeader, kPointerOnePercent, kFilterOnePercent };
constexpr Way kWays[] = {Way::kTable, Way::kPointer, Way::kHeader, Way::kPointerOnePercent,
                         Way::kFilterOnePercent};
const char* name_of(Way way) {
  switch (way) {
    case Way::kTable:
      return "table";
    case Way::kPointer:
      return "pointer";
    case Way::kHeader:
      return "header";
    case Way::kPointerOnePercent:
      return "1 %: all ends";
    case Way::kFilterOnePercent:
      return "1 %: filter";
  }
  return "";
}

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 31U)) * 0x9e3779b97f4a7c15ULL;
  return value ^ (value >> 29U);
}

// A message as librdkafka holds it: the header is three separately allocated steps away.
struct HeaderValue {
  char text[55];
};
struct HeaderElement {
  const char* name;
  HeaderValue* value;
};
struct HeaderList {
  HeaderElement* first;
};
struct Message {
  HeaderList* headers;
  std::uint64_t serial;
  char rest[220];
};

Message* new_message(std::uint64_t serial) {
  auto* message = new Message{};
  message->serial = serial;
  message->headers = new HeaderList{new HeaderElement{"traceparent", new HeaderValue{}}};
  return message;
}
void free_message(Message* message) {
  delete message->headers->first->value;
  delete message->headers->first;
  delete message->headers;
  delete message;
}

// The host's table: open addressing, an entry is a cache line and a half, taken by a swap of its key.
class Table {
 public:
  explicit Table(std::size_t in_flight) : entries_(std::bit_ceil(in_flight * 2)) {}
  bool put(const segment::SendStarted& start) {
    for (std::size_t probe = 0; probe < 64; ++probe) {
      Entry& entry = at(start.message, probe);
      std::uint64_t free = 0;
      if (std::atomic_ref{entry.message}.compare_exchange_strong(free, start.message)) {
        entry.start = start;
        return true;
      }
    }
    return false;
  }
  bool take(std::uint64_t message, segment::SendStarted& start) {
    for (std::size_t probe = 0; probe < 64; ++probe) {
      Entry& entry = at(message, probe);
      if (std::atomic_ref{entry.message}.load(std::memory_order_acquire) != message) continue;
      start = entry.start;
      std::atomic_ref{entry.message}.store(0, std::memory_order_release);
      return true;
    }
    return false;
  }
  std::size_t bytes() const { return entries_.size() * sizeof(Entry); }

 private:
  struct alignas(64) Entry {
    std::uint64_t message = 0;
    segment::SendStarted start{};
  };
  Entry& at(std::uint64_t message, std::size_t probe) {
    return entries_[(mix(message) + probe) & (entries_.size() - 1)];
  }
  std::vector<Entry> entries_;
};

// Fingerprints of the addresses in flight that are sampled: a bucket is half a cache line.
class Filter {
 public:
  void put(std::uint64_t message) {
    Bucket& bucket = buckets_[index(message)];
    for (std::atomic<std::uint32_t>& slot : bucket.slots) {
      std::uint32_t free = 0;
      if (slot.load(std::memory_order_relaxed) == 0 &&
          slot.compare_exchange_strong(free, fingerprint(message)))
        return;
    }
    bucket.slots[0].store(kFull);
  }
  bool take(std::uint64_t message) {
    for (std::atomic<std::uint32_t>& slot : buckets_[index(message)].slots) {
      const std::uint32_t value = slot.load(std::memory_order_relaxed);
      if (value == kFull) return true;
      if (value == fingerprint(message)) {
        slot.store(0, std::memory_order_relaxed);
        return true;
      }
    }
    return false;
  }

 private:
  static constexpr std::uint32_t kFull = 0xffff'ffff;
  struct alignas(32) Bucket {
    std::atomic<std::uint32_t> slots[8];
  };
  static std::size_t index(std::uint64_t message) { return mix(message) % kBuckets; }
  static std::uint32_t fingerprint(std::uint64_t message) {
    return static_cast<std::uint32_t>(mix(message) >> 33U) | 1U;
  }
  static constexpr std::size_t kBuckets = 16'384;  // 512 KiB
  std::vector<Bucket> buckets_ = std::vector<Bucket>(kBuckets);
};

struct Figures {
  double send_ns = 0;
  double ack_ns = 0;
  double reader_ns = 0;  // CPU for each span
  std::uint64_t spans = 0;
  std::uint64_t wrong = 0;
  std::uint64_t refused = 0;  // no room in the segment, or in the table
  std::size_t host_bytes = 0;
};

// What a reader does with each record: pair, and prove the pairing by the serial that both records carry.
class Pairing {
 public:
  explicit Pairing(Way way) : way_{way} {}

  void add(const segment::RecordView& view) {
    if (way_ == Way::kTable) {
      ++spans;  // one complete record
    } else if (view.kind == segment::RecordKind::kSendStarted) {
      waybill::telemetry::StartedSend send;
      std::memcpy(&send.record, view.bytes.data(), sizeof send.record);
      if (way_ == Way::kHeader) {
        std::uint64_t span_id = 0;
        std::memcpy(&span_id, send.record.context.span_id.data(), sizeof span_id);
        by_span_id_[span_id] = std::move(send);
      } else {
        sends_.start(std::move(send));
      }
    } else {
      std::memcpy(&ends_.emplace_back(), view.bytes.data(), sizeof(segment::SendEnded));
    }
  }
  // One round late and in the order of time: the pairs' predecessors have all been read then.
  void end_round(bool last) {
    std::uint64_t newest_ns = newest_ns_;
    for (const segment::SendEnded& end : ends_) newest_ns = std::max(newest_ns, end.end_ns);
    std::stable_sort(ends_.begin(), ends_.end(),
                     [](const auto& left, const auto& right) { return left.end_ns < right.end_ns; });
    std::size_t done = 0;
    for (; done < ends_.size() && (last || ends_[done].end_ns <= newest_ns_); ++done) pair(ends_[done]);
    ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(done));
    newest_ns_ = newest_ns;
  }

  std::uint64_t spans = 0;
  std::uint64_t wrong = 0;

 private:
  void pair(const segment::SendEnded& end) {
    std::optional<waybill::telemetry::StartedSend> send;
    if (way_ == Way::kHeader) {
      if (const auto found = by_span_id_.find(end.message); found != by_span_id_.end()) {
        send = std::move(found->second);
        by_span_id_.erase(found);
      }
    } else {
      send = sends_.end(end);
    }
    if (!send) return;
    ++spans;
    if (send->record.body_size != static_cast<std::uint32_t>(end.offset)) ++wrong;
  }

  Way way_;
  waybill::telemetry::InFlightSends sends_{4'000'000};
  absl::flat_hash_map<std::uint64_t, waybill::telemetry::StartedSend> by_span_id_;
  std::vector<segment::SendEnded> ends_;
  std::uint64_t newest_ns_ = 0;
};

std::uint64_t thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

class Host {
 public:
  Host(Way way, std::size_t in_flight, segment::Writer& writer)
      : way_{way},
        one_percent_{way == Way::kPointerOnePercent || way == Way::kFilterOnePercent},
        writer_{writer} {
    if (way == Way::kTable) table_ = std::make_unique<Table>(in_flight);
    ids_.seed(1, 2);
  }

  void send(Message* message, Figures& figures) {
    const context::TraceId trace_id = ids_.next_trace_id();
    const context::SpanId span_id = ids_.next_span_id();
    if (one_percent_ && trace_id.bytes[0] > 2) return;
    segment::SendStarted start{};
    start.message = way_ == Way::kHeader ? 0 : reinterpret_cast<std::uintptr_t>(message);
    start.start_ns = monotonic_ns();
    start.context.trace_id = trace_id.bytes;
    start.context.span_id = span_id.bytes;
    start.body_size = static_cast<std::uint32_t>(message->serial);
    if (way_ == Way::kHeader) std::memcpy(message->headers->first->value->text + 36, span_id.bytes.data(), 8);
    if (way_ == Way::kFilterOnePercent) filter_.put(start.message);
    const bool done =
        way_ == Way::kTable ? table_->put(start) : writer_.append(segment::RecordKind::kSendStarted, start);
    figures.refused += done ? 0 : 1;
  }

  void acknowledge(Message* message, Figures& figures) {
    if (way_ == Way::kFilterOnePercent && !filter_.take(reinterpret_cast<std::uintptr_t>(message))) return;
    segment::SendEnded end{};
    end.end_ns = monotonic_ns();
    end.offset = static_cast<std::int64_t>(message->serial & 0xffff'ffff);
    end.message = reinterpret_cast<std::uintptr_t>(message);
    bool done = false;
    if (way_ == Way::kTable) {
      struct {
        segment::SendStarted start;
        std::uint64_t rest[6];
      } whole{};
      if (table_->take(end.message, whole.start)) {
        if (whole.start.body_size != static_cast<std::uint32_t>(message->serial)) ++figures.wrong;
        whole.rest[0] = end.end_ns;
        done = writer_.append(segment::RecordKind::kSendStarted, whole);
      }
    } else {
      if (way_ == Way::kHeader) {
        HeaderElement* header = message->headers->first;
        if (std::strcmp(header->name, "traceparent") == 0)
          std::memcpy(&end.message, header->value->text + 36, 8);
      }
      std::uint16_t& refusals = refusals_[segment::refusal_slot(way_ == Way::kHeader ? 0 : end.message)];
      end.refusals = refusals;
      done = writer_.append(segment::RecordKind::kSendEnded, end);
      if (!done) ++refusals;
    }
    figures.refused += done ? 0 : 1;
  }

  std::size_t bytes() const {
    return way_ == Way::kTable ? table_->bytes() : way_ == Way::kFilterOnePercent ? 512 * 1024 : 0;
  }

 private:
  Way way_;
  bool one_percent_;
  segment::Writer& writer_;
  std::unique_ptr<Table> table_;
  Filter filter_;
  context::IdGenerator ids_;
  std::vector<std::uint16_t> refusals_ = std::vector<std::uint16_t>(segment::kRefusalSlots);
};

Figures measure(Way way, std::size_t in_flight, std::size_t messages) {
  char path[] = "/dev/shm/waybill-bench-XXXXXX";
  if (mkdtemp(path) == nullptr) std::exit(1);
  const int directory = open(path, O_RDONLY | O_DIRECTORY);
  const auto writer = std::make_unique<segment::Writer>();
  if (writer->create(directory, 64 * 1024 * 1024, {}) != waybill::base::Failure::kNone) std::exit(1);
  segment::Reader reader;
  reader.open(open(
      std::filesystem::directory_iterator { path } -> path().c_str(), O_RDWR));

  Figures figures;
  Pairing pairing{way};
  std::atomic<bool> done{false};
  std::uint64_t reader_cpu_ns = 0;
  std::thread collecting{[&] {
    segment::testing::OneBuffer buffer;
    const std::uint64_t start_ns = thread_cpu_ns();
    for (;;) {
      const bool last = done.load();
      segment::ReadProblem problem{};
      const std::size_t size =
          reader.drain(buffer, problem, [&](const segment::RecordView& record) { pairing.add(record); });
      pairing.end_round(last && size == 0);
      if (last && size == 0) break;
      if (size < 1024 * 1024) usleep(2000);
    }
    reader_cpu_ns = thread_cpu_ns() - start_ns;
  }};

  // In blocks of 256 sends and 256 acknowledgements, so that reading the clock does not count; and at 1.25
  // million messages a second, about the most that librdkafka itself does with a header on each message.
  constexpr std::size_t kBlock = 256;
  constexpr std::uint64_t kPaceNs = kBlock * 800;
  std::uint64_t next_block_ns = monotonic_ns();
  Host host{way, in_flight, *writer};
  std::deque<Message*> waiting;
  std::vector<Message*> block(kBlock);
  std::uint64_t serial = 0;
  std::uint64_t send_ns = 0;
  std::uint64_t ack_ns = 0;
  std::uint64_t acknowledged = 0;
  while (acknowledged < messages) {
    while (monotonic_ns() < next_block_ns) {
    }
    next_block_ns += kPaceNs;
    if (serial < messages) {
      for (Message*& message : block) message = new_message(serial++);
      const std::uint64_t start_ns = thread_cpu_ns();
      for (Message* message : block) host.send(message, figures);
      send_ns += thread_cpu_ns() - start_ns;
      waiting.insert(waiting.end(), block.begin(), block.end());
    }
    if (serial < messages && waiting.size() < in_flight) continue;
    const std::size_t size = std::min(kBlock, waiting.size());
    std::copy_n(waiting.begin(), size, block.begin());
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(size));
    const std::uint64_t start_ns = thread_cpu_ns();
    for (std::size_t at = 0; at < size; ++at) host.acknowledge(block[at], figures);
    ack_ns += thread_cpu_ns() - start_ns;
    for (std::size_t at = 0; at < size; ++at) free_message(block[at]);
    acknowledged += size;
  }
  done = true;
  collecting.join();
  figures.send_ns = static_cast<double>(send_ns) / static_cast<double>(serial);
  figures.ack_ns = static_cast<double>(ack_ns) / static_cast<double>(acknowledged);
  figures.spans = pairing.spans;
  figures.wrong += pairing.wrong;
  figures.reader_ns =
      pairing.spans == 0 ? 0 : static_cast<double>(reader_cpu_ns) / static_cast<double>(pairing.spans);
  figures.host_bytes = host.bytes();
  close(directory);
  std::filesystem::remove_all(path);
  return figures;
}

template <typename Member>
std::string median(std::vector<Figures>& runs, Member member) {
  std::sort(runs.begin(), runs.end(),
            [&](const Figures& left, const Figures& right) { return left.*member < right.*member; });
  char text[64];
  std::snprintf(text, sizeof text, "%4.0f (%.0f–%.0f)", runs[runs.size() / 2].*member, runs.front().*member,
                runs.back().*member);
  return text;
}

}  // namespace

int main(int count, char** values) {
  const int rounds = count > 1 ? std::atoi(values[1]) : 7;
  const std::size_t messages = 2'000'000;
  std::printf(
      "| in flight | way | ns per send | ns per acknowledgement | reader ns per span | spans | wrong | "
      "refused | host memory |\n");
  std::printf("|---|---|---|---|---|---|---|---|---|\n");
  for (const std::size_t in_flight : {std::size_t{1'000}, std::size_t{100'000}, std::size_t{1'000'000}}) {
    std::map<Way, std::vector<Figures>> runs;
    for (int round = 0; round < rounds; ++round) {
      for (const Way way : kWays) runs[way].push_back(measure(way, in_flight, messages));
    }
    for (const Way way : kWays) {
      std::vector<Figures>& all = runs[way];
      std::uint64_t wrong = 0;
      for (const Figures& one : all) wrong += one.wrong;
      const Figures last = all.back();
      std::printf("| %zu | %s | %s | %s | %s | %lu | %lu | %lu | %.1f MiB |\n", in_flight, name_of(way),
                  median(all, &Figures::send_ns).c_str(), median(all, &Figures::ack_ns).c_str(),
                  median(all, &Figures::reader_ns).c_str(), last.spans, wrong, last.refused,
                  static_cast<double>(last.host_bytes) / 1048576.0);
    }
    std::fflush(stdout);
  }
  return 0;
}
