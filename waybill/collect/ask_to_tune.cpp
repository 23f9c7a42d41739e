#include "waybill/collect/ask_to_tune.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "waybill/base/clock.h"
#include "waybill/collect/file_descriptor.h"
#include "waybill/segment/host_settings.h"

namespace waybill::collect {
namespace {

// The collecting process looks 20 times a second; one that is stopped or overloaded answers too late.
constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::milliseconds kPause{5};

std::uint64_t own_pid_namespace() {
  struct stat facts {};
  return stat("/proc/self/ns/pid", &facts) == 0 ? static_cast<std::uint64_t>(facts.st_ino) : 0;
}

Error nobody(const std::string& directory) {
  return {Error::Code::kNotFound,
          "nobody collects in " + directory +
              ": the process runs without Waybill, or its collecting process has ended"};
}

// Whether a collecting process shows signs of life there.
bool is_collected(const FileDescriptor& directory) {
  const FileDescriptor file{
      openat(directory.get(), segment::kCollectorFileName, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  segment::CollectorFile collector{};
  if (!file || read(file.get(), &collector, sizeof collector) != static_cast<ssize_t>(sizeof collector) ||
      collector.magic != segment::kCollectorMagic)
    return false;
  const std::uint64_t now_ns = base::monotonic_ns();
  return now_ns < collector.heartbeat_ns || now_ns - collector.heartbeat_ns < segment::kReaderPatienceNs;
}

std::string random_name() {
  std::uint64_t number = 0;
  [[maybe_unused]] const ssize_t ignored = getrandom(&number, sizeof number, 0);
  return "request-" + std::to_string(number);
}

// The file of one request, which is taken away again however it went.
class RequestFile {
 public:
  RequestFile(const FileDescriptor& directory, const std::string& text)
      : directory_{directory}, name_{random_name()} {
    file_ = FileDescriptor{
        openat(directory.get(), name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (file_ && !(belongs_to_the_reader() && holds(text) && stands_complete())) file_.reset();
  }
  ~RequestFile() { unlinkat(directory_.get(), name_.c_str(), 0); }
  RequestFile(const RequestFile&) = delete;
  RequestFile& operator=(const RequestFile&) = delete;

  explicit operator bool() const { return static_cast<bool>(file_); }

  std::string content() const {
    std::string text(kMostTuneBytes, '\0');
    const ssize_t size = pread(file_.get(), text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }

 private:
  // Root asks the collecting process of another user: that one must be able to open the file.
  bool belongs_to_the_reader() const {
    struct stat facts {};
    return geteuid() != 0 ||
           (fstat(directory_.get(), &facts) == 0 && fchown(file_.get(), facts.st_uid, facts.st_gid) == 0);
  }
  bool holds(const std::string& text) const {
    return pwrite(file_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
  }
  // The collecting process looks when a file is moved into place, and reads those whose name ends so.
  bool stands_complete() {
    const std::string final_name = name_ + std::string{kTuneSuffix};
    if (renameat(directory_.get(), name_.c_str(), directory_.get(), final_name.c_str()) != 0) return false;
    name_ = final_name;
    return true;
  }

  const FileDescriptor& directory_;
  std::string name_;
  FileDescriptor file_;
};

}  // namespace

Expected<TuneAnswer> ask_to_tune(const std::string& path, TuneRequest request) {
  const FileDescriptor directory{open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!directory && errno == EACCES)
    return Error{Error::Code::kIo, "the runtime directory " + path +
                                       " is another user's: only that user and root may ask there"};
  if (!directory || !is_collected(directory)) return nobody(path);
  request.pid_namespace = own_pid_namespace();
  const RequestFile file{directory, encode(request)};
  if (!file)
    return Error{Error::Code::kIo,
                 "cannot write into the runtime directory " + path + ": " + std::strerror(errno)};
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  do {
    if (std::optional<TuneAnswer> answer = decode_answer(file.content())) return *std::move(answer);
    std::this_thread::sleep_for(kPause);
  } while (std::chrono::steady_clock::now() < give_up);
  return Error{Error::Code::kIo, "the process that collects in " + path + " does not answer"};
}

}  // namespace waybill::collect
