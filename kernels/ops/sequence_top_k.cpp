#include "kernels/ops/sequence_top_k.hpp"

#include "kernels/core/expects.hpp"

namespace nextbest {

void sequence_top_k(Context& ctx, const Sequences& in, const CsrView<float>& lines_of, const SequenceParams& params,
                    const SequenceLists& out) {
  const char* name = "sequence_top_k";
  const Offset lines = in.lines();
  expects_equal(static_cast<Offset>(in.item.size()), lines, name, "length of item");
  expects_equal(static_cast<Offset>(in.basket.size()), lines, name, "length of basket");
  if (!in.day.empty()) expects_equal(static_cast<Offset>(in.day.size()), lines, name, "length of day");
  if (!in.weight.empty()) expects_equal(static_cast<Offset>(in.weight.size()), lines, name, "length of weight");
  expects_equal(lines_of.rows(), in.items, name, "rows of lines_of");
  expects_equal(lines_of.nnz(), lines, name, "entries of lines_of");
  expects(params.basket_decay >= 0 && params.basket_decay <= 1, name, "basket_decay must be from 0 to 1");
  expects(params.half_life_days >= 0 && params.window_days >= 0, name, "half-life and window must not be negative");
  expects(0 <= params.begin && params.begin <= params.end && params.end <= in.items, name, "begin and end do not fit");
  expects(out.item.cols >= 1, name, "k must be at least 1");
  expects_equal(out.item.rows, params.end - params.begin, name, "rows of out.item");
  expects_equal(out.score.rows, params.end - params.begin, name, "rows of out.score");
  expects_equal(out.score.cols, out.item.cols, name, "columns of out.score");
  ctx.device == Device::kCuda ? cuda::sequence_top_k(ctx, in, lines_of, params, out)
                              : cpu::sequence_top_k(ctx, in, lines_of, params, out);
}

}  // namespace nextbest
