#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/cuda/chunks.hpp"
#include "kernels/cuda/device/warp.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/sort.hpp"
#include "kernels/cuda/transpose.hpp"
#include "kernels/ops/transpose.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = 256;
constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

// What travels with a column's code: the row, and in the upper half the bits of the value where there are values.
template <class Payload>
__device__ Payload pack(Offset row, const float* values, Offset entry) {
  if constexpr (sizeof(Payload) == 8)
    return static_cast<Payload>(row) | static_cast<Payload>(__float_as_uint(values[entry])) << 32;
  else
    return static_cast<Payload>(row);
}

// Warp: one row after another. Lane: every 32nd entry of the row. Result: keys (columns) and payload of every entry;
// first_bad, the first entry with a code outside the columns.
template <class Payload>
__global__ void __launch_bounds__(kThreads)
    expand_kernel(DeviceCsr in, std::uint32_t* keys, Payload* payload, unsigned long long* first_bad) {
  const Offset warps = static_cast<Offset>(gridDim.x) * (kThreads / kWarpSize);
  const int lane = lane_of_thread();
  for (Offset r = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kWarpSize; r < in.rows; r += warps)
    for (Offset i = in.indptr[r] + lane; i < in.indptr[r + 1]; i += kWarpSize) {
      const Code code = in.indices[i];
      if (code < 0 || code >= in.cols) atomicMin(first_bad, static_cast<unsigned long long>(i));
      keys[i] = static_cast<std::uint32_t>(code);
      payload[i] = pack<Payload>(r, in.values, i);
    }
}

// Thread: an entry of the sorted pairs. Result: the row of `out` (and value), and the starts of the columns that begin
// between the entry before and this one; the last entry's thread also closes the columns behind.
template <class Payload>
__global__ void __launch_bounds__(kThreads) unpack_kernel(const std::uint32_t* keys, const Payload* payload, Offset nnz,
                                                          Offset cols, Offset* indptr, Code* indices, float* values) {
  for_each_index(nnz, [&](Offset i) {
    const Offset column = keys[i], before = i == 0 ? -1 : static_cast<Offset>(keys[i - 1]);
    for (Offset c = before + 1; c <= column; ++c) indptr[c] = i;
    if (i == nnz - 1)
      for (Offset c = column + 1; c <= cols; ++c) indptr[c] = nnz;
    indices[i] = static_cast<Code>(static_cast<std::uint32_t>(payload[i]));
    if constexpr (sizeof(Payload) == 8) values[i] = __uint_as_float(static_cast<std::uint32_t>(payload[i] >> 32));
  });
}

// first_row  of `in`, for the error
void expect_codes_inside(const Stream& stream, const Buffer<unsigned long long>& first_bad, const DeviceCsr& in,
                         Offset first_row) {
  unsigned long long bad = kNone;
  to_host(stream, first_bad.data(), std::span(&bad, 1));
  stream.synchronize();
  if (bad == kNone) return;
  std::vector<Offset> indptr(in.rows + 1);
  Code code = 0;
  to_host(stream, in.indptr, std::span(indptr));
  to_host(stream, in.indices + bad, std::span(&code, 1));
  stream.synchronize();
  const auto row = std::upper_bound(indptr.begin(), indptr.end(), static_cast<Offset>(bad)) - indptr.begin() - 1;
  throw InvalidArgument(std::string(stream.operation()) + ": row " + std::to_string(first_row + row) + " holds code " +
                        std::to_string(code) + " of " + std::to_string(in.cols) + " columns");
}

template <class Payload>
void sort_entries(const Stream& stream, const DeviceCsr& in, Offset first_row, const CsrBuffer& out) {
  const DeviceLimits device = device_limits(stream);
  SortedPairs<Payload> pairs{Buffer<std::uint32_t>(stream, in.nnz), Buffer<Payload>(stream, in.nnz)};
  Buffer<unsigned long long> first_bad(stream, 1);
  fill_bytes(stream, first_bad.data(), 0xFF, sizeof(kNone));
  launch(stream, "expand_kernel", for_elements(device, in.rows * kWarpSize, kThreads), expand_kernel<Payload>, in,
         pairs.keys.data(), pairs.values.data(), first_bad.data());
  expect_codes_inside(stream, first_bad, in, first_row);
  pairs = sort_by_key(stream, std::move(pairs), static_cast<std::uint64_t>(in.cols));
  launch(stream, "unpack_kernel", for_elements(device, in.nnz, kThreads), unpack_kernel<Payload>, pairs.keys.data(),
         pairs.values.data(), in.nnz, in.cols, out.indptr(), out.indices(), out.values());
}

