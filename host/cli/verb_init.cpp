#include <filesystem>

#include <fmt/format.h>

#include "host/cli/program.hpp"
#include "host/ingest/guess.hpp"
#include "host/store/atomic_file.hpp"

namespace nextbest {

void add_init(CLI::App& app, Action& action) {
  struct Options {
    std::vector<std::string> paths;
    std::string output;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("init", "Guess the column mapping of order files and write a job file");
  verb->add_option("paths", options->paths, "Order files and catalogue: files, globs, folders")
      ->required()
      ->type_name("PATH...");
  verb->add_option("-o,--output", options->output, "Write here instead of to standard output; must not exist yet")
      ->type_name("FILE");
  verb->footer(R"(
Examples:
  nextbest init orders.parquet products.parquet > weekly.toml
  nextbest init 'orders/*.csv.gz' -o weekly.toml && nextbest run weekly.toml)");
  verb->callback([options, &action] {
    action = [options] {
      if (!options->output.empty() && std::filesystem::exists(options->output))
        throw UsageError(options->output + " exists already; remove it or choose another --output");
      const std::string job = guess_job_file(options->paths);
      if (options->output.empty()) {
        fmt::print("{}", job);
      } else {
        replace_file(options->output, job);
      }
      return ExitCode::kPublished;
    };
  });
}

}  // namespace nextbest
