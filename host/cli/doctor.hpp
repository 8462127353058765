#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "kernels/core/error.hpp"

namespace nextbest {

/// What this machine and this program can do: version, CPU, memory, GPU, libraries, formats, and a self-test of under
/// a second.
nlohmann::json examine();
std::string describe_findings(const nlohmann::json& findings);
/// kPublished when all is well. @throws BackendNotBuilt, DeviceUnavailable for the device that was asked for
ExitCode judge(const nlohmann::json& findings, const std::string& device);

}  // namespace nextbest
