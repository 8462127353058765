#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/core/error.hpp"
#include "kernels/ops/transpose.hpp"

namespace nextbest::test {

inline std::string backend_name(Device device) {
  return device == Device::kCpu ? "cpu" : "cuda";
}

/// What NEXTBEST_REQUIRE_BACKEND names: a backend without which the tests must fail instead of running without it.
inline std::string required_backend() {
  const char* name = std::getenv("NEXTBEST_REQUIRE_BACKEND");
  return name ? name : "";
}

/// The backend is compiled in and has a device on this machine: an empty operation runs on it.
inline bool backend_works(Device device) {
  if (device == Device::kCpu) return true;
  try {
    Context ctx{device, 1, {}, {}};
    const Csr<float> in;
    Csr<float> out;
    transpose(ctx, in.view(), out);
    return true;
  } catch (const BackendNotBuilt&) {
    return false;
  } catch (const DeviceUnavailable&) {
    return false;
  }
}

/// The backends over which a TEST_P suite runs. A required one is listed even when it does not work, so that its
/// tests fail and say why.
inline const std::vector<Device>& backends() {
  static const std::vector<Device> list = [] {
    std::vector<Device> found{Device::kCpu};
    if (backend_works(Device::kCuda) || required_backend() == "cuda") found.push_back(Device::kCuda);
    return found;
  }();
  return list;
}

/// For INSTANTIATE_TEST_SUITE_P(All, Suite, testing::ValuesIn(backends()), BackendName());
struct BackendName {
  std::string operator()(const testing::TestParamInfo<Device>& info) const { return backend_name(info.param); }
};

/// A fixture for suites over backends; prints the backend with every failure.
class OverBackends : public testing::TestWithParam<Device> {
 protected:
  Context context(int threads = 1) const { return {GetParam(), threads, {}, {}}; }

 private:
  testing::ScopedTrace trace_{__FILE__, __LINE__, "backend " + backend_name(GetParam())};
};

}  // namespace nextbest::test
