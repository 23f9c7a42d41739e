#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "tests/fuzz/play.h"

// Plays every file of a folder, and then as many scripts as were asked for that are made of them by chance:
// always the same ones.
//
//   segment-replay FOLDER EDITED, configuration-replay FOLDER EDITED

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

// The begin of one, the end of another, and some bytes of neither.
Bytes edited(const std::vector<Bytes>& scripts, std::mt19937_64& random) {
  const Bytes& first = scripts[random() % scripts.size()];
  const Bytes& second = scripts[random() % scripts.size()];
  Bytes script{first.begin(), first.begin() + static_cast<std::ptrdiff_t>(random() % (first.size() + 1))};
  script.insert(script.end(), second.begin() + static_cast<std::ptrdiff_t>(random() % (second.size() + 1)),
                second.end());
  for (std::uint64_t edits = random() % 8; edits > 0 && !script.empty(); --edits)
    script[random() % script.size()] = static_cast<std::uint8_t>(random());
  return script;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "Usage: %s FOLDER EDITED\n", arguments[0]);
    return 2;
  }
  std::vector<std::filesystem::path> paths{std::filesystem::directory_iterator{arguments[1]}, {}};
  std::sort(paths.begin(), paths.end());
  std::vector<Bytes> scripts;
  for (const std::filesystem::path& path : paths) {
    std::printf("%s\n", path.filename().c_str());
    std::fflush(stdout);  // the last line names the file that broke something
    scripts.push_back(bytes_of(path));
    waybill::fuzz::play(scripts.back());
  }
  const unsigned long edits = std::strtoul(arguments[2], nullptr, 10);
  std::mt19937_64 random{20'240'607};
  for (unsigned long edit = 0; edit < edits && !scripts.empty(); ++edit) {
    std::printf("edited %lu\n", edit);
    std::fflush(stdout);
    waybill::fuzz::play(edited(scripts, random));
  }
  std::printf("%zu scripts, %lu edited ones\n", scripts.size(), edits);
  return scripts.empty() ? 1 : 0;
}
