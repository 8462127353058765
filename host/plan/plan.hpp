#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/ingest/log_size.hpp"
#include "host/job/job.hpp"

namespace nextbest {

/// What one stage will need.
struct StagePlan {
  std::string name;
  std::int64_t host_bytes = 0;    ///< peak of resident memory, everything that lies there from earlier stages included
  std::int64_t device_bytes = 0;  ///< peak of what operations hold on the GPU; 0 on the CPU
  std::int64_t tiles = 1;         ///< pieces that it works in
  std::int64_t tile_bytes = 0;    ///< of pairs: lists of one tile of items
  double seconds = 0;             ///< estimated, on this machine's number of threads
  std::int64_t device_tiles = 0;  ///< the most pieces that one of them takes its rows in; 0 on the CPU
};

/// What a whole job will need, in the order in which the stages run.
struct Plan {
  LogSize size;
  std::int64_t budget = 0;         ///< device.max_host_memory
  std::int64_t device_budget = 0;  ///< device.max_device_memory; 0 on the CPU
  std::vector<StagePlan> stages;

  const StagePlan& stage(const std::string& name) const;
  std::int64_t peak() const;
  /// @throws DoesNotFit this stage needs more than a budget, even in its smallest tiles
  void check(const std::string& name) const;
};

/// Plans the stages for a log of this size under the job's max_host_memory. Where a stage would like more, it is given
/// smaller tiles (`on_over_budget = "tile"`). What is counted stands in host/plan/README.md.
/// @throws DoesNotFit a stage whose smallest tiles need more than the budget, or with `on_over_budget = "fail"` one
/// whose usual tiles do; UsageError max_host_memory
Plan make_plan(const Job& job, const LogSize& size, int threads);

nlohmann::json to_json(const Plan& plan);
/// A table for people.
std::string describe(const Plan& plan);

}  // namespace nextbest
