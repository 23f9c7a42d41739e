#include "waybill/collect/runtime_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string_view>

#include "waybill/base/clock.h"
#include "waybill/collect/tuning.h"
#include "waybill/segment/layout.h"

namespace waybill::collect {
namespace {

Error io_error(const std::string& what) { return {Error::Code::kIo, what + ": " + std::strerror(errno)}; }

constexpr std::string_view kSpoolSuffix = ".spool";

constexpr std::string_view kMetricsSuffix = ".metrics";
constexpr std::string_view kTunedSuffix = ".tuned";
constexpr std::array kSuffixesBeside{kSpoolSuffix, kMetricsSuffix, kTunedSuffix};
constexpr std::size_t kMostMetricMemory = std::size_t{4} << 20U;

// The name of a file that belongs to a segment.
std::string beside(std::string_view segment, std::string_view suffix) {
  segment.remove_suffix(std::string_view{segment::kSegmentSuffix}.size());
  return std::string{segment}.append(suffix);
}

}  // namespace

std::string RuntimeDirectory::default_path() {
  if (const char* set = std::getenv("WAYBILL_RUNTIME_DIR"); set != nullptr && *set != '\0') return set;
  if (geteuid() == 0) return "/run/waybill";
  if (const char* session = std::getenv("XDG_RUNTIME_DIR"); session != nullptr && *session != '\0') {
    return std::string{session} + "/waybill";
  }
  return "/dev/shm/waybill-" + std::to_string(geteuid());
}

Expected<RuntimeDirectory> RuntimeDirectory::open(const std::string& path, SegmentsOf whose) {
  const bool for_all = geteuid() == 0 && whose == SegmentsOf::kAllUsers;
  if (mkdir(path.c_str(), 0700) == 0) {
    if (for_all && chmod(path.c_str(), 01733) != 0)
      return io_error("cannot open " + path + " to other users");
  } else if (errno != EEXIST) {
    return io_error("cannot make the runtime directory " + path);
  }
  Expected<RuntimeDirectory> directory = open_existing(path);
  if (directory && !for_all) directory->others_welcome_ = false;
  return directory;
}

namespace {

constexpr std::string_view kPrivateName = "waybill-run-";

constexpr std::time_t kAbandonedAfterSeconds = 60;

// What a process that was killed has left: nobody holds the lock of its collector's file, and nobody will
// read its segments, which take memory. A young one may be about to be locked.
void remove_abandoned(const char* base) {
  std::error_code ignored;
  std::filesystem::directory_iterator entry{base, ignored};
  for (; entry != std::filesystem::directory_iterator{}; entry.increment(ignored)) {
    struct stat facts {};
    const std::string path = entry->path();
    if (!entry->path().filename().string().starts_with(kPrivateName)) continue;
    if (lstat(path.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode) || facts.st_uid != geteuid()) continue;
    const std::string file = path + "/" + segment::kCollectorFileName;
    const FileDescriptor collector{::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
    if (!collector || fstat(collector.get(), &facts) != 0) continue;
    const bool is_old = std::time(nullptr) - facts.st_mtim.tv_sec > kAbandonedAfterSeconds;
    if (is_old && flock(collector.get(), LOCK_EX | LOCK_NB) == 0) std::filesystem::remove_all(path, ignored);
  }
}

}  // namespace

Expected<RuntimeDirectory> RuntimeDirectory::make_private() {
  for (const char* base : {"/dev/shm", "/run", "/tmp"}) {
    remove_abandoned(base);
    std::string path = std::string{base} + "/" + std::string{kPrivateName} + "XXXXXX";
    if (mkdtemp(path.data()) == nullptr) continue;
    Expected<RuntimeDirectory> directory = open_existing(path);
    if (directory) directory->private_ = true;
    return directory;
  }
  return io_error("cannot make a runtime directory in /dev/shm, /run or /tmp");
}

Expected<RuntimeDirectory> RuntimeDirectory::open_existing(const std::string& path) {
  RuntimeDirectory result;
  result.path_ = path;
  result.directory_ = FileDescriptor{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)};
  if (!result.directory_) return io_error("cannot open the runtime directory " + path);
  struct stat facts {};
  fstat(result.directory_.get(), &facts);
  if (facts.st_uid != geteuid())
    return Error{Error::Code::kIo, "the runtime directory " + path + " belongs to another user"};
  if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (facts.st_mode & S_ISVTX) == 0) {
    return Error{Error::Code::kIo, "others may replace files in the runtime directory " + path +
                                       "; its mode must be 0700 or 1733"};
  }
  result.others_welcome_ = geteuid() == 0 && (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  result.collector_file_ = FileDescriptor{openat(result.directory_.get(), segment::kCollectorFileName,
                                                 O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)};
  if (!result.collector_file_) return io_error("cannot write into the runtime directory " + path);
  if (flock(result.collector_file_.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{Error::Code::kIo, "another waybill already collects in " + path};
  }
  result.changes_ = FileDescriptor{inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
  if (result.changes_) inotify_add_watch(result.changes_.get(), path.c_str(), IN_MOVED_TO);
  return result;
}

void RuntimeDirectory::announce(const segment::HostSettings& settings) {
  segment::CollectorFile content{};
  content.magic = segment::kCollectorMagic;
  content.heartbeat_ns = base::monotonic_ns();
  content.settings = segment::pack(settings);
  content.pid = getpid();
  content.version = segment::kFormatVersion;
  [[maybe_unused]] const ssize_t ignored = pwrite(collector_file_.get(), &content, sizeof content, 0);
}

void RuntimeDirectory::beat() {
  const std::uint64_t now_ns = base::monotonic_ns();
  [[maybe_unused]] const ssize_t ignored =
      pwrite(collector_file_.get(), &now_ns, sizeof now_ns, offsetof(segment::CollectorFile, heartbeat_ns));
}

std::vector<std::string> RuntimeDirectory::segments() const { return names_ending(segment::kSegmentSuffix); }

std::vector<std::string> RuntimeDirectory::names_ending(std::string_view suffix) const {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing{opendir(path_.c_str()), closedir};
  if (!listing) return names;
  while (const dirent* entry = readdir(listing.get())) {
    if (std::string_view{entry->d_name}.ends_with(suffix)) names.emplace_back(entry->d_name);
  }
  return names;
}

Expected<OpenSegment> RuntimeDirectory::open_segment(const std::string& name) const {
  return open_regular_file("segment", name, 077);
}

Expected<OpenSegment> RuntimeDirectory::open_tune_file(const std::string& name) const {
  return open_regular_file("file", name, 022);
}

Expected<OpenSegment> RuntimeDirectory::open_regular_file(const std::string& what, const std::string& name,
                                                          unsigned refused_rights) const {
  FileDescriptor file{openat(directory_.get(), name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (!file) return io_error("cannot open the " + what + " " + name);
  struct stat facts {};
  fstat(file.get(), &facts);
  const auto refused = [&](const std::string& text) { return Error{Error::Code::kUnusableSegment, text}; };
  if (!S_ISREG(facts.st_mode)) return refused(name + " is no regular file");
  if (facts.st_uid != geteuid() && !others_welcome_)
    return refused("the " + what + " " + name + " belongs to another user");
  if ((facts.st_mode & refused_rights) != 0)
    return refused("others may read or write the " + what + " " + name);
  // Through a second name the same segment would be read twice, and what is another's be written to.
  if (facts.st_nlink != 1) return refused("the " + what + " " + name + " has a second name");
  return OpenSegment{std::move(file), facts.st_uid};
}

FileDescriptor RuntimeDirectory::open_spool(const std::string& segment) const {
  if (private_) return {};
  FileDescriptor file{openat(directory_.get(), beside(segment, kSpoolSuffix).c_str(),
                             O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600)};
  struct stat facts {};
  const bool ours = file && fstat(file.get(), &facts) == 0 && S_ISREG(facts.st_mode) &&
                    facts.st_uid == geteuid() && facts.st_nlink == 1 && (facts.st_mode & 077U) == 0;
  if (!ours) file.reset();
  return file;
}

std::string RuntimeDirectory::read_metric_memory(const std::string& segment) const {
  const std::string name = beside(segment, kMetricsSuffix);
  if (private_ || !is_own_file(name)) return {};
  const FileDescriptor file{openat(directory_.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  std::string bytes(kMostMetricMemory, '\0');
  const ssize_t size = file ? read(file.get(), bytes.data(), bytes.size()) : 0;
  bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return bytes;
}

bool RuntimeDirectory::write_metric_memory(const std::string& segment, std::string_view bytes) const {
  if (private_) return true;
  if (bytes.size() > kMostMetricMemory) return false;
  const std::string name = beside(segment, kMetricsSuffix);
  const std::string fresh = name + ".new";
  unlinkat(directory_.get(), fresh.c_str(), 0);  // of one that was killed in the middle
  const FileDescriptor file{
      openat(directory_.get(), fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  const bool written =
      file && write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  return written && renameat(directory_.get(), fresh.c_str(), directory_.get(), name.c_str()) == 0;
}

// Not somebody else's, who may write into the directory too.
bool RuntimeDirectory::is_own_file(const std::string& name) const {
  struct stat facts {};
  return fstatat(directory_.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(facts.st_mode) && facts.st_uid == geteuid() && facts.st_nlink == 1 &&
         (facts.st_mode & 077U) == 0;
}

// The segment first: a file beside it without one is taken away at the next start.
void RuntimeDirectory::remove_segment(const std::string& name) const {
  unlinkat(directory_.get(), name.c_str(), 0);
  for (const std::string_view suffix : kSuffixesBeside)
    unlinkat(directory_.get(), beside(name, suffix).c_str(), 0);
}

void RuntimeDirectory::remove_orphans() const {
  for (const std::string_view suffix : kSuffixesBeside) {
    for (const std::string& name : names_ending(suffix)) {
      const std::string segment = name.substr(0, name.size() - suffix.size()) + segment::kSegmentSuffix;
      struct stat facts {};
      if (fstatat(directory_.get(), segment.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
        unlinkat(directory_.get(), name.c_str(), 0);
    }
  }
}

std::vector<std::string> RuntimeDirectory::tune_files() const { return names_ending(kTuneSuffix); }

std::string RuntimeDirectory::tuned(const std::string& segment) const {
  const std::string name = beside(segment, kTunedSuffix);
  if (!is_own_file(name)) return {};
  const FileDescriptor file{openat(directory_.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  std::string text(kMostTuneBytes, '\0');
  const ssize_t size = file ? read(file.get(), text.data(), text.size()) : 0;
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

void RuntimeDirectory::keep_tuned(const std::string& segment, const std::string& text) const {
  if (private_) return;  // no other collecting process will come
  const std::string name = beside(segment, kTunedSuffix);
  unlinkat(directory_.get(), name.c_str(), 0);
  if (text.empty()) return;
  const FileDescriptor file{
      openat(directory_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file) return;
  [[maybe_unused]] const ssize_t ignored = pwrite(file.get(), text.data(), text.size(), 0);
}

bool RuntimeDirectory::wait_for_change(std::chrono::milliseconds most) const {
  pollfd waiting{changes_.get(), POLLIN, 0};
  if (poll(&waiting, changes_ ? 1 : 0, static_cast<int>(most.count())) <= 0) return !changes_;
  std::array<char, 4096> events{};
  while (read(changes_.get(), events.data(), events.size()) > 0) {
  }
  return true;
}

void RuntimeDirectory::remove() {
  unlinkat(directory_.get(), segment::kCollectorFileName, 0);
  if (!private_) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace waybill::collect
