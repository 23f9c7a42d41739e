#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace waybill::exporters::testing {

inline void send_text(int connection, std::string_view text) {
  send(connection, text.data(), text.size(), MSG_NOSIGNAL);
}

// The connection ends with a reset in place of an orderly end.
inline void reset_when_closed(int connection) {
  const linger at_once{1, 0};
  setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

inline void wait_until_the_client_goes(int connection) {
  char byte = 0;
  while (recv(connection, &byte, 1, 0) > 0) {
  }
}

// A bare socket on the loopback, which serves each connection on a thread of its own.
class ListeningSocket {
 public:
  using Serve = std::function<void(int connection)>;  // the connection is closed when it returns

  explicit ListeningSocket(Serve serve) : serve_{std::move(serve)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(bind(listening_, any, size), 0);
    EXPECT_EQ(listen(listening_, 8), 0);
    EXPECT_EQ(getsockname(listening_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    accepting_ = std::jthread{[this] { accept_all(); }};
  }
  // Those that are served see the client go.
  ~ListeningSocket() {
    shutdown(listening_, SHUT_RDWR);  // accept() returns
    accepting_.join();
    {
      const std::scoped_lock lock{mutex_};
      for (const int connection : open_) shutdown(connection, SHUT_RDWR);
    }
    serving_.clear();
    close(listening_);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

 private:
  void accept_all() {
    for (;;) {
      const int connection = accept(listening_, nullptr, nullptr);
      if (connection < 0) return;
      const std::scoped_lock lock{mutex_};
      open_.insert(connection);
      serving_.emplace_back([this, connection] { serve_to_the_end(connection); });
    }
  }
  void serve_to_the_end(int connection) {
    serve_(connection);
    const std::scoped_lock lock{mutex_};
    open_.erase(connection);
    close(connection);
  }

  Serve serve_;
  int listening_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  std::set<int> open_;  // guarded by mutex_
  std::vector<std::jthread> serving_;
  std::jthread accepting_;
};

}  // namespace waybill::exporters::testing
