#include <fmt/format.h>
#include <unistd.h>

#include "host/cli/program.hpp"
#include "host/tune/tune_job.hpp"

namespace nextbest {

void add_tune(CLI::App& app, Action& action) {
  struct Options : JobOptions {
    std::string budget;
    int trials = 0;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("tune", "Better parameters for this job's data: JOB.tuned.toml");
  add_job_options(*verb, *options);
  verb->add_option("--budget", options->budget, "Time for the search, e.g. 90s, 10m, 1h; overrides tune.minutes");
  verb->add_option("--trials", options->trials,
                   "Stop after so many trials, however long they take; the same for the "
                   "same seed on every machine")
      ->check(CLI::NonNegativeNumber);
  verb->footer(R"(
Fits on the training part, judges on the validation part, never looks at the test part. What it finds lies over the job
file from then on; a search that was interrupted goes on where it was.

Examples:
  nextbest tune weekly.toml --budget 10m
  nextbest tune weekly.toml --trials 100 --set job.seed=7)");
  verb->callback([options, &action] {
    action = [options] {
      const Job job = read_job(*options, TunedFile::kIgnore);
      TuneLimits limits{60 * job.tune.minutes, options->trials};
      if (options->trials > 0) limits.seconds = 0;
      if (!options->budget.empty()) limits.seconds = parse_duration(options->budget, "--budget");
      RunReporter reporter(stderr, ::isatty(STDERR_FILENO) == 1);
      const TuneOutcome outcome = tune_job(job, limits, {options->max_bad_rows}, reporter);
      fmt::print("{}", options->json ? tuning_json(outcome).dump(2) + "\n" : describe_tuning(outcome));
      return ExitCode::kPublished;
    };
  });
}

}  // namespace nextbest
