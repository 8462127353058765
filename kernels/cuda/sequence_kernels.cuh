#pragma once

#include "kernels/cuda/row_tables.hpp"
#include "kernels/math/line_pair.hpp"

namespace nextbest::cuda {

/// The lines on the device, as kernels see them.
struct DeviceSequences {
  LineArrays lines;
  const Offset* customer_offset;  ///< [customers + 1]
  Offset customers;
  const Code* customer_of;  ///< [lines]
  DeviceCsr lines_of;       ///< [items, lines]
};

/// What sums are worth: s = C^sharpness / (anchor * target).
struct SequenceWorth {
  double sharpness;
  int min_pairs;
  const double* target;  ///< [items] n_b^target_exponent
  const double* anchor;  ///< [rows] (n_a + prior)^anchor_exponent, or nullptr: by exposure,
  double prior;          ///< (sum over b of C + prior)^anchor_exponent
  double anchor_exponent;
};

/// A slot of the table and, for every thread, a few pairs at a time.
inline constexpr std::uint32_t kSequenceSlotBytes = sizeof(double) + 2 * sizeof(std::uint32_t);
inline constexpr int kPairsPerThread = 4;
inline constexpr std::size_t kSequenceThreadBytes =
    kPairsPerThread * (sizeof(double) + sizeof(std::uint64_t)) + 2 * sizeof(Offset) + sizeof(Code) + 4;

/// customer_of [lines] from customer_offset.
void launch_customer_of(const Stream& stream, const Offset* customer_offset, Offset customers, Code* customer_of);
/// work [items]: the lines of all customers that hold an item, once for each time they do.
void launch_sequence_work(const Stream& stream, const DeviceSequences& in, std::int64_t* work);
/// The lists of the queue's rows; row r is item first + r.
void launch_sequence_rows(const Stream& stream, const LaunchShape& shape, const DeviceSequences& in,
                          const LinePairRule& rule, const SequenceWorth& worth, Code first, const TableQueue& queue,
                          const TableMemory& memory, const TableLists& out);

}  // namespace nextbest::cuda
