#include "waybill/observe/room.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "waybill/base/address_space.h"
#include "waybill/base/cancellation_hold.h"
#include "waybill/base/clock.h"
#include "waybill/base/say.h"
#include "waybill/base/shared_word.h"
#include "waybill/observe/thread_state.h"

namespace waybill::observe {

using base::shared;

constinit thread_local ThreadState thread_state;

namespace {

constinit std::atomic<Room*> the_room{nullptr};

// Not in the room: a child goes on counting where its parent was, so that a number it inherited is never that
// of a client of its own.
constinit std::atomic<std::uint32_t> last_client_number{0};

constexpr int kWipeOnFork = 18;  // MADV_WIPEONFORK

constexpr std::uint64_t kReclaimAfterNs = 60'000'000'000;  // a client's threads are long gone by then

// Without a collector segments stay behind; so many, and no more, may wait for one that comes later.
constexpr std::uint32_t kSegmentsWithoutReader = 64;

// Memory for the room: zero until it is used, and zero again in the child of a fork. Null with a reason.
Room* map_room(base::Failure& failure) {
  failure = base::Failure::kNoAddressSpace;
  if (!base::may_map(sizeof(Room))) return nullptr;
  void* memory = mmap(nullptr, sizeof(Room), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  if (madvise(memory, sizeof(Room), kWipeOnFork) != 0) {
    munmap(memory, sizeof(Room));
    failure = base::Failure::kNoForkProtection;
    return nullptr;
  }
  Room* mine = static_cast<Room*>(memory);
  Room* nobody = nullptr;
  if (the_room.compare_exchange_strong(nobody, mine, std::memory_order_acq_rel)) return mine;
  munmap(memory, sizeof(Room));
  return nobody;
}

// Not libc's nanosleep: that is a cancellation point, and a hook must not be one.
void sleep_one_ms() {
  const timespec one_ms{0, 1'000'000};
  [[maybe_unused]] const long ignored = syscall(SYS_nanosleep, &one_ms, nullptr);
}

base::Failure look_at_directory(int directory) {
  struct stat facts {};
  if (fstatat(directory, ".", &facts, 0) != 0)  // needs the right to enter it, unlike fstat
    return base::failure_of(errno, base::Failure::kNoRuntimeDirectory);
  const bool owner_is_trusted = facts.st_uid == 0 || facts.st_uid == geteuid();
  const bool others_may_replace_files =
      (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (facts.st_mode & S_ISVTX) == 0;
  return owner_is_trusted && !others_may_replace_files ? base::Failure::kNone
                                                       : base::Failure::kRuntimeDirectoryNotPrivate;
}

void apply_told(std::string_view settings, HostOptions& options) {
  while (!settings.empty()) {
    const std::size_t size = std::min(settings.find('\0'), settings.size());
    if (size != 0) apply_plugin_property({settings.data(), size}, options);
    settings.remove_prefix(size < settings.size() ? size + 1 : size);
  }
}

// What a client's definition says: fields that end with a zero byte.
struct ProfileText {
  char bytes[segment::kMaxDefinition];
  std::size_t size = 0;

  explicit ProfileText(const ClientFacts& facts) {
    add(facts.producer ? "producer" : "consumer");
    add(facts.client_id);
    add(facts.group_id);
    add(facts.servers);
    add(facts.library_version);
    add(facts.acks);
    add(facts.transactional_id);
    add(facts.isolation_level);
    add(facts.security_protocol);
    add(facts.max_poll_interval_ms);
  }
  void add(std::string_view field) {
    if (size + field.size() + 1 > sizeof bytes) field = {};  // the next ones keep their places
    if (size == sizeof bytes) return;
    if (!field.empty()) std::memcpy(bytes + size, field.data(), field.size());
    size += field.size();
    bytes[size++] = '\0';
  }
  std::string_view view() const { return {bytes, size}; }
};

// Whether another segment may stand in the directory while nobody reads there. One that this user may write
// into but not read (that of root's collecting process) may hold any number already.
base::Failure may_wait_for_reader(int directory) {
  const int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0 && errno != EACCES) return base::failure_of(errno, base::Failure::kNoRuntimeDirectory);
  if (copy < 0) return base::Failure::kNobodyCollects;
  alignas(8) char entries[4096];
  std::uint32_t count = 0;
  long size = 0;
  while (count < kSegmentsWithoutReader &&
         (size = syscall(SYS_getdents64, copy, entries, sizeof entries)) > 0) {
    for (long at = 0; at < size;) {
      unsigned short length = 0;  // of linux_dirent64: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name
      std::memcpy(&length, entries + at + 16, sizeof length);
      const char* name = entries + at + 19;
      const std::size_t name_size = std::strlen(name);
      const std::size_t suffix_size = std::strlen(segment::kSegmentSuffix);
      if (name_size > suffix_size &&
          std::strcmp(name + name_size - suffix_size, segment::kSegmentSuffix) == 0)
        ++count;
      at += length;
    }
  }
  close(copy);
  return count < kSegmentsWithoutReader ? base::Failure::kNone : base::Failure::kNobodyCollects;
}

}  // namespace

bool Room::leave() {
  Room* room = the_room.load(std::memory_order_acquire);
  const std::uint32_t state = room == nullptr ? kNew : shared(room->state_).load(std::memory_order_acquire);
  if (state == kNew) return true;
  if (state == kEntering) return false;
  for (Client& client : room->clients_) {
    if (shared(client.in_use).load(std::memory_order_acquire) != 0) return false;
  }
  if (!room->writer_.abandon()) return false;
  the_room.store(nullptr, std::memory_order_release);
  return true;
}

Room* Room::entered() {
  Room* room = the_room.load(std::memory_order_acquire);
  return room != nullptr && shared(room->state_).load(std::memory_order_acquire) == kReady ? room : nullptr;
}

Room* Room::enter(const char* const* variables, const ToldSettings& told, HostRuntime runtime) {
  Room* room = the_room.load(std::memory_order_acquire);
  base::Failure no_memory = base::Failure::kNone;
  if (room == nullptr) room = map_room(no_memory);
  if (room == nullptr) {
    static constinit std::atomic<bool> said{false};
    if (!said.exchange(true)) base::say("no telemetry from this program", describe(no_memory));
    return nullptr;
  }
  // What follows opens files: no cancellation may leave it half done.
  const base::CancellationHold hold;
  std::uint32_t expected = kNew;
  if (shared(room->state_).compare_exchange_strong(expected, kEntering)) {
    const base::Failure failure = room->make_ready(variables, told, runtime);
    if (failure != base::Failure::kNone && failure != base::Failure::kDisabled) {
      base::say("no telemetry from this program", describe(failure));
    }
    shared(room->state_).store(failure == base::Failure::kNone ? kReady : kOff, std::memory_order_release);
  }
  // Another thread may be making its first client at the same moment.
  for (int turn = 0; turn < 1000 && shared(room->state_).load(std::memory_order_acquire) == kEntering; ++turn)
    sleep_one_ms();
  return entered();
}

base::Failure Room::make_ready(const char* const* variables, const ToldSettings& told, HostRuntime runtime) {
  read_host_options(variables, options_);
  options_.runtime = runtime;
  apply_told(told.by_plugin_properties, options_);
  apply_told(told.by_application, options_);
  if (!options_.enabled) return base::Failure::kDisabled;
  if (syscall(SYS_getrandom, key_, sizeof key_, 0) != static_cast<long>(sizeof key_))
    return base::Failure::kNoRandomness;
  key_[0] |= 1;  // never 0: threads compare their seed with it

  // Root's directory for all users may not be listed by them, so it is not opened for reading.
  const int directory = open(options_.runtime_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return base::failure_of(errno, base::Failure::kNoRuntimeDirectory);
  base::Failure failure = look_at_directory(directory);
  if (failure == base::Failure::kNone) {
    read_collector_file(directory);
    if (!reader_lives(base::monotonic_ns())) failure = may_wait_for_reader(directory);
  }
  if (failure == base::Failure::kNone) {
    failure = writer_.create(
        directory, options_.segment_size,
        {.program = options_.program, .environment = {options_.environment, options_.environment_size}});
  }
  close(directory);
  if (failure == base::Failure::kNone && options_.left_out[0] != '\0') {
    base::say("this program's OTEL_* and WAYBILL_* variables are longer than 32 KiB, so one is not handed on",
              options_.left_out);
  }
  if (failure == base::Failure::kNone) wait_for_settings();
  return failure;
}

// Read once, not mapped: whoever owns that file could cut it off under us.
void Room::read_collector_file(int directory) {
  first_words_ = segment::pack({});
  // Whoever may write into the directory may have put anything there: a FIFO must not hold us up, and another
  // user's word does not count.
  const int file =
      openat(directory, segment::kCollectorFileName, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return;
  struct stat facts {};
  const bool trusted =
      fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && (facts.st_uid == 0 || facts.st_uid == geteuid());
  segment::CollectorFile collector{};
  const bool sound =
      trusted && read(file, &collector, sizeof collector) == static_cast<ssize_t>(sizeof collector) &&
      collector.magic == segment::kCollectorMagic && collector.version == segment::kFormatVersion;
  close(file);
  if (!sound) return;
  first_heartbeat_ns_ = collector.heartbeat_ns;
  first_words_ = collector.settings;
}

// A host's first message must follow its own settings, and only the collecting side can resolve them. It sees
// a new segment at once, so this takes a millisecond or two, in rd_kafka_new, once in a process.
void Room::wait_for_settings() {
  if (!reader_lives(base::monotonic_ns())) return;
  segment::PackedSettings ignored;
  for (int turn = 0; turn < 100 && !writer_.published_settings(ignored); ++turn) sleep_one_ms();
}

Client* Room::open_client(const ClientFacts& facts) {
  for (Client& client : clients_) {
    std::uint32_t free = 0;
    if (shared(client.in_use).load(std::memory_order_relaxed) != 0 ||
        !shared(client.in_use).compare_exchange_strong(free, 1, std::memory_order_acquire)) {
      continue;
    }
    ClientFacts common = facts;
    common.client_id = common.group_id = common.transactional_id = {};
    client.profile = writer_.define_client(ProfileText{facts}.view(), ProfileText{common}.view());
    client.cluster_known = 0;
    client.sampled_without_headers = 0;
    shared(client.destroyed_ns).store(0, std::memory_order_relaxed);
    client.producer = facts.producer;
    client.sees_end_of_processing = facts.sees_end_of_processing;
    client.message_max_bytes = facts.message_max_bytes;
    client.looked_at_partitions_ns = 0;
    const std::string_view group = facts.producer ? std::string_view{} : facts.group_id;
    client.group_size = static_cast<std::uint8_t>(std::min(group.size(), Client::kMaxGroup));
    std::copy_n(group.data(), client.group_size, client.group_text);
    std::memset(client.brokers, 0, sizeof client.brokers);
    forget_transaction(client);
    shared(client.number)
        .store(last_client_number.fetch_add(1, std::memory_order_relaxed) + 1, std::memory_order_release);
    return &client;
  }
  if (reclaim_clients()) return open_client(facts);
  writer_.count(segment::HostCounter::kClientsNotObserved);
  if (shared(clients_refused_said_).exchange(1) == 0) {
    base::say("a Kafka client is not observed", describe(base::Failure::kTooManyClients));
  }
  return nullptr;
}

// When rd_kafka_new fails late, librdkafka says on_destroy and nothing more. Such slots are taken back when
// they run out.
bool Room::reclaim_clients() {
  const std::uint64_t now_ns = base::monotonic_ns();
  bool reclaimed = false;
  for (Client& client : clients_) {
    const std::uint64_t destroyed_ns = shared(client.destroyed_ns).load(std::memory_order_relaxed);
    if (destroyed_ns == 0 || now_ns - destroyed_ns < kReclaimAfterNs) continue;
    close_client(client);
    reclaimed = true;
  }
  return reclaimed;
}

void Room::client_destroyed(Client& client) {
  end_processing(client);
  shared(client.destroyed_ns).store(base::monotonic_ns(), std::memory_order_relaxed);
}

void Room::close_client(Client& client) {
  if (shared(client.number).load(std::memory_order_acquire) == 0) return;
  end_processing(client);
  give_up_transaction(client);
  writer_.cells().release_partitions(client.number);
  segment::ClientClosed record{};
  record.time_ns = base::monotonic_ns();
  record.client = client.number;
  if (!writer_.append(segment::RecordKind::kClientClosed, record))
    count(segment::HostCounter::kSendEndsDropped);
  shared(client.destroyed_ns).store(0, std::memory_order_relaxed);
  shared(client.number).store(0, std::memory_order_release);
  shared(client.in_use).store(0, std::memory_order_release);
}

void Room::learn_cluster(Client& client, std::string_view cluster_id) {
  if (shared(client.cluster_known).exchange(1, std::memory_order_relaxed) != 0) return;
  segment::ClientCluster record{};
  record.client = client.number;
  record.cluster = writer_.define(segment::DefinitionKind::kCluster, cluster_id);
  if (record.cluster != 0) writer_.append(segment::RecordKind::kClientCluster, record);
}

}  // namespace waybill::observe
