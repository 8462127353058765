#include "kernels/core/devices.hpp"

#include "kernels/core/error.hpp"

namespace nextbest {

void require_device(Device device) {
  if (device == Device::kCpu) return;
  if (!cuda::is_built())
    throw BackendNotBuilt(
        "device cuda was asked for, but this program was built without CUDA; use cpu, or build with -DNEXTBEST_CUDA=ON "
        "(preset cuda)");
  if (cuda::devices().empty())
    throw DeviceUnavailable(
        "device cuda was asked for, but no usable GPU was found; use cpu, or check the driver with nvidia-smi "
        "(`nextbest doctor` says more)");
}

}  // namespace nextbest
