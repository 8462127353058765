#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "kernels/core/host_device.hpp"
#include "kernels/core/types.hpp"
#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/launch.cuh"
#include "kernels/ops/device_bytes.hpp"

namespace nextbest::cuda {

// Operations that sum up a sparse row in a hash table, one block per row, and list its best: nearest_rows,
// sequence_top_k.

/// Where rows go by the size of their tables. The lists do not depend on it; tests set it so that small cases take
/// every way.
struct TableTuning {
  struct Class {
    std::uint32_t slots;
    int threads;  ///< a power of two
  };
  static constexpr int kClasses = 3;
  Class classes[kClasses] = {{512, 64}, {2048, 128}, {kWidestSharedTable, 256}};  ///< tables in shared memory
  int wide_threads = 512;                     ///< of a block whose table lies in global memory
  std::int64_t wide_bytes = kWideTableBytes;  ///< of such tables at a time; a quarter of what is free at most
  std::size_t candidate_bytes = 48 * 1024;    ///< of candidates; more of them go to global memory
  Offset rows_at_a_time = kTableRowsAtATime;  ///< whose lists lie on the device
};

/// Rows to be done by whichever block comes next.
struct TableQueue {
  const Code* rows;            ///< [size]
  const std::uint32_t* slots;  ///< [size] powers of two, with room for a third more than the row can need
  std::uint32_t size;
  std::uint32_t* next;
};

/// How much memory a block has for a row, and where it lies when not in shared memory.
struct TableMemory {
  std::uint32_t slots;  ///< of the largest row
  std::uint32_t slot_bytes;
  std::uint32_t candidates;        ///< a power of two
  unsigned char* tables;           ///< nullptr, or table_bytes() for each block
  unsigned char* candidate_lists;  ///< nullptr, or candidate_bytes() for each block

  NEXTBEST_HOST_DEVICE std::size_t table_bytes() const {
    return (static_cast<std::size_t>(slots) * slot_bytes + 15) / 16 * 16;
  }
  NEXTBEST_HOST_DEVICE std::size_t candidate_bytes() const { return static_cast<std::size_t>(candidates) * 20; }
  NEXTBEST_HOST_DEVICE std::size_t shared_bytes() const {
    return (tables == nullptr ? table_bytes() : 0) + (candidate_lists == nullptr ? candidate_bytes() : 0);
  }
};

/// Lists on the device, without gaps.
struct TableLists {
  Code* item;    ///< [rows, columns]
  float* score;  ///< likewise
  Offset columns;
  std::uint32_t selected;  ///< places that can be filled: at least 1, at most columns
};

/// The rows of a chunk, spread over launches. Must live until the stream has done them.
class TableRows {
 public:
  /// most  [rows] distinct things that a row can sum up at most
  TableRows(std::span<const std::int64_t> most, const TableTuning& tuning);

  /// Starts a kernel for each class of rows that there is: start(shape, queue, memory).
  /// extra_bytes  of shared memory per thread that the kernel needs beside `memory`, which come first
  using Start = std::function<void(const LaunchShape&, const TableQueue&, const TableMemory&)>;
  void launch_classes(const Stream& stream, std::uint32_t slot_bytes, std::uint32_t selected,
                      std::size_t extra_bytes_per_thread, const Start& start) const;

 private:
  struct Rows {
    std::vector<Code> row;
    std::vector<std::uint32_t> slots;
  };
  const TableTuning& tuning_;
  Rows classes_[TableTuning::kClasses], wide_;
};

/// Lists of a chunk on the device, to be brought back.
class TableListBuffer {
 public:
  TableListBuffer(const Stream& stream, Offset rows, Offset columns, Offset selectable);
  const TableLists& view() const { return view_; }
  void bring(const Stream& stream, const Matrix<Code>& item, const Matrix<float>& score) const {
    to_host(stream, static_cast<const Code*>(item_.data()), item);
    to_host(stream, static_cast<const float*>(score_.data()), score);
  }

 private:
  Buffer<Code> item_;
  Buffer<float> score_;
  TableLists view_;
};

}  // namespace nextbest::cuda
