#include "host/store/chunk_packing.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include <isa-l.h>

namespace nextbest::h5 {
namespace {

constexpr std::size_t kChecksumBytes = 4;
constexpr std::uint32_t kDeflateFilter = 1U << 1;  // the second of the pipeline

/// Exchanges byte c of word r with byte r of word c (Warren, Hacker's Delight, 7-3).
void transpose_bytes(std::array<std::uint64_t, 8>& words) {
  constexpr std::array<std::uint64_t, 3> kMasks = {0x00ff00ff00ff00ff, 0x0000ffff0000ffff, 0x00000000ffffffff};
  for (std::size_t step = 0; step < kMasks.size(); ++step) {
    const std::size_t far = std::size_t{1} << step;
    for (std::size_t row = 0; row < words.size(); ++row) {
      if ((row & far) != 0) continue;
      const std::uint64_t swapped = ((words[row] >> (8 * far)) ^ words[row + far]) & kMasks[step];
      words[row] ^= swapped << (8 * far);
      words[row + far] ^= swapped;
    }
  }
}

using Bytes = std::vector<std::uint8_t>;

/// The first bytes of all numbers, then their second ones, and so on.
void shuffle(const Bytes& bytes, std::size_t element_bytes, Bytes& planes) {
  const std::size_t elements = bytes.size() / element_bytes;
  planes.resize(bytes.size());
  std::size_t done = 0;
  if (element_bytes == 8 && std::endian::native == std::endian::little) {
    std::array<std::uint64_t, 8> words;
    for (; done + words.size() <= elements; done += words.size()) {
      std::memcpy(words.data(), bytes.data() + 8 * done, sizeof words);
      transpose_bytes(words);
      for (std::size_t byte = 0; byte < 8; ++byte)
        std::memcpy(planes.data() + byte * elements + done, &words[byte], sizeof words[byte]);
    }
  }
  if (element_bytes == 4 && std::endian::native == std::endian::little) {
    for (std::size_t byte = 0; byte < 4; ++byte) {
      const std::uint8_t* from = bytes.data();
      std::uint8_t* plane = planes.data() + byte * elements;
      for (std::size_t i = 0; i < elements; ++i, from += 4) {
        std::uint32_t word;
        std::memcpy(&word, from, sizeof word);
        plane[i] = static_cast<std::uint8_t>(word >> (8 * byte));
      }
    }
    done = elements;
  }
  for (std::size_t byte = 0; byte < element_bytes; ++byte) {
    std::uint8_t* plane = planes.data() + byte * elements;
    for (std::size_t i = done; i < elements; ++i) plane[i] = bytes[i * element_bytes + byte];
  }
}

/// A zlib stream; false when it would not be smaller than the bytes.
bool deflate(Bytes& bytes, Bytes& packed) {
  thread_local Bytes level_buffer(ISAL_DEF_LVL1_DEFAULT);
  packed.resize(bytes.size());
  isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  stream.level = 1;
  stream.level_buf = level_buffer.data();
  stream.level_buf_size = static_cast<std::uint32_t>(level_buffer.size());
  stream.gzip_flag = IGZIP_ZLIB;
  stream.flush = NO_FLUSH;
  stream.end_of_stream = 1;
  stream.next_in = bytes.data();
  stream.avail_in = static_cast<std::uint32_t>(bytes.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<std::uint32_t>(packed.size());
  if (isal_deflate_stateless(&stream) != COMP_OK) return false;
  packed.resize(stream.total_out);
  return true;
}

/// Big-endian words of 16 bits, in rows of kLanes: sums of the columns, and of what they were before each row. So no
/// word waits for the one before it.
constexpr std::size_t kLanes = 16;
struct LaneSums {
  std::array<std::uint32_t, kLanes> of_words{}, of_sums{};
  void add_rows(const std::uint8_t* bytes, std::size_t rows) {
    for (const std::uint8_t* row = bytes; row != bytes + 2 * kLanes * rows; row += 2 * kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        of_sums[lane] += of_words[lane];
        of_words[lane] += static_cast<std::uint32_t>(row[2 * lane] << 8 | row[2 * lane + 1]);
      }
    }
  }
};

/// Fletcher's checksum as HDF5 computes it: over big-endian words of 16 bits, sums modulo 65535, where 0 stands for
/// sums of nothing only.
std::uint32_t fletcher32(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kRows = 256;  // whose sums of sums 32 bits hold
  std::uint64_t first = 0, second = 0, total = 0;
  const auto add = [&](std::size_t count, std::uint64_t sum, std::uint64_t weighted) {
    second = (second + first * count + weighted) % 65535;
    first = (first + sum) % 65535;
    total += sum;
  };
  std::size_t done = 0;
  for (std::size_t rows; (rows = std::min(kRows, (bytes.size() - done) / (2 * kLanes))) > 0;
       done += 2 * kLanes * rows) {
    LaneSums lanes;
    lanes.add_rows(bytes.data() + done, rows);
    std::uint64_t sum = 0, weighted = 0;  // by how often a word is part of the second sum
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      sum += lanes.of_words[lane];
      weighted += kLanes * std::uint64_t{lanes.of_sums[lane]} + (kLanes - lane) * lanes.of_words[lane];
    }
    add(kLanes * rows, sum, weighted);
  }
  for (; done < bytes.size(); done += 2) {
    const std::uint64_t word = std::uint64_t{bytes[done]} << 8 | (done + 1 < bytes.size() ? bytes[done + 1] : 0U);
    add(1, word, word);
  }
  const auto folded = [total](std::uint64_t sum) { return sum == 0 && total > 0 ? 65535 : sum; };
  return static_cast<std::uint32_t>(folded(second) << 16 | folded(first));
}

}  // namespace

PackedChunk pack_chunk(std::span<const std::uint8_t> values, std::size_t chunk_bytes, std::size_t element_bytes,
                       Packing packing) {
  thread_local Bytes whole, planes, smaller;
  whole.assign(values.begin(), values.end());
  whole.resize(chunk_bytes);
  PackedChunk chunk;
  const Bytes* stored = &whole;
  if (packing == Packing::kDeflate) {
    if (element_bytes > 1) {
      shuffle(whole, element_bytes, planes);
      whole.swap(planes);
    }
    const bool pays = deflate(whole, smaller);
    chunk.skipped_filters = pays ? 0 : kDeflateFilter;
    if (pays) stored = &smaller;
  }
  const std::uint32_t checksum = fletcher32(*stored);
  chunk.bytes.reserve(stored->size() + kChecksumBytes);
  chunk.bytes.assign(stored->begin(), stored->end());
  for (std::size_t byte = 0; byte < kChecksumBytes; ++byte)
    chunk.bytes.push_back(static_cast<std::uint8_t>(checksum >> (8 * byte)));
  return chunk;
}

}  // namespace nextbest::h5
