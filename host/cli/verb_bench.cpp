#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/bench/bench.hpp"
#include "host/cli/program.hpp"
#include "kernels/core/devices.hpp"

namespace nextbest {
namespace {

nlohmann::json as_json(const BenchLimits& limits, const BenchResult& result) {
  return {{"operation", result.operation},
          {"size", result.size},
          {"seconds", result.seconds},
          {"bytes", result.bytes},
          {"flop_per_second", result.flops / result.seconds},
          {"copy_bandwidth_share", result.bytes / result.seconds / limits.copy_bytes_per_second},
          {"matrix_rate_share", result.flops / result.seconds / limits.matrix_flops_per_second}};
}

void print_row(const nlohmann::json& row) {
  fmt::print("{:<16} {:<38} {:>9.4f} {:>9.3f} {:>9.2f} {:>8.1f} % {:>8.1f} %\n", row["operation"].get<std::string>(),
             row["size"].get<std::string>(), row["seconds"].get<double>(), row["bytes"].get<double>() / 1e9,
             row["flop_per_second"].get<double>() / 1e9, 100 * row["copy_bandwidth_share"].get<double>(),
             100 * row["matrix_rate_share"].get<double>());
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  struct Options {
    BenchParams params;
    std::vector<Offset> items{10'000, 100'000};
    std::string device = "cpu";
    int threads = 0;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("bench", "How fast each operation is here, beside what the machine can do");
  verb->add_option("--items", options->items, "Products in the catalogue; several")->capture_default_str();
  verb->add_option("--lines", options->params.lines, "Order lines; 0 = 80 per product")->capture_default_str();
  verb->add_option("--dims", options->params.dims, "Dimensions of the embeddings; several")->capture_default_str();
  verb->add_option("--k", options->params.k, "Partners per product, and products per list")->capture_default_str();
  verb->add_option("--scored", options->params.scored, "Customers who get a list")->capture_default_str();
  verb->add_option("--rounds", options->params.rounds, "Medians are taken of so many")->capture_default_str();
  verb->add_option("--device", options->device, "cpu or cuda")->check(CLI::IsMember({"cpu", "cuda"}));
  verb->add_option("--threads", options->threads, "CPU threads; 0 = all cores")->check(CLI::Range(0, 4096));
  verb->add_flag("--json", options->json, "Print the measurements as JSON");
  verb->footer(R"(
Bytes are those an operation cannot do without; shares are of the copy bandwidth and of the matrix rate measured here.
A share of the matrix rate above 100 % is work that was proved needless and left out.

Examples:
  nextbest bench
  nextbest bench --items 10000 100000 1000000 10000000 --dims 128 --json)");
  verb->callback([options, &action] {
    action = [options] {
      Context ctx;
      ctx.device = options->device == "cuda" ? Device::kCuda : Device::kCpu;
      require_device(ctx.device);
      const auto cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
      ctx.threads = options->threads > 0 ? options->threads : cores;
      const BenchLimits limits = measure_limits(ctx, options->params.rounds);
      nlohmann::json rows = nlohmann::json::array();
      if (!options->json)
        fmt::print(
            "copy {:.1f} GB/s, matrix product {:.1f} GFLOP/s, {} threads\n{:<16} {:<38} {:>9} {:>9} {:>9} {:>10} "
            "{:>10}\n",
            limits.copy_bytes_per_second / 1e9, limits.matrix_flops_per_second / 1e9, ctx.threads, "operation", "size",
            "seconds", "GB", "GFLOP/s", "of copying", "of matrix");
      for (const Offset items : options->items) {
        BenchParams params = options->params;
        params.items = items;
        for (const BenchResult& result : run_bench(ctx, params)) {
          rows.push_back(as_json(limits, result));
          if (!options->json) print_row(rows.back());
        }
      }
      if (options->json)
        fmt::print("{}\n", nlohmann::json{{"copy_bytes_per_second", limits.copy_bytes_per_second},
                                          {"matrix_flop_per_second", limits.matrix_flops_per_second},
                                          {"threads", ctx.threads},
                                          {"results", rows}}
                               .dump(2));
      return ExitCode::kPublished;
    };
  });
}

}  // namespace nextbest
