#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/normal_equations.hpp"
#include "kernels/ops/ease_top_k.hpp"

namespace nextbest::cuda {
namespace {

// Thread: a vector. Result: its 1.
__global__ void unit_vectors_kernel(Offset count, Offset n, Offset first, float* vectors) {
  for_each_index(count, [&](Offset v) { vectors[v * n + first + v] = 1.0F; });
}

}  // namespace

void ease_top_k(Context& ctx, const CsrView<float>& units, std::span<const float> weight,
                std::span<const float> penalty, const PredictorLists& out) {
  const Stream stream("ease_top_k");
  const NormalEquations equations(stream, {units.cols, units.indptr, units.indices, {}}, weight, penalty);
  list_solutions(
      ctx, equations, Weighing::kInverse,
      [&](const Stream& own, Offset begin, Offset end, float* vectors) {
        launch(own, "unit_vectors_kernel", for_elements(device_limits(own), end - begin), unit_vectors_kernel,
               end - begin, equations.size(), begin, vectors);
      },
      out);
}

}  // namespace nextbest::cuda
