#include "host/ingest/line_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <new>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/store/atomic_file.hpp"

namespace nextbest {
namespace {

constexpr std::int64_t kBlockBytes = std::int64_t{1} << 18;
constexpr std::int64_t kChunksPerBlock = kBlockBytes / LineStore::kChunkBytes;
constexpr std::int64_t kBlocksPerSlab = 256;
constexpr std::size_t kSlabBytes = kBlocksPerSlab * kBlockBytes;
static_assert(LineStore::kChunkBytes % 4096 == 0, "whole pages are given back");

/// Moves all of a chunk with pread or pwrite; false with errno set when that fails.
template <typename Call, typename Byte>
bool transfer(Call call, int file, Byte* bytes, std::int64_t slot) {
  for (std::int64_t done = 0; done < LineStore::kChunkBytes;) {
    const ssize_t moved = call(file, bytes + done, static_cast<std::size_t>(LineStore::kChunkBytes - done),
                               slot * LineStore::kChunkBytes + done);
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return false;
    done += moved;
  }
  return true;
}

}  // namespace

LineStore::~LineStore() {
  for (std::byte* slab : slabs_) ::operator delete (slab, std::align_val_t{kBlockBytes});
  if (file_ >= 0) ::close(file_);
}

/// Stands behind the chunks of the block.
LineStore::Block& LineStore::block_at(std::byte* begin) {
  static_assert(kChunksPerBlock * kChunkBytes + std::int64_t{sizeof(Block)} <= kBlockBytes);
  return *reinterpret_cast<Block*>(begin + kChunksPerBlock * kChunkBytes);
}

std::byte* LineStore::take_block() {
  if (free_blocks_.empty()) {
    std::byte* slab =
        slabs_.emplace_back(static_cast<std::byte*>(::operator new (kSlabBytes, std::align_val_t{kBlockBytes})));
    for (std::int64_t block = kBlocksPerSlab; block-- > 0;) free_blocks_.push_back(slab + block * kBlockBytes);
  }
  std::byte* block = free_blocks_.back();
  free_blocks_.pop_back();
  block_at(block) = {};
  return block;
}

Line* LineStore::open(std::size_t group) {
  const std::lock_guard lock(mutex_);
  if (!free_chunks_.empty()) {
    Line* lines = free_chunks_.back();
    free_chunks_.pop_back();
    return lines;
  }
  if (group >= filling_.size()) filling_.resize(group + 1);
  std::byte*& block = filling_[group];
  if (block == nullptr) block = take_block();
  std::byte* chunk = block + block_at(block).opened++ * kChunkBytes;
  if (block_at(block).opened == kChunksPerBlock) block = nullptr;
  return reinterpret_cast<Line*>(chunk);
}

void LineStore::release(Line* lines) {
  const std::lock_guard lock(mutex_);
  if (has_spilled()) {  // a block with a chunk that is still used must not keep the others from being used again
    if (shrinking_) ::madvise(lines, kChunkBytes, MADV_DONTNEED);
    free_chunks_.push_back(lines);
    return;
  }
  auto* const block = reinterpret_cast<std::byte*>(reinterpret_cast<std::uintptr_t>(lines) / kBlockBytes * kBlockBytes);
  if (++block_at(block).released < block_at(block).opened) return;
  std::replace(filling_.begin(), filling_.end(), block, static_cast<std::byte*>(nullptr));
  if (shrinking_) ::madvise(block, kBlockBytes, MADV_DONTNEED);
  free_blocks_.push_back(block);
}

LineChunk LineStore::put(Line* lines, std::int64_t count) {
  const std::lock_guard lock(mutex_);
  if (free_entries_.empty()) {
    free_entries_.push_back(static_cast<std::int64_t>(entries_.size()));
    entries_.emplace_back();
  }
  const LineChunk chunk{static_cast<std::int32_t>(count), free_entries_.back()};
  free_entries_.pop_back();
  entries_[chunk.place] = {lines, -1};
  if (++chunks_in_memory_ > most_chunks_) spill(entries_[chunk.place]);
  return chunk;
}

Line* LineStore::take(const LineChunk& chunk) {
  std::int64_t slot;
  {
    const std::lock_guard lock(mutex_);
    const Entry entry = entries_[chunk.place];
    entries_[chunk.place] = {};
    free_entries_.push_back(chunk.place);
    if (entry.memory != nullptr) {
      --chunks_in_memory_;
      return entry.memory;
    }
    slot = entry.slot;
  }
  Line* lines = open();
  if (!transfer(::pread, file_, reinterpret_cast<char*>(lines), slot)) throw_output_error(folder_, errno);
  const std::lock_guard lock(mutex_);
  free_slots_.push_back(slot);
  return lines;
}

void LineStore::limit(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  most_chunks_ = bytes / kChunkBytes;
  for (std::size_t i = 0; i < entries_.size() && chunks_in_memory_ > most_chunks_; ++i) {
    if (entries_[i].memory != nullptr) spill(entries_[i]);
  }
}

void LineStore::spill(Entry& entry) {
  if (file_ < 0) open_file();
  if (free_slots_.empty()) free_slots_.push_back(slots_++);
  entry.slot = free_slots_.back();
  free_slots_.pop_back();
  if (!transfer(::pwrite, file_, reinterpret_cast<const char*>(entry.memory), entry.slot))
    throw_output_error(folder_, errno);
  ::madvise(entry.memory, kChunkBytes, MADV_DONTNEED);
  free_chunks_.push_back(entry.memory);
  entry.memory = nullptr;
  --chunks_in_memory_;
}

void LineStore::open_file() {
  if (folder_.empty()) folder_ = std::filesystem::temp_directory_path();
  make_directories(folder_);
  std::string name = (folder_ / ".lines.XXXXXX").string();
  file_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (file_ < 0 || ::unlink(name.c_str()) != 0) throw_output_error(folder_, errno);
}

}  // namespace nextbest
