#include "waybill/brokers/own_client.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace waybill::brokers {
namespace {

constexpr auto kRefused = std::to_array<std::string_view>(
    {"plugin.library.paths", "ssl.engine.location", "sasl.kerberos.kinit.cmd"});

// librdkafka would write to stderr.
void ignore_log(const rd_kafka_t* /*client*/, int /*level*/, const char* /*facility*/, const char* /*text*/) {
}

Error setting_error(const std::string& property, const char* problem) {
  return {Error::Code::kInvalidSetting, property + " " + problem};
}

using MakeClient = decltype(&rd_kafka_new);

// librdkafka's own function: a library that was loaded before it may have put another in front.
MakeClient real_function() {
  // The library stays loaded, because this program is linked to it.
  void* library = dlopen("librdkafka.so.1", RTLD_NOW | RTLD_NOLOAD);
  void* function = library == nullptr ? nullptr : dlsym(library, "rd_kafka_new");
  if (library != nullptr) dlclose(library);
  return function == nullptr ? &rd_kafka_new : reinterpret_cast<MakeClient>(function);
}

}  // namespace

Expected<Conf> make_conf(const Properties& ours, const Properties& users, const Properties& promised) {
  for (const auto& property : users) {
    if (std::find(kRefused.begin(), kRefused.end(), property.first) != kRefused.end())
      return setting_error(property.first, "cannot be set here");
  }
  Conf conf{rd_kafka_conf_new()};
  rd_kafka_conf_set_log_cb(conf.get(), ignore_log);
  for (const Properties* properties : {&ours, &users, &promised}) {
    for (const auto& [name, value] : *properties) {
      std::array<char, 512> text{};  // shows the value: it is not said
      if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text.data(), text.size()) !=
          RD_KAFKA_CONF_OK)
        return setting_error(name, "is no property of librdkafka, or has no value that it may have");
    }
  }
  return conf;
}

Expected<Client> make_client(rd_kafka_type_t type, Conf conf) {
  std::array<char, 512> text{};
  Client client{real_function()(type, conf.get(), text.data(), text.size())};
  if (!client) return Error{Error::Code::kInvalidSetting, text.data()};
  static_cast<void>(conf.release());  // it belongs to the client now
  return client;
}

}  // namespace waybill::brokers
