#pragma once

#include <cstddef>
#include <source_location>

namespace simt {

/// A block may use this much when a kernel was allowed to (cudaFuncSetAttribute), and this much without.
inline constexpr std::size_t kMostShared = 227 * 1024;
inline constexpr std::size_t kUsualShared = 48 * 1024;

/// The shared memory of a block in flight. Every variable lies between stretches that nobody may touch (found by
/// AddressSanitizer), and holds rubbish until it is written: NaN as float or double, large as a number.
class SharedMemory {
 public:
  struct Sizes {
    std::size_t dynamic;
    std::size_t most;  ///< with the variables
  };
  /// For the next block: forgets the variables, fills everything with rubbish.
  void start(Sizes sizes);
  /// The variable declared at `where`; nullptr when it does not fit any more.
  void* variable(const std::source_location& where, std::size_t size);
  void* dynamic() const { return dynamic_; }

 private:
  static constexpr std::size_t kMostVariables = 64, kGap = 64;
  static constexpr std::size_t kAll = kMostShared + (kMostVariables + 2) * (kGap + 16);
  struct Variable {
    std::source_location where;
    void* memory;
  };
  void* take(std::size_t size);

  alignas(128) std::byte memory_[kAll];
  std::size_t most_ = 0;
  std::size_t end_ = kAll;  // of what is taken, gaps included
  std::size_t used_ = 0;    // without gaps
  void* dynamic_ = nullptr;
  Variable variables_[kMostVariables];
  std::size_t count_ = 0;
};

/// Rubbish for memory that nobody has written yet.
void spoil(void* memory, std::size_t size);

}  // namespace simt
