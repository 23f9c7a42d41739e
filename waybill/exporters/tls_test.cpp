#include <gtest/gtest.h>
#include <httplib.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "waybill/exporters/http_transport.h"
#include "waybill/exporters/otlp_grpc_protocol.h"
#include "waybill/exporters/otlp_http_protocol.h"
#include "waybill/exporters/testing/receiver.h"
#include "waybill/exporters/zipkin_protocol.h"

// A receiver behind TLS: whom it trusts, and whom we trust.
namespace waybill::exporters {
namespace {

using namespace std::chrono_literals;
using testing::Receiver;

class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/waybill-tls-XXXXXX";
    directory_ = mkdtemp(name);
    for (const char* who : {"receiver", "client", "stranger"}) make_certificate(who);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string certificate(const std::string& who) const { return directory_ + "/" + who + ".pem"; }
  std::string key(const std::string& who) const { return directory_ + "/" + who + ".key"; }

  // `client`: whose certificate it asks for; empty: nobody's.
  void start_receiver(const std::string& client = {}) {
    const std::string trusted = client.empty() ? std::string{} : certificate(client);
    receiver_ = std::make_unique<Receiver>(
        std::make_unique<httplib::SSLServer>(certificate("receiver").c_str(), key("receiver").c_str(),
                                             trusted.empty() ? nullptr : trusted.c_str()),
        "https://127.0.0.1:", "/v1/traces");
    settings_.endpoint = receiver_->url();
  }
  Delivery deliver(
      std::unique_ptr<ReceiverProtocol> protocol = std::make_unique<OtlpHttpProtobufProtocol>()) {
    settings_.timeout = 2s;
    HttpTransport transport{settings_, std::move(protocol), {.first = 60s, .most = 60s}};  // one try
    return transport.send("spans", Transport::Deadline::max());
  }

  std::unique_ptr<Receiver> receiver_;
  configure::HttpSettings settings_;

 private:
  void make_certificate(const std::string& who) {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" + who +
        " -addext subjectAltName=IP:127.0.0.1 -keyout " + key(who) + " -out " + certificate(who) +
        " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }

  std::string directory_;
};

TEST_F(TlsTest, TrustsTheAuthorityThatIsNamed) {
  start_receiver();
  settings_.tls.certificate = certificate("receiver");
  EXPECT_EQ(deliver().outcome, Delivery::Outcome::kTaken);
  EXPECT_EQ(receiver_->bodies().size(), 1U);
}

TEST_F(TlsTest, SendsNothingToAReceiverWithACertificateFromElsewhere) {
  start_receiver();
  for (const std::string& trusted : {std::string{}, certificate("stranger")}) {
    settings_.tls.certificate = trusted;
    for (const Delivery& delivery :
         {deliver(), deliver(std::make_unique<OtlpHttpJsonProtocol>()),
          deliver(std::make_unique<OtlpGrpcProtocol>()), deliver(std::make_unique<ZipkinProtocol>())}) {
      EXPECT_EQ(delivery.outcome, Delivery::Outcome::kUnreachable);
      EXPECT_NE(delivery.reason.find("certificate"), std::string::npos) << delivery.reason;
    }
  }
  EXPECT_TRUE(receiver_->bodies().empty());
}

TEST_F(TlsTest, ShowsItsOwnCertificateToAReceiverThatAsksForOne) {
  start_receiver("client");
  settings_.tls.certificate = certificate("receiver");
  EXPECT_EQ(deliver().outcome, Delivery::Outcome::kUnreachable);
  settings_.tls.client_certificate = certificate("stranger");
  settings_.tls.client_key = key("stranger");
  EXPECT_EQ(deliver().outcome, Delivery::Outcome::kUnreachable);
  settings_.tls.client_certificate = certificate("client");
  settings_.tls.client_key = key("client");
  EXPECT_EQ(deliver().outcome, Delivery::Outcome::kTaken);
  EXPECT_EQ(receiver_->bodies().size(), 1U);
}

TEST_F(TlsTest, SaysWhichFileCannotBeRead) {
  start_receiver();
  settings_.tls.certificate = certificate("nobody");
  const Delivery delivery = deliver();
  EXPECT_EQ(delivery.outcome, Delivery::Outcome::kUnreachable);
  EXPECT_NE(delivery.reason.find("nobody.pem"), std::string::npos) << delivery.reason;
}

}  // namespace
}  // namespace waybill::exporters
