#include "kernels/ops/transpose.hpp"

#include <algorithm>
#include <string>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"

namespace nextbest::cpu {
namespace {

// Rows are cut into parts of about equal numbers of entries. Each part counts its columns, the counts become starting
// places (column by column, part by part), and each part then writes its entries: ascending rows, whatever the parts.
std::vector<Offset> cut_by_entries(const CsrView<float>& in, Offset parts) {
  std::vector<Offset> first_row(parts + 1, in.rows());
  for (Offset p = 0; p < parts; ++p) {
    const Offset entry = in.indptr.front() + in.nnz() * p / parts;
    first_row[p] = std::lower_bound(in.indptr.begin(), in.indptr.end() - 1, entry) - in.indptr.begin();
  }
  return first_row;
}

void count_columns(const CsrView<float>& in, Offset begin, Offset end, Offset* count) {
  for (Offset r = begin; r < end; ++r)
    for (const Code c : in.row(r)) {
      if (c < 0 || c >= in.cols)
        throw InvalidArgument("transpose: row " + std::to_string(r) + " holds code " + std::to_string(c) + " of " +
                              std::to_string(in.cols) + " columns");
      ++count[c];
    }
}

void scatter(const CsrView<float>& in, Offset begin, Offset end, Offset* place, Csr<float>& out) {
  for (Offset r = begin; r < end; ++r) {
    const auto codes = in.row(r);
    const auto values = in.row_values(r);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const Offset at = place[codes[i]]++;
      out.indices[at] = static_cast<Code>(r);
      if (!values.empty()) out.values[at] = values[i];
    }
  }
}

}  // namespace

void transpose(Context& ctx, const CsrView<float>& in, Csr<float>& out) {
  const Offset parts = std::clamp<Offset>(in.nnz() / std::max<Offset>(in.cols, 1), 1, std::max(ctx.threads, 1));
  out.cols = in.rows();
  out.indptr.assign(in.cols + 1, 0);
  out.indices.resize(in.nnz());
  out.values.resize(in.values.empty() ? 0 : in.nnz());
  if (in.rows() == 0) return;

  const std::vector<Offset> first_row = cut_by_entries(in, parts);
  std::vector<Offset> place(parts * in.cols, 0);
  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};  // short, and a half-made transpose helps nobody
  parallel_for(uninterrupted, parts, 1, [&](Offset p, Offset, int) {
    count_columns(in, first_row[p], first_row[p + 1], place.data() + p * in.cols);
  });
  Offset sum = 0;
  for (Offset c = 0; c < in.cols; ++c) {
    for (Offset p = 0; p < parts; ++p) {
      const Offset n = place[p * in.cols + c];
      place[p * in.cols + c] = sum;
      sum += n;
    }
    out.indptr[c + 1] = sum;
  }
  parallel_for(uninterrupted, parts, 1, [&](Offset p, Offset, int) {
    scatter(in, first_row[p], first_row[p + 1], place.data() + p * in.cols, out);
  });
}

}  // namespace nextbest::cpu
