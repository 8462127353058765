#include <fmt/format.h>
#include <unistd.h>

#include "host/cli/program.hpp"
#include "host/job/run_reporter.hpp"
#include "host/synth/synth.hpp"

namespace nextbest {

void add_synth(CLI::App& app, Action& action) {
  struct Options {
    SynthParams params;
    std::string out_dir;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("synth", "Write a retailer with planted truth, any size");
  verb->add_option("out_dir", options->out_dir, "Folder to write into")->required()->type_name("FOLDER");
  verb->add_option("--lines", options->params.lines, "About so many order lines")->capture_default_str();
  verb->add_option("--items", options->params.items, "Products in the catalogue")->capture_default_str();
  verb->add_option("--customers", options->params.customers, "Customers; 0 = one per 50 lines")->capture_default_str();
  verb->add_option("--seed", options->params.seed, "The same seed gives the same bytes")->capture_default_str();
  verb->add_option("--days", options->params.days, "Days that the orders span")->capture_default_str();
  verb->add_option("--popularity-exponent", options->params.popularity_exponent, "Of Zipf's law")
      ->capture_default_str();
  verb->add_option("--threads", options->params.threads, "CPU threads")->capture_default_str();
  verb->add_flag("--json", options->json, "Print what was planted as JSON");
  verb->footer(R"(
Examples:
  nextbest synth retailer --lines 1000000
  nextbest run retailer/job.toml)");
  verb->callback([options, &action] {
    action = [options] {
      RunReporter reporter(stderr, ::isatty(STDERR_FILENO) == 1);
      reporter.set_stage("synth");
      options->params.validate();
      const SynthReport report = write_synth(options->params, options->out_dir, reporter);
      reporter.set_stage("");
      const nlohmann::json json = {{"lines", report.lines},
                                   {"orders", report.orders},
                                   {"customers", report.customers},
                                   {"items", report.items},
                                   {"complements", report.complements},
                                   {"follow_ups", report.follow_ups},
                                   {"substitutes", report.substitutes},
                                   {"cycles", report.cycles},
                                   {"ladders", report.ladders},
                                   {"files", report.files},
                                   {"bytes", report.bytes}};
      if (options->json) {
        fmt::print("{}\n", json.dump(2));
      } else {
        for (const auto& [key, value] : json.items()) fmt::print("{:<12}{:>14}\n", key, value.dump());
        fmt::print("nextbest run {}/job.toml\n", options->out_dir);
      }
      return ExitCode::kPublished;
    };
  });
}

}  // namespace nextbest
