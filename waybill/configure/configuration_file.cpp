#include "waybill/configure/configuration_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "waybill/configure/internal/translate_file.h"
#include "waybill/configure/internal/yaml_tree.h"
#include "waybill/support/expected.h"

namespace waybill::configure {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} * 1024;

Error unread(const std::string& why) { return {Error::Code::kIo, why + "; the file is not used"}; }

Expected<std::string> read_all(int file) {
  struct stat facts {};
  if (fstat(file, &facts) != 0) return unread(std::strerror(errno));
  if (!S_ISREG(facts.st_mode)) return unread("this is no regular file");
  std::string text(kMostBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unread(std::strerror(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMostBytes) return unread("it is larger than " + std::to_string(kMostBytes) + " bytes");
  text.resize(size);
  return text;
}

Expected<std::string> read_file(const std::string& path) {
  // What is no regular file must not block: a pipe without a writer would.
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (file < 0) return unread(std::string{"cannot open it: "} + std::strerror(errno));
  Expected<std::string> text = read_all(file);
  close(file);
  return text;
}

}  // namespace

ConfigurationFile parse_configuration_file(std::string_view text, const Environment& variables) {
  internal::YamlTree tree = internal::read_yaml(text, variables);
  ConfigurationFile file;
  file.problems = std::move(tree.problems);
  if (tree.root == nullptr) return file;
  if (tree.root->kind != internal::YamlNode::Kind::kMapping) {
    file.problems.push_back({{}, "a mapping is expected; the file is not used", {}, tree.root->position});
    return file;
  }
  file.usable = true;
  internal::translate_file(*tree.root, file);
  return file;
}

ConfigurationFile load_configuration_file(const std::string& path, const Environment& variables) {
  const Expected<std::string> text = read_file(path);
  if (text) return parse_configuration_file(*text, variables);
  ConfigurationFile file;
  file.problems.push_back({{}, text.error().message});
  return file;
}

}  // namespace waybill::configure
