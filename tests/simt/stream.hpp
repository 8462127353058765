#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "tests/simt/types.hpp"

namespace simt {

/// Work in order, done when somebody waits for it. A piece of work returns what went wrong, or nothing.
class Stream {
 public:
  using Work = std::function<std::string()>;

  void enqueue(Work work) { waiting_.push_back({std::move(work), false}); }
  /// Of what is done even after a failure: giving memory back.
  void enqueue_always(Work work) { waiting_.push_back({std::move(work), true}); }
  bool idle() const { return waiting_.empty(); }
  std::uint64_t enqueued() const { return done_ + waiting_.size(); }
  /// Does the first `count` pieces ever enqueued, as far as they are not done. After a failure the others are skipped,
  /// and the failure is returned once.
  std::string run_until(std::uint64_t count);
  std::string run() { return run_until(enqueued()); }

 private:
  struct Waiting {
    Work work;
    bool always;
  };
  std::deque<Waiting> waiting_;
  std::uint64_t done_ = 0;
};

/// A place in a stream.
struct Event {
  Stream* stream = nullptr;
  std::uint64_t place = 0;
};

/// What was done to the bytes between the buffers of device memory, in words, or nothing.
std::string overrun();

}  // namespace simt
