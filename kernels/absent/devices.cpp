#include "kernels/core/devices.hpp"

namespace nextbest::cuda {

bool is_built() {
  return false;
}
std::vector<std::string> device_names() {
  return {};
}

}  // namespace nextbest::cuda
