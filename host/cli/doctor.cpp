#include "host/cli/doctor.hpp"

#include <chrono>
#include <cmath>
#include <fstream>
#include <numeric>

#include <fmt/format.h>
#include <unistd.h>

#include "host/export/versions.hpp"
#include "host/job/memory_size.hpp"
#include "host/job/process_memory.hpp"
#include "host/store/versions.hpp"
#include "kernels/core/devices.hpp"
#include "models/blend/trees.hpp"
#include "models/recommender.hpp"

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

/// Every even customer has bought every even item but one; the missing one must come out on top. The same for odd.
std::string self_test() {
  constexpr Code kItems = 24, kCustomers = 48;
  std::vector<Offset> customer_offset(kCustomers + 1), basket_offset{0};
  std::iota(customer_offset.begin(), customer_offset.end(), Offset{0});
  std::vector<Code> lines;
  const auto missing = [](Code customer) { return static_cast<Code>((customer * 2 + customer % 2) % kItems); };
  for (Code c = 0; c < kCustomers; ++c) {
    for (Code i = c % 2; i < kItems; i = static_cast<Code>(i + 2))
      if (i != missing(c)) lines.push_back(i);
    basket_offset.push_back(static_cast<Offset>(lines.size()));
  }
  const HistoryView history{kItems, customer_offset, basket_offset, lines, {}, kNoTime};
  IalsParams params;
  params.factors = 4;
  Context ctx;
  const Csr<float> ratings = ials_ratings(history, params);
  const IalsFactors factors = fit_ials(ctx, ratings.view(), params);
  for (Code c = 0; c < kCustomers; ++c) {
    const auto score = [&](Code i) {
      double sum = 0;
      for (Offset d = 0; d < factors.dim; ++d)
        sum += static_cast<double>(factors.customer_matrix()(c, d)) * static_cast<double>(factors.item_matrix()(i, d));
      return sum;
    };
    for (Code i = static_cast<Code>(1 - c % 2); i < kItems; i = static_cast<Code>(i + 2))
      if (!(score(missing(c)) > score(i)))
        return fmt::format("customer {} prefers item {} to item {}", c, i, missing(c));
  }
  return "";
}

}  // namespace

json examine() {
  const auto start = std::chrono::steady_clock::now();
  const std::string failure = self_test();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  json gpu = {{"built", cuda::is_built()}, {"devices", cuda::device_names()}};
  return {
      {"version", NEXTBEST_VERSION},
      {"cpu",
       {{"model", cpu_line("model name")}, {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)}, {"features", cpu_features()}}},
      {"memory", {{"total_bytes", total_host_bytes()}}},
      {"gpu", gpu},
      {"libraries", {{"arrow", arrow_version()}, {"hdf5", hdf5_version()}, {"xgboost", trees_are_built()}}},
      {"formats",
       {{"read", {"parquet", "csv", "tsv", "csv.gz", "csv.zst", "arrow ipc"}},
        {"write", {"parquet", "csv", "jsonl", "npy", "hdf5"}}}},
      {"self_test", {{"passed", failure.empty()}, {"failure", failure}, {"seconds", seconds}}}};
}

std::string describe_findings(const json& findings) {
  const auto joined = [](const json& list) {
    std::string text;
    for (const json& entry : list) text += (text.empty() ? "" : ", ") + entry.get<std::string>();
    return text.empty() ? std::string("none") : text;
  };
  const json &cpu = findings.at("cpu"), &gpu = findings.at("gpu"), &test = findings.at("self_test");
  std::string text = fmt::format("nextbest   {}\n", findings.at("version").get<std::string>());
  text += fmt::format("CPU        {}, {} cores; {}\n", cpu.at("model").get<std::string>(), cpu.at("cores").dump(),
                      joined(cpu.at("features")));
  text += fmt::format("memory     {}\n", format_bytes(findings.at("memory").at("total_bytes")));
  text += fmt::format("GPU        {}\n", !gpu.at("built").get<bool>()
                                             ? "not in this build (NEXTBEST_CUDA=OFF); everything runs on the CPU"
                                             : joined(gpu.at("devices")));
  const json& libraries = findings.at("libraries");
  text += fmt::format("libraries  Arrow {}, HDF5 {}, {}\n", libraries.at("arrow").get<std::string>(),
                      libraries.at("hdf5").get<std::string>(),
                      libraries.at("xgboost").get<bool>() ? "XGBoost" : "no XGBoost: blends go without boosted trees");
  text += fmt::format("reads      {}\nwrites     {}\n", joined(findings.at("formats").at("read")),
                      joined(findings.at("formats").at("write")));
  text += test.at("passed").get<bool>()
              ? fmt::format("self-test  passed in {:.2f} s\n", test.at("seconds").get<double>())
              : "self-test  FAILED: " + test.at("failure").get<std::string>() + "\n";
  return text;
}

ExitCode judge(const json& findings, const std::string& device) {
  if (device == "cuda" && !findings.at("gpu").at("built").get<bool>())
    throw BackendNotBuilt("--device cuda: this program was built without CUDA; build with -DNEXTBEST_CUDA=ON");
  if (device == "cuda" && findings.at("gpu").at("devices").empty())
    throw DeviceUnavailable("--device cuda: no usable GPU was found; check the driver with nvidia-smi");
  return findings.at("self_test").at("passed").get<bool>() ? ExitCode::kPublished : ExitCode::kInternal;
}

}  // namespace nextbest
