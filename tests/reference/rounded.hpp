#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace nextbest::reference {

/// Unit roundoff of floats.
inline constexpr double kFloatRoundoff = 0x1p-24;

/// Running error analysis (Higham, "Accuracy and stability of numerical algorithms", section 3.3): `value` is what a
/// computation gives without rounding, and whatever floats it was made with, the same computation in floats gives a
/// number within `error` of it. Doubles stand for exact numbers here; their own roundoff is 5e8 times smaller.
struct Rounded {
  double value = 0;
  double error = 0;

  double largest() const { return std::abs(value) + error; }
};

/// The result of one float operation whose exact operands would give `value`, and whose operands' errors carry over
/// to `carried`.
inline Rounded rounded(double value, double carried) {
  return {value, carried + kFloatRoundoff * (std::abs(value) + carried)};
}
inline Rounded operator+(Rounded a, Rounded b) {
  return rounded(a.value + b.value, a.error + b.error);
}
inline Rounded operator-(Rounded a, Rounded b) {
  return rounded(a.value - b.value, a.error + b.error);
}
inline Rounded operator*(Rounded a, Rounded b) {
  return rounded(a.value * b.value, std::abs(a.value) * b.error + std::abs(b.value) * a.error + a.error * b.error);
}
/// Without a meaningful bound when b may be 0.
inline Rounded operator/(Rounded a, Rounded b) {
  const double value = a.value / b.value, rest = std::abs(b.value) - b.error;
  return rounded(value, rest > 0 ? (a.error + std::abs(value) * b.error) / rest : INFINITY);
}

/// A sum of products a_i b_i c_i in any order and with or without fused operations, where no term passes through more
/// than `roundings` of them: error = what the factors carry + gamma(roundings) * sum |terms|.
class RoundedSum {
 public:
  explicit RoundedSum(std::int64_t roundings) {
    const double n = static_cast<double>(roundings) * kFloatRoundoff;
    gamma_ = n / (1 - n);
  }
  void add(Rounded a, Rounded b, Rounded c = {1, 0}) {
    const double value = a.value * b.value * c.value;
    const double largest = a.largest() * b.largest() * c.largest();
    value_ += value;
    carried_ += largest - std::abs(value);
    magnitude_ += largest;
  }
  Rounded result() const { return {value_, carried_ + gamma_ * magnitude_}; }

 private:
  double gamma_ = 0, value_ = 0, carried_ = 0, magnitude_ = 0;
};

}  // namespace nextbest::reference
