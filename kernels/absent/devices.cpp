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

}  // namespace nextbest::cuda
