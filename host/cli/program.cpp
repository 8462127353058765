#include "host/cli/program.hpp"

#include <cstdio>
#include <new>

#include <fmt/format.h>
#include <unistd.h>

#include "host/job/interrupt.hpp"
#include "host/job/memory_size.hpp"
#include "host/job/process_memory.hpp"
#include "kernels/core/nearest.hpp"

namespace nextbest {
namespace {

const char* const kExamples = R"(
Examples:
  nextbest init orders.parquet > weekly.toml   look at order files, write a job file
  nextbest plan weekly.toml                    memory and time per stage, before any work
  nextbest run weekly.toml                     the whole job; results in out/latest
  nextbest run weekly.toml --set pairs.min_orders=5 --json
  nextbest evaluate weekly.toml                how good the lists are
  nextbest tune weekly.toml --budget 10m       better parameters for these data
  nextbest doctor                              what this machine and this program can do

Exit codes: 0 done, 2 usage or job file, 3 input, 4 data gate, 5 evaluation gate, 6 does not fit, 7 device,
8 output, 75 try again, 99 nothing new (with --skip-code), 130/143 interrupted)";

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(verb->get_name());
  return names;
}

/// Long names of the options of a verb.
std::vector<std::string> option_names(const CLI::App& app, const std::string& verb_name) {
  const auto named = app.get_subcommands([&](const CLI::App* verb) { return verb->get_name() == verb_name; });
  const CLI::App& verb = named.empty() ? app : *named.front();
  std::vector<std::string> names;
  for (const CLI::Option* option : verb.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

void refuse_unknown_verb(const CLI::App& app, const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0].starts_with("-")) return;
  const std::vector<std::string> verbs = verb_names(app);
  if (std::find(verbs.begin(), verbs.end(), arguments[0]) != verbs.end()) return;
  throw UsageError(fmt::format("unknown verb \"{}\"; did you mean \"{}\"? Known: {}", arguments[0],
                               nearest(arguments[0], verbs), fmt::join(verbs, ", ")));
}

/// An option that is not known gets the nearest one.
UsageError explained(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& arguments) {
  const std::vector<std::string> known = option_names(app, arguments.front());
  std::string text = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error)) {
    for (const std::string& argument : arguments) {
      const std::string name = argument.substr(0, argument.find('='));
      if (!name.starts_with("--") || std::find(known.begin(), known.end(), name) != known.end()) continue;
      return UsageError(fmt::format("unknown option \"{}\"; did you mean \"{}\"?", name, nearest(name, known)));
    }
  }
  return UsageError(text + "; `nextbest --help` has examples");
}

ExitCode do_verb(const std::vector<std::string>& arguments) {
  CLI::App app("Next-best products for retailers: order files in, lists of offers out.", "nextbest");
  Action action;
  app.set_version_flag("--version", std::string("nextbest ") + NEXTBEST_VERSION);
  app.footer(kExamples);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  add_run(app, action);
  add_stages(app, action);
  add_tune(app, action);
  add_init(app, action);
  add_plan(app, action);
  add_synth(app, action);
  add_bench(app, action);
  add_doctor(app, action);
  if (arguments.empty()) {
    fmt::print("{}", app.help());
    throw UsageError("a verb is needed");
  }
  refuse_unknown_verb(app, arguments);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& wanted) {  // --help, --version
    app.exit(wanted);
    return ExitCode::kPublished;
  } catch (const CLI::ParseError& error) {
    throw explained(app, error, arguments);
  }
  return action();
}

ExitCode say(const std::string& message, ExitCode code) {
  fmt::print(stderr, "nextbest: {}\n", message);
  return code;
}

}  // namespace

void add_job_options(CLI::App& verb, JobOptions& options) {
  verb.add_option("job", options.file, "Job file (TOML)")->required()->type_name("JOB");
  verb.add_option("--set", options.set, "Override a key of the job file, e.g. --set pairs.min_orders=5; repeatable")
      ->type_name("SECTION.KEY=VALUE")
      ->type_size(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb.add_option("--device", options.device, "auto, cpu or cuda; overrides device.kind");
  verb.add_option("--threads", options.threads, "CPU threads; 0 = all cores")->check(CLI::Range(0, 4096));
  verb.add_option("--max-bad-rows", options.max_bad_rows, "Rows that cannot be read: skip up to so many")
      ->check(CLI::NonNegativeNumber);
  verb.add_flag("--json", options.json, "Print a summary as JSON on standard output");
}

Job read_job(const JobOptions& options, TunedFile tuned) {
  std::vector<std::string> set = options.set;
  if (!options.device.empty()) set.push_back("device.kind=" + options.device);
  if (options.threads > 0) set.push_back("device.threads=" + std::to_string(options.threads));
  return read_job(options.file, set, tuned);
}

int run_program(const std::vector<std::string>& arguments) {
  listen_for_interrupts();
  ExitCode code = ExitCode::kInternal;
  try {
    code = do_verb(arguments);
  } catch (const Error& error) {
    code = say(error.what(), error.exit_code());
  } catch (const std::bad_alloc&) {
    code = say(fmt::format("out of memory: the peak was {} of {}; use a machine with more memory, or fewer "
                           "embeddings.factors, pairs.top_per_item or order files",
                           format_bytes(peak_host_bytes()), format_bytes(total_host_bytes())),
               ExitCode::kDoesNotFit);
  } catch (const std::exception& error) {
    code = say(std::string("internal error: ") + error.what() + "; this is a defect of nextbest, please report it",
               ExitCode::kInternal);
  }
  if (std::fflush(stdout) != 0 && code == ExitCode::kPublished)
    code = say("cannot write to standard output", ExitCode::kOutput);
  return static_cast<int>(code);
}

}  // namespace nextbest
