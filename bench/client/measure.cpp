#include "measure.h"

#include <bit>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

namespace waybill::bench {
namespace {

constexpr const char* kMockThread = "rdk:mock";

std::string first_line(const std::filesystem::path& file) {
  std::ifstream stream{file};
  std::string line;
  std::getline(stream, line);
  return line;
}

unsigned bucket_of(std::uint64_t ns) {
  if (ns < 16) return static_cast<unsigned>(ns);
  const auto exponent = static_cast<unsigned>(std::bit_width(ns)) - 1;
  return (exponent - 3) * 16 + static_cast<unsigned>(ns >> (exponent - 4U) & 15U);
}

std::uint64_t upper_end(unsigned bucket) {
  if (bucket < 16) return bucket;
  const unsigned exponent = bucket / 16 + 3;
  return (std::uint64_t{17} + bucket % 16) << (exponent - 4U);
}

}  // namespace

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

Usage Usage::now() {
  Usage usage;
  usage.wall_ns = now_ns();
  if (allocations_so_far != nullptr) usage.allocations = allocations_so_far();
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
    if (first_line(task.path() / "comm") == kMockThread) continue;
    usage.cpu_ns += std::stoull("0" + first_line(task.path() / "schedstat"));
  }
  return usage;
}

Footprint Footprint::now() {
  Footprint footprint;
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) footprint.rss_kib = std::stoull(line.substr(6));
    if (line.starts_with("Threads:")) footprint.threads = std::stoull(line.substr(8));
  }
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator{"/proc/self/fd"})
    ++footprint.files;
  return footprint;
}

void Histogram::add(std::uint64_t ns) {
  ++counts_[bucket_of(ns)];
  ++total_;
}

std::uint64_t Histogram::quantile(double part) const {
  const auto wanted = static_cast<std::uint64_t>(part * static_cast<double>(total_));
  std::uint64_t seen = 0;
  for (unsigned bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen > wanted) return upper_end(bucket);
  }
  return 0;
}

}  // namespace waybill::bench
