#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/collect/file_descriptor.h"
#include "waybill/segment/host_settings.h"
#include "waybill/support/expected.h"

namespace waybill::collect {

// A segment's file, open for reading and writing, and whose it is.
struct OpenSegment {
  FileDescriptor file;
  uid_t owner;
};

// Whose segments a collector reads. Others' can be read by root alone.
enum class SegmentsOf : std::uint8_t {
  kAllUsers,  // of everybody who may write into the directory: in one that is private, only the own ones
  kOwnUser,
};

// The directory in which hosts put their segments, as its one collector sees it. Thread-compatible.
class RuntimeDirectory {
 public:
  // Where hosts look when WAYBILL_RUNTIME_DIR does not say otherwise.
  static std::string default_path();

  // Opens `path` as its collector; makes it if it is missing: for root that reads all users' segments open to
  // them (mode 1733), else private. The error says if another collector is there, or if the directory cannot
  // be trusted.
  static Expected<RuntimeDirectory> open(const std::string& path, SegmentsOf whose = SegmentsOf::kAllUsers);

  // A new private directory, which remove() takes away again.
  static Expected<RuntimeDirectory> make_private();

  // Says to hosts that somebody reads here, and what they may do until their own settings come.
  void announce(const segment::HostSettings& settings);
  void beat();

  // The names of the segments that stand here now.
  std::vector<std::string> segments() const;

  // The error says why a file is refused: not a regular file, another user's that is not to be read, one that
  // others may read, or one that has a second name.
  Expected<OpenSegment> open_segment(const std::string& name) const;

  // The file beside a segment that keeps what was taken out of it; made if it is not there. None in a private
  // directory, where no other collecting process will come, and where somebody else's file stands in its
  // place.
  FileDescriptor open_spool(const std::string& segment) const;

  // The file beside a segment that says what of its metrics was exported already. Empty: there is none. In a
  // private directory nothing is kept.
  std::string read_metric_memory(const std::string& segment) const;
  // Replaces it as a whole. False: it could not be written.
  bool write_metric_memory(const std::string& segment, std::string_view bytes) const;

  // The files of `waybill tune` that stand here now. One that is opened must be a regular file with one name
  // that nobody but its owner may write to.
  std::vector<std::string> tune_files() const;
  Expected<OpenSegment> open_tune_file(const std::string& name) const;

  // What was tuned for the host of a segment, as text, for the next collecting process. Empty: nothing.
  std::string tuned(const std::string& segment) const;
  void keep_tuned(const std::string& segment, const std::string& text) const;

  // Takes a segment away, and the files beside it.
  void remove_segment(const std::string& name) const;

  // Takes files away that stood beside segments which are gone.
  void remove_orphans() const;

  // Waits until a segment appears, or until the time is over. True: one may have appeared.
  bool wait_for_change(std::chrono::milliseconds most) const;

  // Takes the announcement back, and a private directory away altogether.
  void remove();

  const std::string& path() const { return path_; }

 private:
  bool is_own_file(const std::string& name) const;
  std::vector<std::string> names_ending(std::string_view suffix) const;
  Expected<OpenSegment> open_regular_file(const std::string& what, const std::string& name,
                                          unsigned refused_rights) const;
  RuntimeDirectory() = default;
  static Expected<RuntimeDirectory> open_existing(const std::string& path);

  std::string path_;
  bool private_ = false;
  bool others_welcome_ = false;  // segments of other users are read
  FileDescriptor directory_;
  FileDescriptor collector_file_;  // locked: one collector for each directory
  FileDescriptor changes_;         // inotify
};

}  // namespace waybill::collect
