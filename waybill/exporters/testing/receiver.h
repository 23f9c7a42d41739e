#pragma once

#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace waybill::exporters::testing {

using Answer = std::function<void(httplib::Response&)>;

inline Answer status(int code) {
  return [code](httplib::Response& response) { response.status = code; };
}

// An HTTP receiver with scripted answers; 200 when there are none left. Keeps the bodies that it answered
// with 2xx.
class Receiver {
 public:
  explicit Receiver(std::string path = "/v1/traces")
      : Receiver{std::make_unique<httplib::Server>(), "http://127.0.0.1:", std::move(path)} {}
  // `url`: up to the port.
  Receiver(std::unique_ptr<httplib::Server> server, std::string url, std::string path)
      : server_{std::move(server)}, url_{std::move(url)}, path_{std::move(path)} {
    server_->Post(path_, [this](const httplib::Request& request, httplib::Response& response) {
      take(request, response);
    });
    port_ = server_->bind_to_any_port("127.0.0.1");
    thread_ = std::jthread{[this] { server_->listen_after_bind(); }};
    while (!server_->is_running()) std::this_thread::yield();
  }
  ~Receiver() { server_->stop(); }

  void answer(std::initializer_list<Answer> answers) {
    const std::scoped_lock lock{mutex_};
    answers_.insert(answers_.end(), answers);
  }
  std::string url() const { return url_ + std::to_string(port_) + path_; }

  std::vector<std::string> bodies() const {
    const std::scoped_lock lock{mutex_};
    return bodies_;
  }
  // Of the last request.
  std::string header(const std::string& name) const {
    const std::scoped_lock lock{mutex_};
    const auto found = last_headers_.find(name);
    return found == last_headers_.end() ? std::string{} : found->second;
  }

  std::atomic<int> requests = 0;

 private:
  void take(const httplib::Request& request, httplib::Response& response) {
    const Answer answer = next_answer(request);
    ++requests;
    answer(response);  // without the lock: it may hang
    const std::scoped_lock lock{mutex_};
    if (response.status >= 200 && response.status < 300) bodies_.push_back(request.body);
  }
  Answer next_answer(const httplib::Request& request) {
    const std::scoped_lock lock{mutex_};
    last_headers_ = request.headers;
    if (answers_.empty()) return status(200);
    Answer answer = answers_.front();
    answers_.pop_front();
    return answer;
  }

  std::unique_ptr<httplib::Server> server_;
  std::string url_;
  std::string path_;
  mutable std::mutex mutex_;
  std::deque<Answer> answers_;  // these are guarded by mutex_
  std::vector<std::string> bodies_;
  httplib::Headers last_headers_;
  int port_ = 0;
  std::jthread thread_;
};

}  // namespace waybill::exporters::testing
