#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace waybill::exporters {

// Bytes that are appended one after the other. Keeps its memory when it is cleared, and never fills memory
// that is written next anyway. Owned by one thread.
class ByteBuffer {
 public:
  void append(const void* bytes, std::size_t size) {
    if (size != 0) std::memcpy(grow(size), bytes, size);
  }
  void push_back(char byte) { *grow(1) = byte; }

  // Makes room for `size` bytes in front of `place`.
  void insert(std::size_t place, std::size_t size) {
    grow(size);
    std::memmove(bytes_.get() + place + size, bytes_.get() + place, size_ - size - place);
  }

  // Room for `size` more bytes, which the caller fills.
  char* grow(std::size_t size) {
    if (capacity_ - size_ < size) reserve(size_ + size);
    char* place = bytes_.get() + size_;
    size_ += size;
    return place;
  }
  void shrink(std::size_t size) { size_ = size; }

  void clear() { size_ = 0; }
  char* data() { return bytes_.get(); }
  std::size_t size() const { return size_; }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  void reserve(std::size_t least) {
    std::size_t capacity = capacity_ == 0 ? 1024 : capacity_;
    while (capacity < least) capacity *= 2;
    std::unique_ptr<char[]> larger{new char[capacity]};
    if (size_ != 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace waybill::exporters
