#include "waybill/server/consumption.h"

#include <set>

namespace waybill::server {
namespace {

using analysis::FlowKey;
using evidence::Operation;

FlowKey as_processing(FlowKey key) {
  key.operation = Operation::kProcess;
  return key;
}

}  // namespace

CountedFlow count_once(CountedFlow flow) {
  std::set<FlowKey> processed;
  for (const auto& [key, counts] : flow)
    if (key.operation == Operation::kProcess) processed.insert(key);
  std::erase_if(flow, [&](const auto& one) {
    return one.first.operation == Operation::kReceive && processed.contains(as_processing(one.first));
  });
  return flow;
}

}  // namespace waybill::server
