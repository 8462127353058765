#include "kernels/core/devices.hpp"

namespace nextbest::cuda {

bool is_built() {
  return false;
}
std::vector<Gpu> devices() {
  return {};
}
Versions versions() {
  return {};
}
void limit_device_memory(std::int64_t) {}
std::int64_t peak_device_bytes() {
  return 0;
}
void reset_peak_device_bytes() {}

}  // namespace nextbest::cuda
