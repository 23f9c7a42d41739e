#include "waybill/exporters/kafka_transport.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "waybill/configure/parse.h"

namespace waybill::exporters {
namespace {

using Clock = std::chrono::steady_clock;
using Outcome = Delivery::Outcome;
using brokers::Properties;

constexpr int kPauseMs = 50;              // after which stop() and the deadline are noticed
constexpr int kTimeToPurgeMs = 1000;      // more than it takes to hear what became of the rest
constexpr std::size_t kFrameBytes = 512;  // what a message takes besides its value, generously

// The user's may replace these: what one client for telemetry, which waits for each message, does well with.
const Properties kDefaults = {{"client.id", "waybill"},
                              {"compression.type", "lz4"},
                              {"linger.ms", "0"},
                              {"topic.metadata.refresh.interval.ms", "10000"},  // ends a refusal
                              {"topic.metadata.propagation.max.ms", "10000"}};
// These are what the exporter promises.
const Properties kPromised = {{"acks", "all"}, {"enable.idempotence", "true"}};

Expected<brokers::Conf> make_conf(const Properties& users) {
  Expected<brokers::Conf> conf = brokers::make_conf(kDefaults, users, kPromised);
  if (conf) return conf;
  return Error{conf.error().code, "WAYBILL_KAFKA_CONFIG: " + conf.error().message};
}

std::string property_of(const Expected<brokers::Conf>& conf, const char* name) {
  std::array<char, 1024> text{};
  std::size_t size = text.size();
  if (!conf || rd_kafka_conf_get(conf->get(), name, text.data(), &size) != RD_KAFKA_CONF_OK) return {};
  return text.data();
}

Delivery stopped() { return {Outcome::kStopped, 0, "it did not answer before the end"}; }

}  // namespace

KafkaTransport::KafkaTransport(const configure::KafkaSettings& settings, std::string topic)
    : topic_{std::move(topic)}, most_bytes_{0}, conf_{make_conf(settings.properties)} {
  name_ = "topic " + topic_ + " at " + property_of(conf_, "bootstrap.servers");
  const std::uint64_t most = configure::parse_integer(property_of(conf_, "message.max.bytes")).value_or(0);
  most_bytes_ = most > 2 * kFrameBytes ? most - kFrameBytes : kFrameBytes;
}

// Nothing waits there: send() took back what had no report.
KafkaTransport::~KafkaTransport() = default;

Delivery KafkaTransport::send(std::string_view body, Deadline deadline) {
  if (stopped_) return stopped();
  if (const std::optional<Error> error = connect()) return {Outcome::kRejected, 0, error->message};
  Delivery delivery = produce(body, deadline);
  if (delivery.outcome == Outcome::kTaken) last_trouble_.clear();
  forget_broken_client();
  return delivery;
}

std::optional<Error> KafkaTransport::connect() {
  if (client_) return std::nullopt;
  if (!conf_) return conf_.error();
  brokers::Conf conf{rd_kafka_conf_dup(conf_->get())};
  rd_kafka_conf_set_opaque(conf.get(), this);
  rd_kafka_conf_set_dr_msg_cb(conf.get(), on_report);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  Expected<brokers::Client> client = brokers::make_client(RD_KAFKA_PRODUCER, std::move(conf));
  if (!client) return Error{Error::Code::kInvalidSetting, "WAYBILL_KAFKA_CONFIG: " + client.error().message};
  client_ = std::move(*client);
  return std::nullopt;
}

Delivery KafkaTransport::produce(std::string_view body, Deadline deadline) {
  Report report;
  const rd_kafka_resp_err_t error =
      rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()),
                        RD_KAFKA_V_VALUE(const_cast<char*>(body.data()), body.size()),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(&report), RD_KAFKA_V_END);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? wait_for(report, deadline) : judge(error);
}

// The report stands in the caller's frame, so this returns only when nothing can write to it any more.
Delivery KafkaTransport::wait_for(Report& report, Deadline deadline) {
  while (!report.error && !stopped_ && Clock::now() < deadline) rd_kafka_poll(client_.get(), kPauseMs);
  if (report.error) return judge(*report.error);
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  const auto patience = Clock::now() + std::chrono::milliseconds{kTimeToPurgeMs};
  while (!report.error && Clock::now() < patience) rd_kafka_poll(client_.get(), kPauseMs);
  if (!report.error) client_.reset();  // reports of a client that is gone are never served
  if (report.error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  if (stopped_) return stopped();
  return {Outcome::kUnreachable, 0, last_trouble_.empty() ? "it did not answer in time" : last_trouble_};
}

Delivery KafkaTransport::judge(rd_kafka_resp_err_t error) const {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return {};
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
      return {Outcome::kUnreachable, 0, last_trouble_.empty() ? rd_kafka_err2str(error) : last_trouble_};
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return {Outcome::kUnreachable, 0, rd_kafka_err2str(error)};
    default:
      return {Outcome::kRejected, 0, rd_kafka_err2str(error)};
  }
}

// An idempotent client that has met a fatal error takes nothing any more; the next one is a new producer to
// the broker.
void KafkaTransport::forget_broken_client() {
  if (client_ && rd_kafka_fatal_error(client_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR)
    client_.reset();
}

void KafkaTransport::on_report(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  static_cast<Report*>(message->_private)->error = message->err;
}

// That all brokers are down says less than what was said of one of them before.
void KafkaTransport::on_error(rd_kafka_t*, int error, const char* text, void* opaque) {
  if (error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
    static_cast<KafkaTransport*>(opaque)->last_trouble_ = text;
}

}  // namespace waybill::exporters
