#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "waybill/collect/host.h"
#include "waybill/segment/writer.h"

namespace waybill::collect::testing {

// A consumer's definition, as its host writes it.
inline std::string consumer_profile(const std::string& group, const std::string& servers,
                                    const std::string& security_protocol) {
  std::string profile;
  for (const std::string& field :
       {std::string{"consumer"}, std::string{"rdkafka"}, group, servers, std::string{"2.0.2"}, std::string{},
        std::string{}, std::string{"read_committed"}, security_protocol, std::string{"300000"}})
    profile += field + '\0';
  return profile;
}

// A host's segment, written by the test, and the collecting side's end of it, whose spans go nowhere or to
// what a test makes.
class HostTest : public ::testing::Test {
 protected:
  explicit HostTest(std::size_t spool_size = kSpoolSize) : spool_size_{spool_size} {}

  void SetUp() override {
    char name[] = "/dev/shm/waybill-host-XXXXXX";
    path_ = mkdtemp(name);
    const int directory = open(path_.c_str(), O_RDONLY | O_DIRECTORY);
    const std::string environment = environment_ + '\0';
    ASSERT_EQ(
        writer_->create(directory, segment::kMinSegmentSize, {.program = "shop", .environment = environment}),
        base::Failure::kNone);
    close(directory);
    segment::Reader reader;
    const std::filesystem::path file = std::filesystem::directory_iterator { path_ } -> path();
    ASSERT_EQ(reader.open(open(file.c_str(), O_RDWR)), segment::ReadProblem::kNone);
    host_ = std::make_unique<Host>("name.segment", owner_, std::move(reader),
                                   std::make_unique<Spool>(spool_size_), defaults_,
                                   Pools{pool_, *metric_pool_, log_pool_}, log_);
  }
  void TearDown() override { std::filesystem::remove_all(path_); }

  virtual ExporterSet make_exporters(const configure::Settings&) { return {}; }
  virtual ExporterSet make_log_exporters(const configure::Settings&) { return {}; }

  bool start(std::uint64_t number) {
    segment::SendStarted record{};
    record.message = number;
    record.start_ns = number;
    record.context.flags = context::kFlagSampled;
    record.client = 1;
    return writer_->append(segment::RecordKind::kSendStarted, record);
  }
  bool end(std::uint64_t number, std::uint64_t time_ns, std::uint32_t error = 0) {
    segment::SendEnded record{};
    record.message = number;
    record.end_ns = time_ns;
    record.error = error;
    record.client = 1;
    return writer_->append(segment::RecordKind::kSendEnded, record);
  }
  void expect_balance(const HostBooks& books) {
    EXPECT_EQ(books.started, books.handed_on + books.dropped_no_room + books.dropped_lost_end +
                                 books.dropped_spool_full + books.not_kept + books.in_flight);
  }

  static constexpr std::size_t kSpoolSize = std::size_t{1024} * 1024;
  std::size_t spool_size_;
  std::string environment_ = "OTEL_TRACES_EXPORTER=none";  // the host's own
  uid_t owner_ = geteuid();
  configure::Environment defaults_;  // under the host's own variables
  std::string path_;
  std::unique_ptr<segment::Writer> writer_ = std::make_unique<segment::Writer>();
  Log log_{[] { return std::chrono::steady_clock::now(); }, [](const std::string&) {}};
  ExporterPool pool_{log_,
                     [this](const configure::Settings& settings, Log&) { return make_exporters(settings); }};
  std::unique_ptr<MetricPool> metric_pool_ = std::make_unique<MetricPool>(
      log_, [](const configure::Settings&, Log&) { return MetricExporterSet{}; });
  ExporterPool log_pool_{
      log_, [this](const configure::Settings& settings, Log&) { return make_log_exporters(settings); },
      ExporterPool::Signal::kLogs};
  std::unique_ptr<Host> host_;
};

}  // namespace waybill::collect::testing
