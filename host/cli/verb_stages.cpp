#include <fmt/format.h>
#include <unistd.h>

#include "host/cli/program.hpp"
#include "host/cli/show.hpp"
#include "host/job/job_run.hpp"

namespace nextbest {

void add_stages(CLI::App& app, Action& action) {
  static const std::pair<const char*, const char*> kStages[] = {
      {"ingest", "Read and clean the order files into work/orders.h5"},
      {"check", "Data readiness: which outputs the data support, and the fail_on rules"},
      {"pairs", "Products bought together: work/pairs"},
      {"train", "Embeddings of customers and products: work/models"},
      {"recommend", "Lists of next-best products: work/next_best"},
      {"evaluate", "How good the lists are: work/metrics.json, work/evaluation_lists"},
      {"export", "Further formats of the tables: work/export"}};
  for (const auto& [name, description] : kStages) {
    auto options = std::make_shared<JobOptions>();
    CLI::App* verb = app.add_subcommand(name, description);
    add_job_options(*verb, *options);
    verb->footer(fmt::format(R"(
Runs this stage on the job's working state, <out_dir>/work, and first whatever it needs that is missing or stale.

Examples:
  nextbest {0} weekly.toml
  nextbest {0} weekly.toml --json --set job.out_dir=/data/out)",
                             name));
    verb->callback([options, stage = std::string(name), &action] {
      action = [options, stage] {
        const Job job = read_job(*options);
        RunReporter reporter(stderr, ::isatty(STDERR_FILENO) == 1);
        const RunOutcome outcome = run_stage(job, stage, {options->max_bad_rows}, reporter);
        fmt::print("{}", options->json ? summary_json(outcome).dump(2) + "\n" : describe_stage(outcome, stage));
        return outcome.code;
      };
    });
  }
}

}  // namespace nextbest
