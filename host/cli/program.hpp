#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "host/job/job.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {

/// The whole program: parses the command line, does the verb, prints errors, returns the exit code.
int run_program(const std::vector<std::string>& arguments);

/// What the chosen verb does; set by its parser callback.
using Action = std::function<ExitCode()>;

/// Each verb adds its parser to the program.
void add_bench(CLI::App& app, Action& action);
void add_doctor(CLI::App& app, Action& action);
void add_init(CLI::App& app, Action& action);
void add_plan(CLI::App& app, Action& action);
void add_synth(CLI::App& app, Action& action);
void add_run(CLI::App& app, Action& action);
void add_stages(CLI::App& app, Action& action);
void add_tune(CLI::App& app, Action& action);

/// Options of every verb that works on a job file.
struct JobOptions {
  std::string file;
  std::vector<std::string> set;
  std::string device;
  int threads = 0;
  std::int64_t max_bad_rows = 0;
  bool json = false;
};
void add_job_options(CLI::App& verb, JobOptions& options);
/// The job as the command line wants it. @throws UsageError
Job read_job(const JobOptions& options, TunedFile tuned = TunedFile::kOverlay);

}  // namespace nextbest
