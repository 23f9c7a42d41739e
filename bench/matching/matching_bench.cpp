// What it costs to match on_send with on_acknowledgement: a table (T), records paired by pointer (P) or by the
// span id in the header (H). Fake messages, three threads (sender, acker, reader), CPU time of each thread.
//
// Build, from the repository's root:
//   g++ -std=c++20 -O2 -Wall -Wextra -pthread -I . bench/matching/matching_bench.cpp -o matching_bench
// Run: ./matching_bench [rounds]            (default 7; every round runs all variants, alternating)
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "bench/matching/fake_message.h"
#include "bench/matching/host_recorder.h"
#include "bench/matching/span_reader.h"

namespace bench::matching {
namespace {

constexpr std::size_t kBatch = 250;
constexpr std::size_t kFlowLimitBytes = 8 << 20;

struct Setup {
  std::string name;
  Variant variant;
  std::size_t table_slots = 0;
  std::size_t filter_buckets = 0;
  std::uint32_t one_in = 1;  // the sampler keeps one message in so many
  PairWhen pair_when = PairWhen::kHeld;
  bool flood = false;  // no flow control and a reader that comes every 50 ms: records are dropped
};

struct Outcome {
  double send_ns = 0;
  double ack_ns = 0;
  double reader_ns = 0;
  ReaderCounts read;
  std::uint64_t messages = 0;
  std::uint64_t sampled = 0;
  std::uint64_t table_full = 0;
  std::uint64_t ring_full = 0;
  std::size_t extra_bytes = 0;
};

std::int64_t thread_cpu_ns() { return now_ns(CLOCK_THREAD_CPUTIME_ID); }

// What one measurement itself costs; taken off every timed section.
std::int64_t timer_cost_ns() {
  std::vector<std::int64_t> costs;
  for (int i = 0; i < 1001; ++i) {
    const std::int64_t begin = thread_cpu_ns();
    costs.push_back(thread_cpu_ns() - begin);
  }
  std::nth_element(costs.begin(), costs.begin() + 500, costs.end());
  return costs[500];
}

class Run {
 public:
  Run(const Setup& setup, FakeHeap& heap, std::size_t in_flight, std::size_t messages)
      : setup_(setup),
        heap_(heap),
        keep_batches_(in_flight / kBatch),
        messages_(messages),
        recorder_(setup.variant, ring_, setup.table_slots, setup.filter_buckets),
        reader_(ring_, setup.variant == Variant::kHeader ? PairBy::kSpanId : PairBy::kPointer,
                setup.variant == Variant::kHeader ? PairWhen::kAtOnce : setup.pair_when) {}

  Outcome measure() {
    std::thread reader([this] { read(); });
    std::thread acker([this] { acknowledge(); });
    std::thread sender([this] { send(); });
    sender.join();
    acker.join();
    reader.join();
    return outcome();
  }

 private:
  void send() {
    const std::int64_t timer_cost = timer_cost_ns();
    std::vector<SendFacts> facts(kBatch);
    while (serial_ < messages_) {
      Batch batch;
      while (!has_room() || !heap_.allocate(batch)) sched_yield();
      prepare(batch, facts);
      const std::int64_t begin = thread_cpu_ns();
      for (SendFacts& sent : facts) {
        if (sent.flags == 0) continue;
        sent.start_ns = now_ns();
        recorder_.on_send(sent);
      }
      send_ns_ += thread_cpu_ns() - begin - timer_cost;
      queue_.push(std::move(batch));
    }
    all_sent_.store(true, std::memory_order_release);
  }

  bool has_room() const {
    return setup_.flood || undrained_.load(std::memory_order_relaxed) < static_cast<long>(kFlowLimitBytes);
  }

  // What librdkafka and the sampler do before us; not timed.
  void prepare(const Batch& batch, std::vector<SendFacts>& facts) {
    long bytes = 0;
    for (std::size_t index = 0; index < kBatch; ++index) {
      FakeMessage& message = *batch[index];
      message.serial = static_cast<std::uint32_t>(++serial_);
      message.private_part.fill(static_cast<char>(serial_));
      const std::uint64_t id = mix(serial_ * 0x2545F4914F6CDD1DULL) | 1;
      const bool sampled = id % (2 * setup_.one_in) == 1;
      if (sampled) {
        write_traceparent(message, id);
        bytes += sizeof(StartRecord);
      }
      // As with injection for sampled messages only: the others carry no header list.
      message.padding = sampled ? 1 : 0;
      sampled_ += sampled ? 1 : 0;
      facts[index] = SendFacts{reinterpret_cast<std::uint64_t>(&message), 0, {id, ~id}, id, 0, 7, 1, sampled,
                               message.serial};
    }
    undrained_.fetch_add(bytes, std::memory_order_relaxed);
  }

