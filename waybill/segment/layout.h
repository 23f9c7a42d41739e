#pragma once

#include <cstddef>
#include <cstdint>

#include "waybill/segment/metric_cell.h"
#include "waybill/segment/rule_table.h"

// Where everything stands in a segment: the file through which a host hands its records to the collecting
// side. docs/segment-format.md tells the same in prose. Every word has a single writer: the host or the
// reader. Numbers are in the byte order of the machine, because both sides live on it.
namespace waybill::segment {

inline constexpr std::uint64_t kMagic = 0x31'4C'4C'49'42'59'41'57;  // "WAYBILL1"
inline constexpr std::uint32_t kFormatVersion = 10;

inline constexpr std::size_t kPageSize = 4096;
inline constexpr std::size_t kChunkSize = 64 * 1024;
inline constexpr std::size_t kEnvironmentSize = 32 * 1024;
inline constexpr std::size_t kDefinitionsSize = 256 * 1024;
inline constexpr std::size_t kMinSegmentSize = 1024 * 1024;
inline constexpr std::size_t kMaxSegmentSize = 1024 * 1024 * 1024;
inline constexpr std::size_t kDefaultSegmentSize = 16 * 1024 * 1024;
inline constexpr std::size_t kSegmentBytesForACell =
    16 * 1024;                                    // 1,024 cells in a segment of the default size
inline constexpr std::uint32_t kMaxCells = 2000;  // the bound of the series of one metric

// Why a record or a part of one is missing. The host counts; numbers are kept for ever.
enum class HostCounter : std::uint32_t {
  kSendStartsDropped = 0,        // no free chunk when a message was sent: this span is lost
  kSendEndsDropped = 1,          // no free chunk when its answer came: the span has no end
  kConsumeRecordsDropped = 2,    // no free chunk while consuming
  kDefinitionsDropped = 3,       // no room for another topic, client or broker name
  kInjectionsSkippedBySize = 4,  // the message was too close to message.max.bytes for a header
  kInjectionsFailed = 5,         // librdkafka refused the header
  kContextsMalformed = 6,        // a traceparent or tracestate that could not be read
  kScopesDropped = 7,            // more messages in processing at once than can be remembered
  kClientsNotObserved = 8,       // more clients at once than can be remembered
  kPartitionsNotObserved = 9,    // more partitions at once than there are cells for: no lag of these
  kSampledHookNs = 10,           // no loss: nanoseconds within one of kHooksForASample hooks of each thread
  kWholeRecordsDropped = 11,     // no free chunk when an operation was over that its program tells
  kCount = 12,
};
inline constexpr std::uint32_t kHooksForASample = 256;
inline constexpr std::size_t kHostCounters = 32;  // room for later reasons

// Page 0, written by the host. `magic` is stored last: a reader that sees it sees the rest.
struct HostPage {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t chunk_count;
  std::uint64_t segment_size;
  std::int32_t pid;
  std::uint32_t environment_size;     // bytes used of the environment block
  std::uint64_t pid_start_ticks;      // field 22 of /proc/PID/stat; 0: not known
  std::uint64_t pid_namespace;        // inode of /proc/self/ns/pid; 0: not known
  std::uint64_t anchor_monotonic_ns;  // two clocks, read at the same moment
  std::uint64_t anchor_realtime_ns;
  char program[64];                // the executable's base name, ends with a zero byte
  std::uint64_t definitions_used;  // bytes; rises only
  std::uint64_t counters[kHostCounters];
  std::uint32_t life_lock;        // 1: the host holds a lock on this file for as long as it lives
  std::uint32_t cells_used;       // MetricCells that were taken; rises only
  std::uint32_t partitions_used;  // PartitionCells; rises only
};
static_assert(sizeof(HostPage) <= kPageSize);

// Settings that a host looks at for each message. What HostSettings says, packed.
struct SettingsWords {
  std::uint64_t word;
  std::uint64_t samplers;              // a context::Sampler::Kind for each context::ParentKind, 8 bits each
  std::uint64_t sampler_arguments[5];  // theirs
};

// Page 1, written by the reader, read by the host on its hot path. Of settings and tables there are two each:
// those that the version's lowest bit names count, the others are written for the next version.
struct ControlPage {
  std::uint64_t heartbeat_ns;      // CLOCK_MONOTONIC of the reader's last round; 0: no reader yet
  std::uint64_t settings_version;  // 0: no settings yet
  SettingsWords settings[2];
  std::uint64_t drain_epoch;  // rises when the reader gave room back
};
static_assert(sizeof(ControlPage) <= kPageSize);

// One for each chunk, a cache line apart. Written by the host.
struct HostChunkState {
  std::uint64_t committed;  // bytes published since the segment was made; the place in the chunk is committed
                            // % kChunkSize
  std::uint32_t owner;      // 1 while a thread writes a record, else 0
  std::uint8_t unused[52];
};
static_assert(sizeof(HostChunkState) == 64);

// One for each chunk. Written by the reader: bytes that it will not read again. A chunk whose committed bytes
// end at its border is free when drained == committed.
struct ReaderChunkState {
  std::uint64_t drained;
};

inline constexpr std::size_t kRuleTableSize = (sizeof(RuleTable) + kPageSize - 1) / kPageSize * kPageSize;

// The places of all parts, from the size of the segment alone.
struct Layout {
  std::uint64_t segment_size;
  std::uint32_t chunk_count;
  std::size_t rule_tables;    // RuleTable, twice, each on pages of its own
  std::size_t host_chunks;    // HostChunkState[chunk_count]
  std::size_t reader_chunks;  // ReaderChunkState[chunk_count]
  std::size_t environment;
  std::size_t definitions;
  std::size_t chunks;
  std::size_t cells;       // MetricCell[cell_count]
  std::size_t partitions;  // PartitionCell[cell_count]
  std::uint32_t cell_count;

