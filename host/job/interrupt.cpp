#include <atomic>

#include "host/job/reporter.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {

std::atomic<int> interrupt_signal{0};

void throw_if_interrupted() {
  const int signal = interrupt_signal.load(std::memory_order_relaxed);
  if (signal != 0) throw Interrupted(static_cast<ExitCode>(128 + signal));
}

}  // namespace nextbest