  void acknowledge() {
    const std::int64_t timer_cost = timer_cost_ns();
    std::uint64_t acknowledged = 0;
    while (acknowledged < messages_) {
      const std::size_t keep = all_sent_.load(std::memory_order_acquire) ? 0 : keep_batches_;
      Batch batch;
      if (!has_room() || !queue_.pop(keep, batch)) {
        sched_yield();
        continue;
      }
      // librdkafka sets these for the whole batch just before the interceptors run.
      for (FakeMessage* message : batch) message->offset = static_cast<std::int64_t>(++acknowledged);
      const std::int64_t begin = thread_cpu_ns();
      for (const FakeMessage* message : batch) acknowledge(*message);
      ack_ns_ += thread_cpu_ns() - begin - timer_cost;
      undrained_.fetch_add(kBatch * sizeof(SpanRecord), std::memory_order_relaxed);
      heap_.release(std::move(batch));
    }
    all_acknowledged_.store(true, std::memory_order_release);
  }

  void acknowledge(const FakeMessage& message) {
    SendFacts sent;
    const std::uint64_t key = key_of(message);
    if (!recorder_.wants(key, sent)) return;
    recorder_.on_acknowledgement(AckFacts{key, now_ns(), message.offset, message.partition, 1, message.error, 2,
                                          message.serial, 1},
                                 sent);
  }

  std::uint64_t key_of(const FakeMessage& message) const {
    if (setup_.variant != Variant::kHeader) return reinterpret_cast<std::uint64_t>(&message);
    return message.padding == 0 ? 0 : read_span_id(message);
  }

  void read() {
    const std::int64_t begin = thread_cpu_ns();
    while (!all_acknowledged_.load(std::memory_order_acquire)) {
      usleep(setup_.flood ? 50'000 : 5'000);
      reader_.read_round();
      undrained_.store(0, std::memory_order_relaxed);
    }
    for (int round = 0; round < 3; ++round) reader_.read_round();
    reader_ns_ = thread_cpu_ns() - begin;
  }

  Outcome outcome() const {
    const DropCounts& drops = recorder_.drops();
    const auto per = [](std::int64_t total, std::uint64_t count) { return double(total) / double(count); };
    return Outcome{.send_ns = per(send_ns_, serial_),
                   .ack_ns = per(ack_ns_, serial_),
                   .reader_ns = per(reader_ns_, sampled_),
                   .read = reader_.counts(),
                   .messages = serial_,
                   .sampled = sampled_,
                   .table_full = drops.table_full,
                   .ring_full = drops.start_ring_full + drops.end_ring_full + drops.span_ring_full,
                   .extra_bytes = recorder_.extra_bytes()};
  }

  const Setup setup_;
  FakeHeap& heap_;
  const std::size_t keep_batches_;
  const std::size_t messages_;
  ChunkRing ring_;
  HostRecorder recorder_;
  SpanReader reader_;
  InFlightQueue queue_;
  std::atomic<bool> all_sent_{false};
  std::atomic<bool> all_acknowledged_{false};
  std::atomic<long> undrained_{0};
  std::uint64_t serial_ = 0;
  std::uint64_t sampled_ = 0;
  std::int64_t send_ns_ = 0;
  std::int64_t ack_ns_ = 0;
  std::int64_t reader_ns_ = 0;
};

std::string spread(std::vector<Outcome>& runs, double Outcome::*figure) {
  std::sort(runs.begin(), runs.end(),
            [&](const Outcome& a, const Outcome& b) { return a.*figure < b.*figure; });
  char text[64];
  std::snprintf(text, sizeof(text), "%.1f (%.1f-%.1f)", runs[runs.size() / 2].*figure, runs.front().*figure,
                runs.back().*figure);
  return text;
}

void print(const Setup& setup, std::vector<Outcome>& runs) {
  Outcome sum;
  for (const Outcome& run : runs) {
    sum.read.right += run.read.right;
    sum.read.wrong += run.read.wrong;
    sum.read.unmatched_ends += run.read.unmatched_ends;
    sum.read.waiting_starts += run.read.waiting_starts;
    sum.read.peak_bytes = std::max(sum.read.peak_bytes, run.read.peak_bytes);
    sum.sampled += run.sampled;
    sum.table_full += run.table_full;
    sum.ring_full += run.ring_full;
    sum.extra_bytes = run.extra_bytes;
  }
  std::printf("%-16s | %-22s | %-22s | %-22s | %8zu | %8zu | %9llu | %9llu | %7llu | %9llu | %9llu | %9llu | %9llu\n",
              setup.name.c_str(), spread(runs, &Outcome::send_ns).c_str(),
              spread(runs, &Outcome::ack_ns).c_str(), spread(runs, &Outcome::reader_ns).c_str(),
              sum.extra_bytes / 1024, sum.read.peak_bytes / 1024, (unsigned long long)sum.sampled,
              (unsigned long long)sum.read.right, (unsigned long long)sum.read.wrong,
              (unsigned long long)sum.table_full, (unsigned long long)sum.ring_full,
              (unsigned long long)sum.read.unmatched_ends, (unsigned long long)sum.read.waiting_starts);
  std::fflush(stdout);
}

void compare(const char* title, std::size_t in_flight, std::size_t rounds, const std::vector<Setup>& setups) {
  std::printf("\n%s, %zu in flight\n", title, in_flight);
  std::printf("%-16s | %-22s | %-22s | %-22s | %8s | %8s | %9s | %9s | %7s | %9s | %9s | %9s | %9s\n", "variant",
              "on_send ns/msg", "on_ack ns/msg", "reader ns/span", "host KiB", "rd KiB", "sampled", "right",
              "wrong", "tableFull", "ringFull", "lone ends", "lone strt");
  FakeHeap heap(in_flight + 8 * kBatch, kBatch);
  std::vector<std::vector<Outcome>> runs(setups.size());
  const std::size_t messages = 1'500'000 + 2 * in_flight;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t index = 0; index < setups.size(); ++index) {
      runs[index].push_back(Run(setups[index], heap, in_flight, messages).measure());
    }
  }
  for (std::size_t index = 0; index < setups.size(); ++index) print(setups[index], runs[index]);
}

