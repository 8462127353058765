#include "tests/reference/ials_pcg.hpp"

namespace nextbest::reference {
namespace {

using Vector = std::vector<Rounded>;

class Iteration {
 public:
  Iteration(const std::vector<Rating>& row, const Dense& h, const std::vector<double>& d, std::int64_t roundings)
      : row_(row), h_(h), roundings_(roundings) {
    for (const double x : d) dense_.push_back({x, 3 * kFloatRoundoff * x});
  }

  std::int64_t dim() const { return h_.cols; }

  Rounded dot(const Vector& x, const Vector& y) const {
    RoundedSum sum(dim() + 1);
    for (std::int64_t k = 0; k < dim(); ++k) sum.add(x[k], y[k]);
    return sum.result();
  }

  /// h_j . x for every entry j of the row.
  Vector dots(const Vector& x) const {
    Vector out;
    for (const Rating& rating : row_) {
      RoundedSum sum(dim() + 1);
      for (std::int64_t k = 0; k < dim(); ++k) sum.add({h_(rating.column, k), 0}, x[k]);
      out.push_back(sum.result());
    }
    return out;
  }

  /// sum_j c_j a_j h_j
  Vector combination(const Vector& a) const {
    Vector out;
    for (std::int64_t k = 0; k < dim(); ++k) {
      RoundedSum sum(roundings_);
      for (std::size_t j = 0; j < row_.size(); ++j) sum.add({row_[j].weight, 0}, a[j], {h_(row_[j].column, k), 0});
      out.push_back(sum.result());
    }
    return out;
  }

  Vector residual(const Vector& w) const {
    Vector a = dots(w);
    for (Rounded& x : a) x = Rounded{1, 0} - x;
    Vector r = combination(a);
    for (std::int64_t k = 0; k < dim(); ++k) r[k] = r[k] - dense_[k] * w[k];
    return r;
  }

  Vector inverse_diagonal() const {
    Vector out;
    for (std::int64_t k = 0; k < dim(); ++k) {
      RoundedSum sum(roundings_);
      for (const Rating& rating : row_) {
        const Rounded x{h_(rating.column, k), 0};
        sum.add({rating.weight, 0}, x, x);
      }
      out.push_back(Rounded{1, 0} / (sum.result() + dense_[k]));
    }
    return out;
  }

  Vector apply(const Vector& p) const {
    Vector out = combination(dots(p));
    for (std::int64_t k = 0; k < dim(); ++k) out[k] = out[k] + dense_[k] * p[k];
    return out;
  }

  /// p . A p = sum c (h . p)^2 + sum D p^2
  Rounded curvature(const Vector& p) const {
    RoundedSum data(roundings_), dense(dim() + 1);
    const Vector s = dots(p);
    for (std::size_t j = 0; j < row_.size(); ++j) data.add({row_[j].weight, 0}, s[j], s[j]);
    for (std::int64_t k = 0; k < dim(); ++k) dense.add(dense_[k], p[k], p[k]);
    return data.result() + dense.result();
  }

 private:
  const std::vector<Rating>& row_;
  const Dense& h_;
  std::int64_t roundings_;
  Vector dense_;
};

}  // namespace

std::vector<Rounded> conjugate_gradients(const std::vector<Rating>& row, const Dense& h, const std::vector<double>& d,
                                         const std::vector<double>& start, int steps, std::int64_t roundings) {
  const Iteration iteration(row, h, d, roundings);
  const std::int64_t dim = h.cols;
  Vector w, z(dim), p(dim);
  for (const double x : start) w.push_back({x, 0});
  const Vector inverse = iteration.inverse_diagonal();
  Vector r = iteration.residual(w);
  for (std::int64_t k = 0; k < dim; ++k) p[k] = z[k] = inverse[k] * r[k];
  Rounded rz = iteration.dot(r, z);
  for (int step = 0; step < steps && rz.value > 0; ++step) {
    const Rounded alpha = rz / iteration.curvature(p);
    const Vector ap = iteration.apply(p);
    for (std::int64_t k = 0; k < dim; ++k) {
      w[k] = w[k] + alpha * p[k];
      r[k] = r[k] - alpha * ap[k];
      z[k] = inverse[k] * r[k];
    }
    const Rounded next = iteration.dot(r, z);
    const Rounded beta = next / rz;
    for (std::int64_t k = 0; k < dim; ++k) p[k] = z[k] + beta * p[k];
    rz = next;
  }
  return w;
}

}  // namespace nextbest::reference
