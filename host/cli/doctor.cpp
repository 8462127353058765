#include "host/cli/doctor.hpp"

#include <chrono>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "host/export/versions.hpp"
#include "host/job/memory_size.hpp"
#include "host/job/process_memory.hpp"
#include "host/store/versions.hpp"
#include "kernels/core/devices.hpp"
#include "models/blend/trees.hpp"
#include "models/self_test/self_test.hpp"

namespace nextbest {
namespace {

using nlohmann::json;

/// The line of /proc/cpuinfo that begins with `key`, without the key.
std::string cpu_line(const std::string& key) {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with(key) && line.find(':') != std::string::npos) return line.substr(line.find(':') + 2);
  return "";
}

json cpu_features() {
  const std::string flags = fmt::format(" {} {} ", cpu_line("flags"), cpu_line("Features"));
  json features = json::array();
  for (const char* name : {"avx2", "fma", "avx512f", "avx512_bf16", "amx_tile", "asimd", "sve"})
    if (flags.find(fmt::format(" {} ", name)) != std::string::npos) features.push_back(name);
  return features;
}

json tested(Device device) {
  const auto start = std::chrono::steady_clock::now();
  std::string failure;
  try {
    failure = self_test(device);
  } catch (const Error& error) {
    failure = error.what();
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return {{"passed", failure.empty()}, {"failure", failure}, {"seconds", seconds}};
}

json examine_gpu() {
  json gpu = {{"built", cuda::is_built()}, {"devices", json::array()}};
  for (const cuda::Gpu& found : cuda::devices())
    gpu["devices"].push_back({{"name", found.name},
                              {"memory_bytes", found.memory_bytes},
                              {"compute_capability", fmt::format("{}.{}", found.major, found.minor)}});
  if (gpu["devices"].empty()) return gpu;
  const cuda::Versions versions = cuda::versions();
  gpu["driver_supports"] = versions.driver;
  gpu["runtime"] = versions.runtime;
  gpu["self_test"] = tested(Device::kCuda);
  return gpu;
}

}  // namespace

json examine() {
  return {
      {"version", NEXTBEST_VERSION},
      {"cpu",
       {{"model", cpu_line("model name")}, {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)}, {"features", cpu_features()}}},
      {"memory", {{"total_bytes", total_host_bytes()}}},
      {"gpu", examine_gpu()},
      {"libraries", {{"arrow", arrow_version()}, {"hdf5", hdf5_version()}, {"xgboost", trees_are_built()}}},
      {"formats",
       {{"read", {"parquet", "csv", "tsv", "csv.gz", "csv.zst", "arrow ipc"}},
        {"write", {"parquet", "csv", "jsonl", "npy", "hdf5"}}}},
      {"self_test", tested(Device::kCpu)}};
}

namespace {

std::string joined(const json& list) {
  std::string text;
  for (const json& entry : list) text += (text.empty() ? "" : ", ") + entry.get<std::string>();
  return text.empty() ? std::string("none") : text;
}

std::string describe_test(const json& test) {
  return test.at("passed").get<bool>() ? fmt::format("passed in {:.2f} s", test.at("seconds").get<double>())
                                       : "FAILED: " + test.at("failure").get<std::string>();
}

std::string describe_gpu(const json& gpu) {
  if (!gpu.at("built").get<bool>())
    return "GPU        not in this build (NEXTBEST_CUDA=OFF); everything runs on the CPU\n";
  if (gpu.at("devices").empty())
    return "GPU        none that can be used; where there is one, check its driver with nvidia-smi\n";
  std::string text;
  for (const json& device : gpu.at("devices"))
    text += fmt::format("GPU        {}, {}, compute capability {}\n", device.at("name").get<std::string>(),
                        format_bytes(device.at("memory_bytes")), device.at("compute_capability").get<std::string>());
  return text + fmt::format("CUDA       runtime {}, the driver supports {}; self-test against the CPU {}\n",
                            gpu.at("runtime").get<std::string>(), gpu.at("driver_supports").get<std::string>(),
                            describe_test(gpu.at("self_test")));
}

}  // namespace

std::string describe_findings(const json& findings) {
  const json &cpu = findings.at("cpu"), &gpu = findings.at("gpu"), &test = findings.at("self_test");
  std::string text = fmt::format("nextbest   {}\n", findings.at("version").get<std::string>());
  text += fmt::format("CPU        {}, {} cores; {}\n", cpu.at("model").get<std::string>(), cpu.at("cores").dump(),
                      joined(cpu.at("features")));
  text += fmt::format("memory     {}\n", format_bytes(findings.at("memory").at("total_bytes")));
  text += describe_gpu(gpu);
  const json& libraries = findings.at("libraries");
  text += fmt::format("libraries  Arrow {}, HDF5 {}, {}\n", libraries.at("arrow").get<std::string>(),
                      libraries.at("hdf5").get<std::string>(),
                      libraries.at("xgboost").get<bool>() ? "XGBoost" : "no XGBoost: blends go without boosted trees");
  text += fmt::format("reads      {}\nwrites     {}\n", joined(findings.at("formats").at("read")),
                      joined(findings.at("formats").at("write")));
  text += "self-test  " + describe_test(test) + "\n";
  return text;
}

ExitCode judge(const json& findings, const std::string& device) {
  if (device == "cuda" && !findings.at("gpu").at("built").get<bool>())
    throw BackendNotBuilt("--device cuda: this program was built without CUDA; build with -DNEXTBEST_CUDA=ON");
  if (device == "cuda" && findings.at("gpu").at("devices").empty())
    throw DeviceUnavailable("--device cuda: no usable GPU was found; check the driver with nvidia-smi");
  const json& gpu = findings.at("gpu");
  const bool passed = findings.at("self_test").at("passed").get<bool>() &&
                      (!gpu.contains("self_test") || gpu.at("self_test").at("passed").get<bool>());
  return passed ? ExitCode::kPublished : ExitCode::kInternal;
}

}  // namespace nextbest
