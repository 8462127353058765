#include "host/job/interrupt.hpp"

#include <atomic>

#include <signal.h>
#include <unistd.h>

#include "host/job/reporter.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

constexpr unsigned int kPatienceSeconds = 3;
std::atomic<int> arrived{0};
static_assert(std::atomic<int>::is_always_lock_free, "signal handlers may only touch lock-free atomics");

void on_signal(int signal) {
  if (arrived.exchange(signal) != 0) ::_exit(128 + signal);
  ::alarm(kPatienceSeconds);
}

void on_alarm(int) {
  ::_exit(128 + arrived.load());
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

void listen_for_interrupts() {
  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
  handle(SIGALRM, on_alarm);
  // A reader that goes away (`nextbest run | head`) must not end a run.
  handle(SIGPIPE, SIG_IGN);
  // A limit on the size of files is an error of writing, with its message and exit code.
  handle(SIGXFSZ, SIG_IGN);
}

bool interrupted() {
  return arrived.load(std::memory_order_relaxed) != 0;
}

void throw_if_interrupted() {
  if (interrupted()) throw Interrupted(static_cast<ExitCode>(128 + arrived.load(std::memory_order_relaxed)));
}

}  // namespace nextbest
