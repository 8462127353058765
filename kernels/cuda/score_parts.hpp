#pragma once

#include "kernels/cuda/item_index.hpp"
#include "kernels/ops/score_top_k.hpp"

namespace nextbest::cuda {

/// score_top_k() with items that are on the device; first_item is what item 0 is called in an error.
void score_resident(const Context& ctx, Matrix<const float> users, const ResidentItems& items, Offset first_item,
                    const TopKFilter& filter, const TopKLists& out);

/// score_top_k() with items that do not fit: the lists of one half of them and then of the other, each divided again
/// where it has to be, made into one. Host memory: the lists once more for each time that they are divided.
void score_in_parts(const Context& ctx, Matrix<const float> users, const CudaItemIndex& items, const TopKFilter& filter,
                    const TopKLists& out);

}  // namespace nextbest::cuda
