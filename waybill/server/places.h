#pragma once

#include <chrono>
#include <cstddef>
#include <semaphore>

namespace waybill::server {

// Places for what takes memory or time: so many are at it at once, the others wait. Thread-safe.
class Places {
 public:
  // Who has waited longer is told to come again.
  static constexpr std::chrono::seconds kPatience{10};

  explicit Places(std::ptrdiff_t most, std::chrono::milliseconds patience = kPatience)
      : free_{most}, patience_{patience} {}

 private:
  friend class Place;
  std::counting_semaphore<> free_;
  const std::chrono::milliseconds patience_;
};

// One of them, from when it is free until the end of the scope; or none.
class Place {
 public:
  explicit Place(Places& places)
      : places_{places}, is_taken_{places.free_.try_acquire_for(places.patience_)} {}
  ~Place() {
    if (is_taken_) places_.free_.release();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  bool is_taken() const { return is_taken_; }

 private:
  Places& places_;
  bool is_taken_;
};

}  // namespace waybill::server
