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

/// The first bytes of all numbers, then their second ones, and so on.
std::vector<std::uint8_t> shuffled(const std::vector<std::uint8_t>& bytes, std::size_t element_bytes) {
  const std::size_t elements = bytes.size() / element_bytes;
  std::vector<std::uint8_t> planes(bytes.size());
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
  for (std::size_t byte = 0; byte < element_bytes; ++byte) {
    std::uint8_t* plane = planes.data() + byte * elements;
    for (std::size_t i = done; i < elements; ++i) plane[i] = bytes[i * element_bytes + byte];
  }
  return planes;
}

/// A zlib stream with room for a checksum; empty when it would not be smaller than the bytes.
std::vector<std::uint8_t> deflated(std::vector<std::uint8_t>& bytes) {
  thread_local std::vector<std::uint8_t> level_buffer(ISAL_DEF_LVL1_DEFAULT);
  std::vector<std::uint8_t> packed(bytes.size() + kChecksumBytes);
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
  stream.avail_out = static_cast<std::uint32_t>(bytes.size());
  if (isal_deflate_stateless(&stream) != COMP_OK) return {};
  packed.resize(stream.total_out);
  return packed;
}

/// Fletcher's checksum as HDF5 computes it: over big-endian words of 16 bits, sums modulo 65535, where 0 stands for
/// sums of nothing only.
std::uint32_t fletcher32(const std::vector<std::uint8_t>& bytes) {
  constexpr std::size_t kBlock = 256;  // words whose weighted sum 32 bits hold
  std::uint64_t first = 0, second = 0, total = 0;
  const auto add = [&](std::size_t count, std::uint64_t sum, std::uint64_t weighted) {
    second = (second + first * count + weighted) % 65535;
    first = (first + sum) % 65535;
    total += sum;
  };
  const std::size_t words = bytes.size() / 2;
  for (std::size_t begin = 0; begin < words; begin += kBlock) {
    const auto count = static_cast<std::uint32_t>(std::min(words - begin, kBlock));
    const std::uint8_t* block = bytes.data() + 2 * begin;
    std::uint32_t sum = 0, weighted = 0;  // by how often a word is part of the second sum
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t value = static_cast<std::uint32_t>(block[2 * i]) << 8 | block[2 * i + 1];
      sum += value;
      weighted += value * (count - i);
    }
    add(count, sum, weighted);
  }
  if (bytes.size() % 2 != 0) {
    const std::uint64_t last = std::uint64_t{bytes.back()} << 8;
    add(1, last, last);
  }
  const auto folded = [total](std::uint64_t sum) { return sum == 0 && total > 0 ? 65535 : sum; };
  return static_cast<std::uint32_t>(folded(second) << 16 | folded(first));
}

}  // namespace

PackedChunk pack_chunk(std::span<const std::uint8_t> values, std::size_t chunk_bytes, std::size_t element_bytes,
                       Packing packing) {
  PackedChunk chunk;
  chunk.bytes.reserve(chunk_bytes + kChecksumBytes);
  chunk.bytes.assign(values.begin(), values.end());
  chunk.bytes.resize(chunk_bytes);
  if (packing == Packing::kDeflate) {
    if (element_bytes > 1) chunk.bytes = shuffled(chunk.bytes, element_bytes);
    std::vector<std::uint8_t> smaller = deflated(chunk.bytes);
    chunk.skipped_filters = smaller.empty() ? kDeflateFilter : 0;
    if (!smaller.empty()) chunk.bytes = std::move(smaller);
  }
  const std::uint32_t checksum = fletcher32(chunk.bytes);
  for (std::size_t byte = 0; byte < kChecksumBytes; ++byte)
    chunk.bytes.push_back(static_cast<std::uint8_t>(checksum >> (8 * byte)));
  return chunk;
}

}  // namespace nextbest::h5
