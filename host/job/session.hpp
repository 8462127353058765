#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/ingest/ingest.hpp"
#include "host/job/job.hpp"
#include "host/job/job_run.hpp"
#include "host/job/lock.hpp"
#include "host/job/run_reporter.hpp"
#include "host/job/stage_runner.hpp"
#include "host/plan/plan.hpp"
#include "host/store/order_log.hpp"
#include "host/store/order_log_file.hpp"
#include "kernels/core/context.hpp"
#include "models/recommender.hpp"

namespace nextbest {

/// Cores that this process may use.
int usable_cores();

/// One program run over a job: its out_dir under lock, its work folder, its stages, and what they have in memory.
/// Stages leave their results in files and here; whoever comes later takes what is here or reads the file.
class Session {
 public:
  /// Takes the lock, decides on the device, looks at the input files.
  /// @throws TryAgain, OutputError, DataError, BackendNotBuilt, DeviceUnavailable
  Session(const Job& job, const RunOptions& options, RunReporter& reporter);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Job& job() const { return job_; }
  const RunOptions& options() const { return options_; }
  RunReporter& reporter() { return reporter_; }
  StageRunner& runner() { return runner_; }
  const std::filesystem::path& work() const { return runner_.work(); }
  const std::filesystem::path& out_dir() const { return out_dir_; }
  const std::string& run_id() { return runner_.state().run_id; }
  /// Starts a new run where the last one has been published or refused.
  void begin_run();
  Micros started() const { return started_; }

  /// Hash over the input files: names, sizes, contents.
  const std::string& inputs_hash() const { return inputs_hash_; }
  /// The input files as find_inputs() finds them.
  const std::vector<InputFile>& inputs() const { return inputs_; }
  FileStamp stamp(const std::string& stage);

  Device device() const { return device_; }
  /// How operations run; progress is reported in `unit`.
  Context context(const std::string& unit);

  /// The order log, read from the work folder when it is not in memory; a damaged file is rebuilt.
  const OrderLog& log();
  /// What later stages read of it.
  void keep_log(OrderLog log);
  /// Customers and their orders: what evaluation, embeddings and lists need.
  bool has_customers() { return log().customers.size() > 0; }

  /// What the stages will need: by the log once it is ingested, before that by the input files.
  const Plan& plan();

  std::optional<Recommender> recommender;  ///< fitted on everything that may be learnt from

 private:
  void look_at_inputs();
  LogSize expected_size() const;

  const Job& job_;
  RunOptions options_;
  RunReporter& reporter_;
  Micros started_;
  std::filesystem::path out_dir_;
  FolderLock lock_;
  StageRunner runner_;
  Device device_;
  std::string inputs_hash_;
  std::vector<InputFile> inputs_;
  std::optional<OrderLog> log_;
  std::optional<Plan> plan_;
};

}  // namespace nextbest
