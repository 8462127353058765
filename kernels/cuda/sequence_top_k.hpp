#pragma once

#include "kernels/cuda/row_tables.hpp"
#include "kernels/ops/sequence_top_k.hpp"

namespace nextbest::cuda {

void sequence_top_k(Context& ctx, const Sequences& in, const CsrView<float>& lines_of, const SequenceParams& params,
                    const SequenceLists& out, const TableTuning& tuning);

}  // namespace nextbest::cuda
