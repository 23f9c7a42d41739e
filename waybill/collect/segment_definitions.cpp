#include "waybill/collect/segment_definitions.h"

#include <array>

namespace waybill::collect {

std::string_view SegmentDefinitions::text(std::uint32_t id, segment::DefinitionKind kind) {
  const auto known = known_.find({id, kind});
  if (known != known_.end()) return known->second;
  if (id == 0 || size_ >= segment::kDefinitionsSize) return {};
  std::array<char, segment::kMaxDefinition> buffer;
  const std::string_view text = reader_.definition(id, kind, buffer);
  size_ += sizeof(segment::DefinitionHeader) + text.size();
  return known_.emplace(std::pair{id, kind}, text).first->second;
}

}  // namespace waybill::collect
