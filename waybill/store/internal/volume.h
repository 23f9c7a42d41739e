#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "waybill/store/internal/volume_reader.h"
#include "waybill/store/internal/volume_writer.h"

namespace waybill::store::internal {

// One file of the store, and who reads and writes it. Thread-safe but for the writer, which belongs to the
// writing thread.
class Volume {
 public:
  // Throws SQLite::Exception; a file of another version is one, too.
  Volume(std::uint64_t number, std::filesystem::path file, bool is_written);
  ~Volume();
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;

  std::uint64_t number() const { return number_; }
  std::uint64_t bytes() const;

  // Writes all batches, or throws SQLite::Exception and has written nothing. For each batch as Store::insert.
  std::vector<std::vector<bool>> write(const std::vector<const Batch*>& batches);
  // When it was begun, as far as this process knows.
  std::chrono::steady_clock::time_point begun() const { return begun_; }
  // No more is written.
  void close_writer();

  // Writes what the log of the file has back into the file, while others read and write; waits for the disk.
  // Throws SQLite::Exception. Belongs to one thread.
  void write_back();

  // A copy of its numbers.
  Status status() const;

  // Calls `read(VolumeReader&)` with a reader that nobody else has meanwhile.
  template <typename Read>
  auto with_reader(Read&& read) {
    std::unique_ptr<VolumeReader> reader = take_reader();
    // A reader that threw is not used again.
    auto result = read(*reader);
    give_back(std::move(reader));
    return result;
  }

  // Its file goes when the last one who reads it has ended.
  void delete_at_end() { is_deleted_ = true; }

 private:
  void learn(const Batch& batch);
  std::unique_ptr<VolumeReader> take_reader();
  void give_back(std::unique_ptr<VolumeReader> reader);

  const std::uint64_t number_;
  const std::filesystem::path file_;
  std::unique_ptr<VolumeWriter> writer_;
  std::unique_ptr<SQLite::Database> write_back_;  // of the thread that does it
  std::atomic<bool> is_closed_{false};            // nothing is written any more
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;  // guards what follows
  Status found_;              // what was there when it was opened
  Status written_;
  std::vector<std::unique_ptr<VolumeReader>> idle_;
  bool is_deleted_ = false;
};

}  // namespace waybill::store::internal
