#include <fmt/format.h>

#include "host/cli/program.hpp"
#include "host/job/session.hpp"
#include "host/plan/plan.hpp"

namespace nextbest {

void add_plan(CLI::App& app, Action& action) {
  auto options = std::make_shared<JobOptions>();
  CLI::App* verb = app.add_subcommand("plan", "Memory and time per stage, before any work");
  add_job_options(*verb, *options);
  verb->footer(R"(
Looks at the footers and the beginnings of the order files; nothing is ingested or written. Ends with 6 when the job does
not fit device.max_host_memory.

Examples:
  nextbest plan weekly.toml
  nextbest plan weekly.toml --set device.max_host_memory=8GiB --json)");
  verb->callback([options, &action] {
    action = [options] {
      const Job job = read_job(*options);
      const Plan plan = make_plan(job, estimate_size(job), job.threads > 0 ? job.threads : usable_cores());
      fmt::print("{}", options->json ? to_json(plan).dump(2) + "\n" : describe(plan));
      for (const StagePlan& stage : plan.stages) plan.check(stage.name);
      return ExitCode::kPublished;
    };
  });
}

}  // namespace nextbest
