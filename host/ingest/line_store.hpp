#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <vector>

#include "host/ingest/line.hpp"

namespace nextbest {

/// Lines that were handed to a LineStore.
struct LineChunk {
  std::int32_t lines = 0;
  std::int64_t place = 0;  ///< in the store's table
};

/// Holds lines in chunks: in memory up to a limit, the rest in a temporary file that has no name, so that nothing is
/// left of it however the program ends. All functions may be called from any thread.
class LineStore {
 public:
  static constexpr std::int64_t kChunkLines = 512;
  static constexpr std::int64_t kChunkBytes = kChunkLines * static_cast<std::int64_t>(sizeof(Line));

  /// folder  where the file would lie; empty: the system's folder for temporary files
  explicit LineStore(std::filesystem::path folder = {}) : folder_(std::move(folder)) {}
  ~LineStore();
  LineStore(const LineStore&) = delete;
  LineStore& operator=(const LineStore&) = delete;

  /// Memory for kChunkLines lines, uninitialised. Chunks of a group lie together in blocks of many; what is released at
  /// about the same time should be of one group, for memory is used again and given back by blocks.
  Line* open(std::size_t group = 0);
  /// Takes a chunk back that open() or take() gave. @throws OutputError the temporary file cannot be written
  LineChunk put(Line* lines, std::int64_t count);
  /// The lines of a chunk, in memory; it is then no longer in the store. @throws OutputError
  Line* take(const LineChunk& chunk);
  /// Gives memory back that open() or take() gave.
  void release(Line* lines);

  /// From now on at most so many bytes of chunks stay in memory; others go into the file at once. @throws OutputError
  void limit(std::int64_t bytes);
  /// From now on memory that is released goes back to the system.
  void shrink() { shrinking_ = true; }
  bool has_spilled() const { return file_ >= 0; }

 private:
  struct Entry {
    Line* memory = nullptr;  ///< nullptr: in the file
    std::int64_t slot = -1;  ///< of the file
  };
  /// Chunks that lie together.
  struct Block {
    std::int64_t opened = 0, released = 0;  ///< chunks of it
  };
  /// Of the block that begins there.
  Block& block_at(std::byte* begin);
  std::byte* take_block();
  void spill(Entry& entry);
  void open_file();

  std::filesystem::path folder_;
  std::mutex mutex_;
  std::vector<Entry> entries_;
  std::vector<std::int64_t> free_entries_, free_slots_;
  std::vector<Line*> free_chunks_;  ///< single ones, where lines wait in a file
  std::vector<std::byte*> free_blocks_;
  std::vector<std::byte*> filling_;  ///< [groups] the block that the next chunk is of, or nullptr
  std::vector<std::byte*> slabs_;
  std::int64_t chunks_in_memory_ = 0;  ///< of entries_
  std::int64_t most_chunks_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t slots_ = 0;
  int file_ = -1;
  bool shrinking_ = false;
};

}  // namespace nextbest
