#pragma once

#include "kernels/cuda/row_tables.hpp"
#include "kernels/ops/nearest_rows.hpp"

namespace nextbest::cuda {

void nearest_rows(Context& ctx, const CsrView<float>& queries, const CsrView<float>& by_column,
                  std::span<const Code> not_for_query, const NearestRowLists& out, const TableTuning& tuning);

}  // namespace nextbest::cuda