/// Where the next entry of each column goes, [cols]; sets out.indptr.
std::vector<Offset> starts_of_columns(const CsrView<float>& in, Csr<float>& out) {
  std::vector<Offset> next(in.cols + 1, 0);
  for (Offset r = 0; r < in.rows(); ++r)
    for (const Code code : in.row(r))
      if (code >= 0 && code < in.cols) ++next[code + 1];  // the others are found on the device
  std::partial_sum(next.begin(), next.end(), next.begin());
  out.indptr = next;
  return next;
}

/// Rows [begin, end) on their way, see in_chunks().
class Chunk {
 public:
  /// next  where the next entry of each column goes, empty before anybody asked for it
  Chunk(const CsrView<float>& in, Offset begin, Offset end, std::vector<Offset>& next, Csr<float>& out)
      : stream_("transpose"),
        in_(in),
        begin_(begin),
        whole_(end - begin == in.rows()),
        next_(next),
        out_(out),
        entries_(stream_, in.slice(begin, end)),
        transposed_(transpose_on_device(stream_, entries_.view(), begin)) {}

  void finish() {
    if (whole_) return bring(out_);
    Csr<float> part;
    bring(part);
    if (next_.empty()) next_ = starts_of_columns(in_, out_);
    for (Offset c = 0; c < in_.cols; ++c)
      for (Offset i = part.indptr[c]; i < part.indptr[c + 1]; ++i, ++next_[c]) {
        out_.indices[next_[c]] = static_cast<Code>(begin_ + part.indices[i]);
        if (!part.values.empty()) out_.values[next_[c]] = part.values[i];
      }
  }

 private:
  void bring(Csr<float>& to) const {
    const DeviceCsr& from = transposed_.view();
    to.indptr.resize(from.rows + 1);
    to.indices.resize(from.nnz);
    to.values.resize(from.values == nullptr ? 0 : from.nnz);
    to_host(stream_, from.indptr, std::span(to.indptr));
    to_host(stream_, from.indices, std::span(to.indices));
    if (from.values != nullptr) to_host(stream_, from.values, std::span(to.values));
    stream_.synchronize();
  }

  Stream stream_;
  const CsrView<float>& in_;
  Offset begin_;
  bool whole_;
  std::vector<Offset>& next_;
  Csr<float>& out_;
  CsrBuffer entries_;
  CsrBuffer transposed_;
};

}  // namespace

CsrBuffer transpose_on_device(const Stream& stream, const DeviceCsr& in, Offset first_row) {
  CsrBuffer out(stream, in.cols, in.rows, in.nnz, in.values != nullptr);
  if (in.nnz == 0)
    fill_bytes(stream, out.indptr(), 0, (in.cols + 1) * sizeof(Offset));
  else if (in.values == nullptr)
    sort_entries<std::uint32_t>(stream, in, first_row, out);
  else
    sort_entries<std::uint64_t>(stream, in, first_row, out);
  return out;
}

// All rows at once where they fit: they go straight to `out`. Otherwise the columns of pieces are put behind one
// another.
void transpose(Context& ctx, const CsrView<float>& in, Csr<float>& out) {
  const Context to_the_end{ctx.device, ctx.threads, {}, {}};
  out.cols = in.rows();
  out.indptr.assign(in.cols + 1, 0);
  out.indices.resize(in.nnz());
  out.values.resize(in.values.empty() ? 0 : in.nnz());
  std::vector<Offset> next;
  in_chunks(to_the_end, in.rows(), in.rows(),
            [&](Offset begin, Offset end) { return std::make_unique<Chunk>(in, begin, end, next, out); });
}

}  // namespace nextbest::cuda
