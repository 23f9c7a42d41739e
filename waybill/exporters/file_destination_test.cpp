#include "waybill/exporters/file_destination.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "waybill/exporters/otlp_json_encoder.h"
#include "waybill/exporters/queued_exporter.h"
#include "waybill/exporters/testing/sample_spans.h"

namespace waybill::exporters {
namespace {

using namespace std::chrono_literals;
using testing::batch_of;

class FileDestinationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/waybill-file-XXXXXX";
    directory_ = mkdtemp(name);
    path_ = directory_ / "spans.jsonl";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  // How many spans stand in each line of the file.
  std::vector<std::size_t> spans_by_line() const {
    std::vector<std::size_t> spans;
    std::ifstream file{path_};
    for (std::string line; std::getline(file, line);) {
      const auto request = nlohmann::json::parse(line);
      spans.push_back(request["resourceSpans"][0]["scopeSpans"][0]["spans"].size());
    }
    return spans;
  }

  std::filesystem::path directory_;
  std::filesystem::path path_;
  std::vector<std::string> said_;
  Log log_{[] { return std::chrono::steady_clock::now(); },
           [this](const std::string& line) { said_.push_back(line); }};
  configure::BatchSettings batch_{0ms};
};

std::vector<std::shared_ptr<const telemetry::SpanBatch>> one_batch(std::size_t spans) {
  return {batch_of(spans)};
}

TEST_F(FileDestinationTest, AppendsALineForEachDeliveryToAFileOfItsOwnersAlone) {
  umask(0);
  FileDestination destination{path_, otlp_json_line};
  EXPECT_EQ(destination.deliver(one_batch(2), Deadline::max()).outcome, Delivery::Outcome::kTaken);
  FileDestination again{path_, otlp_json_line};
  EXPECT_EQ(again.deliver(one_batch(3), Deadline::max()).outcome, Delivery::Outcome::kTaken);
  EXPECT_EQ(spans_by_line(), (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(FileDestinationTest, MakesTheFileAnewWhenItWasMovedAway) {
  FileDestination destination{path_, otlp_json_line};
  destination.deliver(one_batch(1), Deadline::max());
  std::filesystem::rename(path_, directory_ / "old");
  destination.deliver(one_batch(4), Deadline::max());
  EXPECT_EQ(spans_by_line(), std::vector<std::size_t>{4});
}

TEST_F(FileDestinationTest, CountsWhatCannotBeWrittenAndSaysItOnce) {
  QueuedExporter exporter{std::make_unique<FileDestination>(directory_ / "missing" / "spans", otlp_json_line),
                          batch_, log_};
  for (int turn = 0; turn < 3; ++turn) {
    exporter.submit(batch_of(2));
    ASSERT_TRUE(exporter.flush(std::chrono::steady_clock::now() + 30s));
  }
  EXPECT_EQ(exporter.statistics().dropped_unreachable, 6U);
  ASSERT_EQ(said_.size(), 1U);
  EXPECT_NE(said_[0].find("No such file or directory"), std::string::npos);
}

TEST_F(FileDestinationTest, BeginsANewLineAfterOneThatIsBroken) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  FileDestination destination{path_, otlp_json_line};
  std::filesystem::create_symlink("/dev/full", path_);
  EXPECT_EQ(destination.deliver(one_batch(1), Deadline::max()).reason, "No space left on device");
  std::filesystem::remove(path_);
  EXPECT_EQ(destination.deliver(one_batch(1), Deadline::max()).outcome, Delivery::Outcome::kTaken);
  std::ifstream file{path_};
  std::string first;
  std::getline(file, first);
  EXPECT_EQ(first, "");  // what stood there in part ends here
}

TEST_F(FileDestinationTest, EndsAlthoughNobodyReadsThePipe) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  QueuedExporter exporter{std::make_unique<FileDestination>(ends[1], "stdout", otlp_json_line), batch_, log_};
  exporter.submit(batch_of(1'000));  // more than a pipe holds
  exporter.shutdown(std::chrono::steady_clock::now() + 10ms);
  EXPECT_EQ(exporter.statistics().dropped_unreachable, 1'000U);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace waybill::exporters
