#include <algorithm>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/cuda/pair_parts.hpp"

namespace nextbest::cuda {
namespace {

struct Range {
  Offset begin, end;
  Offset size() const { return end - begin; }
  Offset middle() const { return begin + size() / 2; }
};

/// The units with the items b of the range alone.
Csr<float> only_columns(const CsrView<float>& rows, Range columns) {
  Csr<float> part;
  part.cols = rows.cols;
  part.indptr.reserve(rows.rows() + 1);
  for (Offset r = 0; r < rows.rows(); ++r) {
    const auto row = rows.row(r);
    const auto first = std::ranges::lower_bound(row, static_cast<Code>(columns.begin)),
               last = std::ranges::lower_bound(row, static_cast<Code>(columns.end));
    part.indices.insert(part.indices.end(), first, last);
    part.indptr.push_back(static_cast<Offset>(part.indices.size()));
  }
  return part;
}

/// Where the rows of the range lie, the others being empty; entries are shared with `rows`.
std::vector<Offset> only_rows(const CsrView<float>& rows, Range range) {
  std::vector<Offset> indptr(rows.indptr.begin(), rows.indptr.end());
  std::fill_n(indptr.begin(), range.begin, indptr[range.begin]);
  std::fill(indptr.begin() + range.end, indptr.end(), indptr[range.end]);
  return indptr;
}

struct OwnedLists {
  OwnedLists(Offset rows, Offset k)
      : item(rows * k),
        score(rows * k),
        count(rows * k),
        weight(rows * k),
        customers(rows * k),
        expected(rows * k),
        view{{item.data(), rows, k},   {score.data(), rows, k},     {count.data(), rows, k},
             {weight.data(), rows, k}, {customers.data(), rows, k}, {expected.data(), rows, k}} {}
  std::vector<Code> item;
  std::vector<float> score;
  std::vector<std::int64_t> count, weight, customers;
  std::vector<double> expected;
  PairLists view;
};

void copy_place(const PairLists& from, Offset row, Offset at, const PairLists& to, Offset place) {
  to.item(row, place) = from.item(row, at);
  to.score(row, place) = from.score(row, at);
  to.count(row, place) = from.count(row, at);
  to.weight(row, place) = from.weight(row, at);
  to.customers(row, place) = from.customers(row, at);
  to.expected(row, place) = from.expected(row, at);
}

/// All codes of `left` are below those of `right`.
void merge(const PairLists& left, const PairLists& right, std::span<const std::int64_t> popularity,
           const PairLists& out) {
  const Offset k = out.item.cols;
  for (Offset row = 0; row < out.item.rows; ++row) {
    Offset l = 0, r = 0;
    for (Offset place = 0; place < k; ++place) {
      const Code x = l < k ? left.item(row, l) : kNoCode, y = r < k ? right.item(row, r) : kNoCode;
      bool from_left = y == kNoCode;
      if (x != kNoCode && y != kNoCode) {
        const float score = left.score(row, l), other = right.score(row, r);
        from_left = score != other ? score > other : popularity[x] >= popularity[y];
      }
      copy_place(from_left ? left : right, row, from_left ? l : r, out, place);
      ++(from_left ? l : r);
    }
  }
}

/// One call, divided until it fits.
class Parts {
 public:
  Parts(const Context& ctx, const CudaPairIndex& index, const PairParams& params, const PairTuning& tuning)
      : quiet_{ctx.device, ctx.threads, {}, ctx.cancelled},
        host_(*index.host()),
        totals_(index.totals),
        params_(params),
        tuning_(tuning) {}

  void run(Range rows, Range columns, const PairLists& out) const {
    if (cancelled() || whole(rows, columns, out)) return;
    const Offset of_rows = host_.by_item.indptr[rows.end] - host_.by_item.indptr[rows.begin];
    if (rows.size() > 1 && (columns.size() == 1 || of_rows * columns.size() > host_.right.view().nnz() * rows.size()))
      by_rows(rows, columns, out);
    else
      by_columns(rows, columns, out);
  }

 private:
  bool cancelled() const { return quiet_.cancelled && quiet_.cancelled(); }

  bool whole(Range rows, Range columns, const PairLists& out) const {
    try {
      const Csr<float> right = only_columns(host_.right.view(), columns);
      const std::vector<Offset> indptr = only_rows(host_.by_item.view(), rows);
      const ResidentPairs part(host_.all(totals_), right.view(),
                               {host_.by_item.cols, indptr, host_.by_item.indices, {}});
      PairParams params = params_;
      params.begin = rows.begin;
      params.end = rows.end;
      pairs_of_resident(quiet_, part, params, out, tuning_);
      return true;
    } catch (const DoesNotFit&) {
      if (rows.size() == 1 && columns.size() == 1) throw;
      return false;
    }
  }
  void by_rows(Range rows, Range columns, const PairLists& out) const {
    const Offset half = rows.middle() - rows.begin;
    run({rows.begin, rows.middle()}, columns, slice(out, 0, half));
    run({rows.middle(), rows.end}, columns, slice(out, half, rows.size()));
  }
  void by_columns(Range rows, Range columns, const PairLists& out) const {
    OwnedLists left(rows.size(), out.item.cols), right(rows.size(), out.item.cols);
    run(rows, {columns.begin, columns.middle()}, left.view);
    run(rows, {columns.middle(), columns.end}, right.view);
    if (!cancelled()) merge(left.view, right.view, totals_.right_count(), out);
  }

  Context quiet_;
  const HostPairs& host_;
  const PairTotals& totals_;
  const PairParams& params_;
  const PairTuning& tuning_;
};

}  // namespace

void pairs_in_parts(const Context& ctx, const CudaPairIndex& index, const PairParams& params, const PairLists& out,
                    const PairTuning& tuning) {
  if (params.begin < params.end)
    Parts(ctx, index, params, tuning).run({params.begin, params.end}, {0, index.items}, out);
}

}  // namespace nextbest::cuda
