#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "kernels/core/context.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// The item side of score_top_k as its backend reads it: made once, used for every block of users, from any thread.
class ItemIndex {
 public:
  virtual ~ItemIndex() = default;
  ItemIndex(const ItemIndex&) = delete;
  ItemIndex& operator=(const ItemIndex&) = delete;

  const Device device;  ///< the backend that made it; no other can read it
  const Offset items;
  const Offset dim;

 protected:
  ItemIndex(Device device_, Offset items_, Offset dim_) : device(device_), items(items_), dim(dim_) {}
};

/// items       H [items, dim], 1 <= dim <= kMostDims
/// popularity  [items], larger is more popular; breaks ties
/// Both are viewed, not copied: they stay as they are while the index lives. A backend may order, compress and pack
/// the items as it likes; no choice of it shows in the lists. The same index for every number of threads. On a GPU
/// whose memory they do not fit they are made ready part by part in each call of score_top_k.
/// @throws ShapeMismatch; InvalidArgument; OutOfDeviceMemory
using IndexItems = std::unique_ptr<const ItemIndex>(Context& ctx, Matrix<const float> items,
                                                    std::span<const std::int64_t> popularity);
inline constexpr Offset kMostDims = 65'536;
IndexItems index_items;
namespace cpu {
IndexItems index_items;
}
namespace cuda {
IndexItems index_items;
}

}  // namespace nextbest
