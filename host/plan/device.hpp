#pragma once

#include <cstdint>

#include "host/ingest/log_size.hpp"
#include "host/job/job.hpp"

namespace nextbest {

/// What of a GPU's memory the job may use (device.max_device_memory): 0 where it runs on the CPU; without limit where
/// it asks for a GPU, in shares of its memory, and there is none.
/// @throws UsageError
std::int64_t device_budget(const Job& job);

/// What a stage holds of it at its peak, and the most pieces that an operation of it works in.
struct DeviceUse {
  std::int64_t bytes = 0;
  std::int64_t pieces = 1;
};
DeviceUse larger(const DeviceUse& x, const DeviceUse& y);
/// The stages, within a budget above 0; those of kernels/ops/device_bytes.hpp, one operation after another.
DeviceUse pairs_device_use(const LogSize& size, const Job& job, std::int64_t tile_bytes, std::int64_t budget);
DeviceUse train_device_use(const LogSize& size, const Job& job, std::int64_t budget);
DeviceUse recommend_device_use(const LogSize& size, const Job& job, std::int64_t budget);

}  // namespace nextbest