void compare_all_recorded(std::size_t in_flight, std::size_t rounds) {
  compare("all recorded", in_flight, rounds,
          {{"clock only", Variant::kClockOnly},
           {"T", Variant::kTable, std::max(4096UL, 2 * in_flight)},
           {"T 64k slots", Variant::kTable, 65'536},
           {"P at once", Variant::kPair, 0, 0, 1, PairWhen::kAtOnce},
           {"P held", Variant::kPair},
           {"P admitted", Variant::kPairAdmitted, 0, std::max(512UL, in_flight / 7)},
           {"H", Variant::kHeader}});
}

void compare_sampled(std::size_t in_flight, std::size_t rounds) {
  compare("1 % sampled", in_flight, rounds,
          {{"T", Variant::kTable, std::max(1024UL, in_flight / 50), 0, 100},
           {"T 64k slots", Variant::kTable, 65'536, 0, 100},
           {"P ends, at once", Variant::kPair, 0, 0, 100, PairWhen::kAtOnce},
           {"P ends, held", Variant::kPair, 0, 0, 100},
           {"P filter", Variant::kPairFiltered, 0, std::max(64UL, in_flight / 500), 100},
           {"P filter small", Variant::kPairFiltered, 0, std::max(4UL, in_flight / 1500), 100},
           {"P admitted", Variant::kPairAdmitted, 0, std::max(64UL, in_flight / 500), 100},
           {"H", Variant::kHeader, 0, 0, 100}});
}

// Records are dropped: what is left must still be right.
void compare_flooded(std::size_t in_flight) {
  constexpr auto kHeld = PairWhen::kHeld;
  const std::size_t slots = std::max(4096UL, 2 * in_flight);
  compare("flood, all recorded", in_flight, 3,
          {{"T", Variant::kTable, slots, 0, 1, kHeld, true},
           {"P held", Variant::kPair, 0, 0, 1, kHeld, true},
           {"P admitted", Variant::kPairAdmitted, 0, std::max(512UL, in_flight / 7), 1, kHeld, true},
           {"H", Variant::kHeader, 0, 0, 1, kHeld, true}});
  compare("flood, half sampled", in_flight, 3,
          {{"T", Variant::kTable, slots, 0, 2, kHeld, true},
           {"P ends", Variant::kPair, 0, 0, 2, kHeld, true},
           {"P filter", Variant::kPairFiltered, 0, std::max(64UL, in_flight / 8), 2, kHeld, true},
           {"P admitted", Variant::kPairAdmitted, 0, std::max(512UL, in_flight / 7), 2, kHeld, true},
           {"H", Variant::kHeader, 0, 0, 2, kHeld, true}});
}

int main_of(int argc, char** argv) {
  const std::size_t rounds = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 7;
  for (const std::size_t in_flight : {1'000UL, 100'000UL, 1'000'000UL}) {
    compare_all_recorded(in_flight, rounds);
    compare_sampled(in_flight, rounds);
  }
  for (const std::size_t in_flight : {1'000UL, 100'000UL}) compare_flooded(in_flight);
  return 0;
}

}  // namespace
}  // namespace bench::matching

int main(int argc, char** argv) { return bench::matching::main_of(argc, argv); }
