#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/row_pcg.cuh"

namespace nextbest::cuda {
namespace {

// False when the iteration left the finite numbers. `staged` and v.w are filled, v.r and v.inverse 0.
__device__ bool iterate(const DeviceSystems& s, float ridge, int count, const StagedEntries& staged,
                        const PcgVectors& v) {
  scale_by_errors(staged, count, v.w, s.pairs());
  __syncwarp();  // scales of all entries are there
  combine<true>(staged, count, s.pairs(), v.r, v.inverse);
  float rz = start_steps(s, ridge, v);
  for (int step = 1;; ++step) {
    if (!std::isfinite(rz)) return false;
    if (rz < FLT_MIN) return true;  // the residual has vanished
    __syncwarp();                   // the whole direction is there, the scales have been used
    const float square = warp_sum(scale_by_dots(staged, count, v.direction, s.pairs()));
    const float alpha = rz / (square + dense_square(s, ridge, v.direction));
    advance(s, alpha, v);
    if (step == s.steps) return true;
    for_own_dims(s.pairs(), [&](int k) { v.product[k] = 0; });
    __syncwarp();  // scales of all entries are there, the direction has been read
    combine<false>(staged, count, s.pairs(), v.product, nullptr);
    const float next = reduce_residual(s, ridge, alpha, v);
    turn(s, next / rz, v);
    rz = next;
  }
}

// Block: one warp, one row after another, its vectors gathered once. Lane: an entry in products of vectors, a pair of
// dimensions in sums of them. Result: out.
__global__ void __launch_bounds__(kWarpSize)
    middle_kernel(DeviceSystems s, const Code* rows, Offset count, int capacity) {
  auto* memory = dynamic_shared<float>();
  const int padded = s.padded();
  const PcgVectors v{memory, memory + padded, memory + 2 * padded, memory + 3 * padded, memory + 4 * padded};
  const StagedEntries staged = staged_behind(memory, padded, 5, capacity);
  for (Offset i = blockIdx.x; i < count; i += gridDim.x) {
    const Offset row = rows[i], begin = s.ratings.indptr[row];
    const int n = static_cast<int>(s.ratings.indptr[row + 1] - begin);
    const float ridge = ridge_of(s, row);
    stage(s, begin, n, staged);
    load_start(s, row, v.w);
    for_own_dims(s.pairs(), [&](int k) { v.r[k] = v.inverse[k] = 0; });
    __syncwarp();  // entries and start are there
    const bool iterated = iterate(s, ridge, n, staged, v), finite = store_solution(s, row, v.w);
    if (!(iterated && finite) && lane_of_thread() == 0) report_row(s, row);
    __syncwarp();  // read before the next row takes the place
  }
}

}  // namespace

std::size_t shared_bytes(int quads, int capacity) {
  const std::size_t padded = 8 * static_cast<std::size_t>(quads);
  return (5 * padded + capacity * (2 + padded / 2 + 1)) * sizeof(float);
}

void solve_middle(const Stream& stream, const DeviceSystems& systems, std::span<const Code> rows, int capacity) {
  if (rows.empty()) return;
  const Buffer<Code> on_device = to_device(stream, rows);
  const Offset count = static_cast<Offset>(rows.size());
  const Offset blocks = std::min(count, Offset{64} * device_limits(stream).multiprocessors);
  launch(stream, "middle_kernel", {blocks, kWarpSize, shared_bytes(systems.quads, capacity)}, middle_kernel, systems,
         on_device.data(), count, capacity);
}

}  // namespace nextbest::cuda
