#pragma once

#include <random>

namespace nextbest::reference {

/// A number whose every operation goes wrong by up to the roundoff of floats, at random. What several runs of a
/// computation with it differ by tells how far the same computation in floats may be from the exact one, with all the
/// growth and cancelling of errors that a bound on paper cannot follow through an iteration (discrete stochastic
/// arithmetic; J. Vignes, Numerical Algorithms 37, 2004).
class Noisy {
 public:
  Noisy(double value = 0) : value_(value) {}
  double value() const { return value_; }

  static void seed(std::uint64_t s) { random().seed(s); }

  friend Noisy operator+(Noisy a, Noisy b) { return disturbed(a.value_ + b.value_); }
  friend Noisy operator-(Noisy a, Noisy b) { return disturbed(a.value_ - b.value_); }
  friend Noisy operator*(Noisy a, Noisy b) { return disturbed(a.value_ * b.value_); }
  friend Noisy operator/(Noisy a, Noisy b) { return disturbed(a.value_ / b.value_); }
  Noisy& operator+=(Noisy b) { return *this = *this + b; }

 private:
  static std::mt19937_64& random() {
    static std::mt19937_64 generator;
    return generator;
  }
  static Noisy disturbed(double exact) {
    const double noise = static_cast<double>(random()() >> 11) * 0x1p-52 - 1;  // [-1, 1)
    return {exact * (1 + noise * 0x1p-24)};
  }

  double value_;
};

inline double number(double x) {
  return x;
}
inline double number(Noisy x) {
  return x.value();
}

}  // namespace nextbest::reference
