#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "kernels/core/context.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/types.hpp"

namespace nextbest::cuda {

/// Takes `rows` rows through the device, at most `size` at a time: make(begin, end) gives the work for some of them to
/// a stream of their own and returns them as a std::unique_ptr; their finish() waits for it. Two are under way at a
/// time, so that one computes while the other one's data travel. Where memory is short they are halved until they fit.
/// ctx.cancelled is asked before each.
/// @throws DoesNotFit when one row alone does not
template <class Make>
void in_chunks(const Context& ctx, Offset rows, Offset size, Make&& make) {
  decltype(make(Offset{}, Offset{})) running;
  const auto finish = [&] {
    if (running) running->finish();
    running.reset();
  };
  size = std::min(size, rows);
  for (Offset begin = 0; begin < rows && !(ctx.cancelled && ctx.cancelled());) {
    const Offset end = std::min(rows, begin + size);
    try {
      auto next = make(begin, end);
      finish();
      running = std::move(next);
      begin = end;
    } catch (const DoesNotFit&) {
      if (!running && size == 1) throw;
      if (!running) size = (size + 1) / 2;
      finish();
    }
  }
  finish();
}

}  // namespace nextbest::cuda
