#include <fmt/format.h>
#include <unistd.h>

#include "host/cli/program.hpp"
#include "host/cli/show.hpp"
#include "host/job/job_run.hpp"

namespace nextbest {

void add_run(CLI::App& app, Action& action) {
  struct Options : JobOptions {
    bool skip_code = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("run", "The whole job: from order files to a published run");
  add_job_options(*verb, *options);
  verb->add_flag("--skip-code", options->skip_code, "Exit with 99 when there is nothing new to do");
  verb->footer(R"(
Examples:
  nextbest run weekly.toml
  nextbest run weekly.toml --set embeddings.factors=64 --threads 8
  nextbest run weekly.toml --json --skip-code > summary.json

Results are in <out_dir>/latest, a link to the newest published run.)");
  verb->callback([options, &action] {
    action = [options] {
      const Job job = read_job(*options);
      RunReporter reporter(stderr, ::isatty(STDERR_FILENO) == 1);
      const RunOutcome outcome = run_job(job, {options->max_bad_rows}, reporter);
      if (options->json) {
        fmt::print("{}\n", summary_json(outcome).dump(2));
      } else {
        fmt::print("{}", describe_run(outcome));
      }
      if (outcome.nothing_new && options->skip_code && outcome.code == ExitCode::kPublished)
        return ExitCode::kNothingNew;
      if (!outcome.refusal.empty()) fmt::print(stderr, "nextbest: {}\n", outcome.refusal);
      return outcome.code;
    };
  });
}

}  // namespace nextbest
