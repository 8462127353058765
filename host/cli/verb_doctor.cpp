#include <fmt/format.h>
#include <unistd.h>

#include "host/cli/doctor.hpp"
#include "host/cli/program.hpp"

namespace nextbest {

void add_doctor(CLI::App& app, Action& action) {
  struct Options {
    std::string device = "auto";
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("doctor", "What this machine and this program can do, and a small self-test");
  verb->add_option("--device", options->device, "auto, cpu or cuda: fails when it cannot be used")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  verb->add_flag("--json", options->json, "Print the findings as JSON");
  verb->footer(R"(
Examples:
  nextbest doctor
  nextbest doctor --device cuda --json)");
  verb->callback([options, &action] {
    action = [options] {
      const nlohmann::json findings = examine();
      fmt::print("{}", options->json ? findings.dump(2) + "\n" : describe_findings(findings));
      return judge(findings, options->device);
    };
  });
}

}  // namespace nextbest
