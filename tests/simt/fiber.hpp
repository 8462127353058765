#pragma once

#include <cstddef>

namespace simt {

class Fiber;
extern "C" void simt_run_fiber(Fiber* fiber);

/// A stack of its own, and the point at which its code waits. Made, resumed and destroyed by the code that owns it; the
/// sanitizers are told of every switch. ThreadSanitizer sees fibers as threads that no switch orders.
class Fiber {
 public:
  using Body = void (*)(void* argument);

  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// The next resume() calls body(argument) from a fresh stack. What ran here before must have ended.
  void start(Body body, void* argument);
  /// Runs the fiber until it suspends or its body returns. To be called from the owner, not from a fiber.
  void resume();
  /// Back to the owner; returns with the next resume(). To be called from the fiber itself.
  void suspend();
  bool ended() const { return ended_; }
  /// What ThreadSanitizer knows the fiber by.
  void* tsan() const { return tsan_; }

 private:
  friend void simt_run_fiber(Fiber* fiber);

  std::byte* stack_;
  Body body_ = nullptr;
  void* argument_ = nullptr;
  bool ended_ = true;
  void* here_ = nullptr;   // where the fiber waits
  void* owner_ = nullptr;  // where its owner waits
  // What the sanitizers keep of either side.
  void* fake_stack_ = nullptr;
  const void* owner_stack_ = nullptr;
  std::size_t owner_stack_size_ = 0;
  void* tsan_ = nullptr;
  void* owner_tsan_ = nullptr;
};

}  // namespace simt
