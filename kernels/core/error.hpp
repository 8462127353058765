#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace nextbest {

/// What the program returns to its caller; see the operations section of the README.
enum class ExitCode : int {
  kPublished = 0,
  kInternal = 1,  ///< a defect of the program itself
  kUsage = 2,
  kData = 3,
  kDataGate = 4,
  kEvaluationGate = 5,
  kDoesNotFit = 6,
  kDevice = 7,
  kOutput = 8,
  kGuardrail = 9,
  kTryAgain = 75,
  kNothingNew = 99,
  kInterrupted = 130,
  kTerminated = 143,
};

/// Base of every error that the program raises on purpose. One class per cause; each carries its exit code.
/// A message says what is wrong, where, and what to do.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode exit_code() const { return code_; }

 private:
  ExitCode code_;
};

/// The command line or the job file is wrong.
struct UsageError : Error {
  explicit UsageError(const std::string& message) : Error(ExitCode::kUsage, message) {}
};
/// The input files lack something or hold something wrong. The message names file, row, column and value.
struct DataError : Error {
  explicit DataError(const std::string& message) : Error(ExitCode::kData, message) {}
};
/// A `fail_on` rule of the data check, or the evaluation gate, said no.
struct GateFailed : Error {
  GateFailed(ExitCode code, const std::string& message) : Error(code, message) {}
};
/// The budget does not allow the work; says both numbers.
struct DoesNotFit : Error {
  DoesNotFit(const std::string& what, std::int64_t needed_bytes, std::int64_t available_bytes)
      : Error(ExitCode::kDoesNotFit, what + " needs " + std::to_string(needed_bytes) + " bytes, " +
                                         std::to_string(available_bytes) + " are available"),
        needed(needed_bytes),
        available(available_bytes) {}
  std::int64_t needed;
  std::int64_t available;
};
/// The backend was not compiled into this program.
struct BackendNotBuilt : Error {
  explicit BackendNotBuilt(const std::string& message) : Error(ExitCode::kDevice, message) {}
};
/// The backend was compiled in, but this machine has no usable device.
struct DeviceUnavailable : Error {
  explicit DeviceUnavailable(const std::string& message) : Error(ExitCode::kDevice, message) {}
};
/// A call of the CUDA runtime failed; names operation, launch and cause.
struct CudaError : Error {
  explicit CudaError(const std::string& message) : Error(ExitCode::kDevice, message) {}
};
/// Writing the results failed (disk full, no permission).
struct OutputError : Error {
  explicit OutputError(const std::string& message) : Error(ExitCode::kOutput, message) {}
};
/// SIGINT or SIGTERM arrived; finished stages are kept.
struct Interrupted : Error {
  explicit Interrupted(ExitCode code) : Error(code, "interrupted; finished stages are kept") {}
};
/// Another process holds what this one needs; trying again later may work.
struct TryAgain : Error {
  explicit TryAgain(const std::string& message) : Error(ExitCode::kTryAgain, message) {}
};
/// A stored file is damaged, truncated or not ours. The stage that wrote it can be run again.
struct DamagedFile : Error {
  explicit DamagedFile(const std::string& message) : Error(ExitCode::kData, message) {}
};

/// A computation left the finite numbers.
struct NumericalError : Error {
  explicit NumericalError(const std::string& message) : Error(ExitCode::kInternal, message) {}
};
/// Our own mistake: an operation was called with arguments that break its contract.
struct InvalidArgument : Error {
  explicit InvalidArgument(const std::string& message) : Error(ExitCode::kInternal, message) {}
};
/// Our own mistake: shapes that do not belong together; names the operation and both shapes.
struct ShapeMismatch : Error {
  explicit ShapeMismatch(const std::string& message) : Error(ExitCode::kInternal, message) {}
};

}  // namespace nextbest
