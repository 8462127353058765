// Faults planted on purpose: each must be caught by the sanitizer that this build has, and the faultless twin must
// not. A sanitizer that sees nothing would pass every other test.
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string_view>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/parallel.hpp"

namespace {

using nextbest::Context;

Context four_threads() {
  Context ctx;
  ctx.threads = 4;
  return ctx;
}

// Every thread adds to one plain variable inside one region.
std::int64_t race_inside_a_region() {
  Context ctx = four_threads();
  std::int64_t sum = 0;
  nextbest::on_every_thread(ctx, [&](int thread) { sum += thread; });
  return sum;
}

// What the parallel loops promise is enough order: written before a region, read in it; written in it by one thread
// each, read after it; and the same memory handed to the next region.
std::int64_t no_race() {
  Context ctx = four_threads();
  std::int64_t total = 0;
  for (int round = 0; round < 50; ++round) {
    std::vector<std::int64_t> values(1'000, round);
    std::vector<std::int64_t> per_thread(4, 0);
    nextbest::parallel_for(ctx, 1'000, 7, [&](std::int64_t begin, std::int64_t end, int thread) {
      for (std::int64_t i = begin; i < end; ++i) per_thread[thread] += values[i]++;
    });
    nextbest::parallel_for(ctx, 1'000, 13, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) values[i] *= 2;
    });
    nextbest::on_every_thread(ctx, [&](int thread) { per_thread[thread] += thread; });
    for (const std::int64_t value : values) total += value;
    for (const std::int64_t sum : per_thread) total += sum;
  }
  return total;
}

std::int64_t out_of_bounds() {
  std::vector<std::int64_t> values(8, 1);
  const volatile std::size_t behind = 8;
  return values.data()[behind];
}

std::int64_t signed_overflow() {
  volatile std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  return largest + 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view fault = argc > 1 ? argv[1] : "";
  std::int64_t result = 0;
  if (fault == "race") {
    result = race_inside_a_region();
  } else if (fault == "out_of_bounds") {
    result = out_of_bounds();
  } else if (fault == "overflow") {
    result = signed_overflow();
  } else if (fault == "none") {
    result = no_race();
  } else {
    std::fputs("usage: planted_faults race|out_of_bounds|overflow|none\n", stderr);
    return 2;
  }
  std::printf("%lld\n", static_cast<long long>(result));
}
