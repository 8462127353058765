// Our side of als_implicit.py, and the matrices and factors that score.cpp and its peers read.
//     bench_als matrix MATRIX CUSTOMERS ITEMS            a made-up rating matrix: indptr.i64, indices.i32
//     bench_als start FACTORS CUSTOMERS ITEMS DIM        where fit starts: customers.f32, items.f32
//     bench_als fit MATRIX FACTORS CUSTOMERS DIM ITERATIONS LAMBDA ALPHA0 NU
//                                                        fits the matrix; writes the factors of all items and of the
//                                                        first CUSTOMERS; prints what als_implicit.py prints
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string>

#include "benchmarks/support/clock.hpp"
#include "benchmarks/support/context.hpp"
#include "benchmarks/support/raw_file.hpp"
#include "host/bench/zipf_ratings.hpp"
#include "kernels/core/philox.hpp"
#include "models/ials/ials.hpp"

namespace {

using namespace nextbest;

void write_matrix(const std::string& folder, Offset customers, Offset items) {
  const Csr<float> ratings = bench::zipf_ratings(bench::asked_context(), customers, items);
  bench::write_raw(folder + "/indptr.i64", ratings.indptr);
  bench::write_raw(folder + "/indices.i32", ratings.indices);
}

// As models/ials/ials.hpp describes it.
void write_start(const std::string& folder, Offset customers, Offset items, Offset dim) {
  const std::uint64_t seed = IalsParams().seed;
  const auto side = [&](const std::string& name, std::uint64_t stream, Offset rows) {
    std::vector<float> values(rows * dim);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(.1 / std::sqrt(static_cast<double>(dim)) * philox_normal(seed, stream, i));
    bench::write_raw(folder + name, values);
  };
  side("/customers.f32", 1, customers);
  side("/items.f32", 2, items);
}

double median_of_later(std::vector<double> of_iteration) {
  if (of_iteration.size() > 1) of_iteration.erase(of_iteration.begin());
  std::sort(of_iteration.begin(), of_iteration.end());
  const std::size_t n = of_iteration.size();
  return (of_iteration[(n - 1) / 2] + of_iteration[n / 2]) / 2;
}

void fit(const std::string& matrix, const std::string& out, Offset customers, char** numbers) {
  Csr<float> ratings;
  ratings.indptr = bench::read_raw<Offset>(matrix + "/indptr.i64");
  ratings.indices = bench::read_raw<Code>(matrix + "/indices.i32");
  for (const Code code : ratings.indices) ratings.cols = std::max<Offset>(ratings.cols, code + 1);
  IalsParams params;
  params.factors = std::atoi(numbers[0]);
  params.iterations = std::atoi(numbers[1]);
  params.regularization = std::atof(numbers[2]);
  params.unobserved_weight = std::atof(numbers[3]);
  params.frequency_exponent = std::atof(numbers[4]);
  Context ctx = bench::asked_context();
  // Progress is reported after each half-step, before the objective. What comes before the first iteration counts
  // there.
  bench::Clock clock;
  double solved = 0;
  ctx.progress = [&](std::int64_t, std::int64_t) { solved = clock.taken()["cpu_seconds"]; };
  std::vector<double> processor_seconds;
  IalsFactors factors = fit_ials(ctx, ratings, params, [&](int, double) {
    processor_seconds.push_back(solved);
    clock = {};
  });
  std::cout << nlohmann::json{{"seconds", median_of_later(factors.iteration_seconds)},
                              {"cpu_seconds", median_of_later(processor_seconds)},
                              {"objective", factors.objective}}
            << '\n';
  const Offset kept = std::min<Offset>(customers, static_cast<Offset>(ratings.indptr.size()) - 1);
  factors.customers.resize(kept * params.factors);
  bench::write_raw(out + "/customers.f32", factors.customers);
  bench::write_raw(out + "/items.f32", factors.items);
}

int run(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "matrix" && argc == 5) {
    write_matrix(argv[2], std::atoll(argv[3]), std::atoll(argv[4]));
  } else if (verb == "start" && argc == 6) {
    write_start(argv[2], std::atoll(argv[3]), std::atoll(argv[4]), std::atoll(argv[5]));
  } else if (verb == "fit" && argc == 10) {
    fit(argv[2], argv[3], std::atoll(argv[4]), argv + 5);
  } else {
    std::cerr << "bench_als matrix MATRIX CUSTOMERS ITEMS | start FACTORS CUSTOMERS ITEMS DIM | fit MATRIX FACTORS "
                 "CUSTOMERS DIM ITERATIONS LAMBDA ALPHA0 NU\n";
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return nextbest::bench::run_and_explain("bench_als", [&] { return run(argc, argv); });
}
