#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/exporters/transport.h"

namespace waybill::exporters::testing {

// A receiver that takes so many bytes at once, and answers as it is told; else with a yes.
class SmallTransport final : public Transport {
 public:
  explicit SmallTransport(std::size_t most_bytes) : most_bytes_{most_bytes} {}

  const std::string& name() const override { return name_; }
  std::size_t most_bytes() const override { return most_bytes_; }
  Delivery send(std::string_view body, Deadline) override {
    EXPECT_LE(body.size(), most_bytes_);
    bodies.emplace_back(body);
    if (answers.empty()) return {};
    Delivery answer = answers.front();
    answers.pop_front();
    return answer;
  }
  void stop() override {}

  std::deque<Delivery> answers;
  std::vector<std::string> bodies;

 private:
  const std::string name_ = "small";
  const std::size_t most_bytes_;
};

}  // namespace waybill::exporters::testing