  // `size` is clamped to [kMinSegmentSize, kMaxSegmentSize] and rounded down to whole chunks.
  static constexpr Layout for_size(std::uint64_t size) {
    if (size < kMinSegmentSize) size = kMinSegmentSize;
    if (size > kMaxSegmentSize) size = kMaxSegmentSize;
    size -= size % kChunkSize;
    Layout layout{};
    layout.segment_size = size;
    const std::size_t most = static_cast<std::size_t>(size / kChunkSize);
    layout.rule_tables = 2 * kPageSize;
    layout.host_chunks = layout.rule_tables + 2 * kRuleTableSize;
    layout.reader_chunks = to_page(layout.host_chunks + most * sizeof(HostChunkState));
    layout.environment = to_page(layout.reader_chunks + most * sizeof(ReaderChunkState));
    layout.definitions = layout.environment + kEnvironmentSize;
    layout.chunks = layout.definitions + kDefinitionsSize;
    layout.cell_count = static_cast<std::uint32_t>(size / kSegmentBytesForACell);
    if (layout.cell_count > kMaxCells) layout.cell_count = kMaxCells;
    const std::size_t cell_bytes =
        to_page(layout.cell_count * sizeof(MetricCell)) + to_page(layout.cell_count * sizeof(PartitionCell));
    layout.chunk_count = static_cast<std::uint32_t>((size - layout.chunks - cell_bytes) / kChunkSize);
    layout.cells = layout.chunks + layout.chunk_count * kChunkSize;
    layout.partitions = layout.cells + to_page(layout.cell_count * sizeof(MetricCell));
    return layout;
  }

 private:
  static constexpr std::size_t to_page(std::size_t bytes) {
    return (bytes + kPageSize - 1) / kPageSize * kPageSize;
  }
};
static_assert(Layout::for_size(kMinSegmentSize).chunk_count >= 8);

// A string that records refer to by number: its place in the definitions block, divided by 8. 0 is "none".
enum class DefinitionKind : std::uint16_t {
  kTopic = 1,    // the name
  kClient = 2,   // ClientProfile, fields separated by zero bytes
  kBroker = 3,   // host:port
  kError = 4,    // name, zero byte, description: as this host's librdkafka tells them
  kCluster = 5,  // cluster id
};

// Stands before the bytes of a definition. `committed` is stored last.
struct DefinitionHeader {
  std::uint32_t committed;  // kDefinitionCommitted when the bytes are complete
  std::uint16_t kind;
  std::uint16_t size;
};
inline constexpr std::uint32_t kDefinitionCommitted = 0x57'42'44'46;
inline constexpr std::size_t kMaxDefinition = 2048;

}  // namespace waybill::segment
