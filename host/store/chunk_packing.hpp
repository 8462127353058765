#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nextbest::h5 {

/// How a dataset lies on the disk; always in chunks, and with Fletcher-32 checksums but for text.
enum class Packing { kPlain, kDeflate };

/// A chunk as HDF5's filters would write it: shuffled and deflated (kDeflate), with a checksum behind.
struct PackedChunk {
  std::vector<std::uint8_t> bytes;
  std::uint32_t skipped_filters = 0;  ///< bit 1: deflating did not pay
};

/// Packs a chunk of `chunk_bytes`, of which `values` are the beginning and zeros the rest. ISA-L deflates several times
/// as fast as zlib does at the same size, and chunks can be packed on all threads at once.
/// element_bytes  of one number
PackedChunk pack_chunk(std::span<const std::uint8_t> values, std::size_t chunk_bytes, std::size_t element_bytes,
                       Packing packing);

}  // namespace nextbest::h5
