// Our side of als_implicit.py.
//     bench_als matrix FOLDER CUSTOMERS ITEMS                  writes a made-up rating matrix: indptr.i64, indices.i32
//     bench_als start FOLDER CUSTOMERS ITEMS DIM               writes where fit starts: customers.f32, items.f32
//     bench_als fit FOLDER DIM ITERATIONS LAMBDA ALPHA0 NU     fits it; one line per iteration: wall and
//                                                              processor seconds without the objective, objective
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

#include "benchmarks/support/zipf_ratings.hpp"
#include "kernels/core/philox.hpp"
#include "models/ials/ials.hpp"

namespace {

using namespace nextbest;

template <class T>
void write(const std::string& path, const std::vector<T>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

template <class T>
std::vector<T> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<T> values(static_cast<std::size_t>(file.tellg()) / sizeof(T));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  return values;
}

Context on_all_cores() {
  Context ctx;
  ctx.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return ctx;
}

void write_matrix(const std::string& folder, Offset customers, Offset items) {
  const Csr<float> ratings = bench::zipf_ratings(on_all_cores(), customers, items);
  write(folder + "/indptr.i64", ratings.indptr);
  write(folder + "/indices.i32", ratings.indices);
  std::cout << ratings.indices.size() << " entries\n";
}

// As models/ials/ials.hpp describes it.
void write_start(const std::string& folder, Offset customers, Offset items, Offset dim) {
  const std::uint64_t seed = IalsParams().seed;
  const auto side = [&](const std::string& name, std::uint64_t stream, Offset rows) {
    std::vector<float> values(rows * dim);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(.1 / std::sqrt(static_cast<double>(dim)) * philox_normal(seed, stream, i));
    write(folder + name, values);
  };
  side("/customers.f32", 1, customers);
  side("/items.f32", 2, items);
}

void fit(const std::string& folder, char** numbers) {
  Csr<float> ratings;
  ratings.indptr = read<Offset>(folder + "/indptr.i64");
  ratings.indices = read<Code>(folder + "/indices.i32");
  for (const Code code : ratings.indices) ratings.cols = std::max<Offset>(ratings.cols, code + 1);
  IalsParams params;
  params.factors = std::atoi(numbers[0]);
  params.iterations = std::atoi(numbers[1]);
  params.regularization = std::atof(numbers[2]);
  params.unobserved_weight = std::atof(numbers[3]);
  params.frequency_exponent = std::atof(numbers[4]);
  Context ctx = on_all_cores();
  // Progress is reported after each half-step, before the objective. What comes before the first iteration counts
  // there.
  std::clock_t begun = std::clock(), solved = begun;
  ctx.progress = [&](std::int64_t, std::int64_t) { solved = std::clock(); };
  std::vector<double> processor_seconds;
  const IalsFactors factors = fit_ials(ctx, ratings.view(), params, [&](int, double) {
    processor_seconds.push_back(static_cast<double>(solved - begun) / CLOCKS_PER_SEC);
    begun = std::clock();
  });
  for (std::size_t i = 0; i < factors.objective.size(); ++i)
    std::printf("%.4f %.4f %.12g\n", factors.iteration_seconds[i], processor_seconds[i], factors.objective[i]);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "matrix" && argc == 5) {
    write_matrix(argv[2], std::atoll(argv[3]), std::atoll(argv[4]));
  } else if (verb == "start" && argc == 6) {
    write_start(argv[2], std::atoll(argv[3]), std::atoll(argv[4]), std::atoll(argv[5]));
  } else if (verb == "fit" && argc == 8) {
    fit(argv[2], argv + 3);
  } else {
    std::cerr << "bench_als matrix FOLDER CUSTOMERS ITEMS | start FOLDER CUSTOMERS ITEMS DIM | fit FOLDER DIM "
                 "ITERATIONS LAMBDA ALPHA0 NU\n";
    return 2;
  }
  return 0;
}
