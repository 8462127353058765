#include "kernels/ops/solve_rows.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/cpu/row_solver.hpp"

namespace nextbest::cpu {
namespace {

constexpr Offset kPieceCost = 16'384;  // entries of a piece: some hundred microseconds
constexpr Offset kRowCost = 4;         // what a row costs beside its entries, counted in entries

struct Piece {
  Offset begin, end, cost;
};

// Consecutive rows of about equal numbers of entries, the longest first, so that no thread is left with a long row
// at the end.
std::vector<Piece> cut_into_pieces(const CsrView<float>& ratings) {
  std::vector<Piece> pieces;
  Piece piece{0, 0, 0};
  for (Offset r = 0; r < ratings.rows(); ++r) {
    piece.cost += ratings.row_size(r) + kRowCost;
    piece.end = r + 1;
    if (piece.cost >= kPieceCost) {
      pieces.push_back(piece);
      piece = {r + 1, r + 1, 0};
    }
  }
  if (piece.end > piece.begin) pieces.push_back(piece);
  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& x, const Piece& y) { return x.cost > y.cost; });
  return pieces;
}

std::string name(Offset row) {
  return "solve_rows: row " + std::to_string(row);
}

void expect_valid(const CsrView<float>& ratings, Offset r) {
  for (const Code code : ratings.row(r))
    if (code < 0 || code >= ratings.cols)
      throw InvalidArgument(name(r) + " holds code " + std::to_string(code) + " of " + std::to_string(ratings.cols));
  for (const float weight : ratings.row_values(r))
    if (!(weight > 0) || !std::isfinite(weight))
      throw InvalidArgument(name(r) + " holds weight " + std::to_string(weight) +
                            "; weights must be finite and above 0");
}

}  // namespace

void solve_rows(Context& ctx, const RowSystems& systems, Matrix<float> out) {
  const RowSolverSetup setup(systems);
  const std::vector<Piece> pieces = cut_into_pieces(systems.ratings);
  std::vector<std::unique_ptr<RowScratch>> scratch(std::max(ctx.threads, 1));
  parallel_for(ctx, static_cast<Offset>(pieces.size()), 1, [&](Offset p, Offset, int thread) {
    if (!scratch[thread]) scratch[thread] = std::make_unique<RowScratch>(setup);
    for (Offset r = pieces[p].begin; r < pieces[p].end; ++r) expect_valid(systems.ratings, r);
    const Offset bad = solve_piece(setup, pieces[p].begin, pieces[p].end, *scratch[thread], out);
    if (bad >= 0) throw NumericalError(name(bad) + " has no finite solution");
  });
}

}  // namespace nextbest::cpu
