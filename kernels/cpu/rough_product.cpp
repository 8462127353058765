#define HWY_WANT_AVX3_DL  // the last version of AVX-512 that Highway 1.0.3 knows
#include "kernels/cpu/rough_product.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/rough_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu::HWY_NAMESPACE {

// A plain loop, which the compiler turns into the vectors of this target.
HWY_FLATTEN void round_row(const float* HWY_RESTRICT from, Offset n, std::uint16_t* HWY_RESTRICT to) {
  for (Offset i = 0; i < n; ++i) to[i] = BFloat16(from[i]).bits();
}

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3_DL

constexpr Offset kLanes = 16;
constexpr int kPanelRegisters = 4, kRowsTogether = 4;

bool has_rough_product() {
  return __builtin_cpu_supports("avx512bf16");
}

// sum += two products of 16-bit floats, in each lane. Written as the instruction, which Highway 1.0.3 does not have.
HWY_INLINE void add_products(__m512& sum, const __m512i& a, const __m512i& q) {
  asm("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(q));
}

// Some rows of A times one panel of Q, all sums in registers.
template <int kRegisters>
HWY_INLINE void multiply_panel(const std::uint16_t* a, Offset pairs, const std::uint32_t* q, float* c, Offset columns) {
  __m512 sum[kRowsTogether][kRegisters];
#pragma GCC unroll 4
  for (int r = 0; r < kRowsTogether; ++r)
#pragma GCC unroll 4
    for (int j = 0; j < kRegisters; ++j) sum[r][j] = _mm512_setzero_ps();
  for (Offset p = 0; p < pairs; ++p, q += kRegisters * kLanes) {
    __m512i part[kRegisters];
#pragma GCC unroll 4
    for (int j = 0; j < kRegisters; ++j) part[j] = _mm512_load_si512(q + j * kLanes);
#pragma GCC unroll 4
    for (int r = 0; r < kRowsTogether; ++r) {
      std::int32_t two;
      __builtin_memcpy(&two, a + (r * pairs + p) * 2, sizeof two);
      const __m512i pair = _mm512_set1_epi32(two);
#pragma GCC unroll 4
      for (int j = 0; j < kRegisters; ++j) add_products(sum[r][j], pair, part[j]);
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < kRowsTogether; ++r)
#pragma GCC unroll 4
    for (int j = 0; j < kRegisters; ++j) _mm512_store_ps(c + r * columns + j * kLanes, sum[r][j]);
}

template <int kRegisters>
HWY_FLATTEN void multiply_rows(const std::uint16_t* a, Offset rows, Offset pairs, const std::uint32_t* q, float* c,
                               Offset columns) {
  for (Offset r = 0; r < rows; r += kRowsTogether)
    multiply_panel<kRegisters>(a + r * 2 * pairs, pairs, q, c + r * columns, columns);
}

void rough_product(const std::uint16_t* a, Offset rows, Offset pairs, const std::uint32_t* q, float* c,
                   Offset columns) {
  for (Offset first = 0; first < columns; first += kPanelRegisters * kLanes) {
    const Offset registers = std::min<Offset>(kPanelRegisters, (columns - first) / kLanes);
    const auto multiply = registers == 4   ? multiply_rows<4>
                          : registers == 3 ? multiply_rows<3>
                          : registers == 2 ? multiply_rows<2>
                                           : multiply_rows<1>;
    multiply(a, rows, pairs, q, c + first, columns);
    q += pairs * registers * kLanes;
  }
}

#else

bool has_rough_product() {
  return false;
}
void rough_product(const std::uint16_t*, Offset, Offset, const std::uint32_t*, float*, Offset) {}

#endif

}  // namespace nextbest::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {
namespace {

constexpr Offset kPanel = 64, kRegister = 16;  // columns

std::uint32_t pair_of(double low, double high) {
  const BFloat16 one(static_cast<float>(low)), two(static_cast<float>(high));
  return one.bits() | std::uint32_t{two.bits()} << 16;
}

}  // namespace

HWY_EXPORT(round_row);
HWY_EXPORT(has_rough_product);
HWY_EXPORT(rough_product);

void round_row(const float* from, Offset n, std::uint16_t* to) {
  HWY_DYNAMIC_DISPATCH(round_row)(from, n, to);
}

bool has_rough_product() {
  return HWY_DYNAMIC_DISPATCH(has_rough_product)();
}

RoughProduct::RoughProduct(Matrix<const double> q)
    : dim(q.cols),
      pairs((dim + 1) / 2),
      columns((dim + kRegister - 1) / kRegister * kRegister),
      packed_(hwy::AllocateAligned<std::uint32_t>(pairs * columns)) {
  std::uint32_t* to = packed_.get();
  for (Offset first = 0; first < columns; first += kPanel)
    for (Offset p = 0; p < pairs; ++p)
      for (Offset c = first; c < std::min(first + kPanel, columns); ++c)
        *to++ = c < dim ? pair_of(q(2 * p, c), 2 * p + 1 < dim ? q(2 * p + 1, c) : 0) : 0;
}

RoughProduct::Scratch::Scratch(const RoughProduct& product)
    : rows(hwy::AllocateAligned<std::uint16_t>(kRows * 2 * product.pairs)),
      result(hwy::AllocateAligned<float>(kRows * product.columns)) {
  std::fill_n(rows.get(), kRows * 2 * product.pairs, std::uint16_t{0});
}

void RoughProduct::multiply(Matrix<const float> a, Scratch& scratch) const {
  for (Offset r = 0; r < a.rows; ++r) round_row(a.row(r), dim, scratch.rows.get() + r * 2 * pairs);
  HWY_DYNAMIC_DISPATCH(rough_product)
  (scratch.rows.get(), a.rows, pairs, packed_.get(), scratch.result.get(), columns);
}

}  // namespace nextbest::cpu
#endif
