#include "tests/simt/shared_memory.hpp"

#include <cstdint>
#include <cstring>

#include "tests/simt/sanitizers.hpp"

namespace simt {

void spoil(void* memory, std::size_t size) {
  constexpr std::uint32_t kRubbish = 0x7FFDFFAD;
  auto* bytes = static_cast<std::byte*>(memory);
  for (std::size_t i = 0; i < size; i += sizeof(kRubbish))
    std::memcpy(bytes + i, &kRubbish, size - i < sizeof(kRubbish) ? size - i : sizeof(kRubbish));
}

void SharedMemory::start(Sizes sizes) {
  allow(memory_, kAll);
  spoil(memory_, end_);
  forbid(memory_, kAll);
  end_ = kGap;
  used_ = count_ = 0;
  most_ = sizes.most;
  dynamic_ = take(sizes.dynamic);
}

// Runs in the fibers of a block: plain loops, since ThreadSanitizer would take library calls for accesses of the
// kernel.
void* SharedMemory::variable(const std::source_location& where, std::size_t size) {
  for (std::size_t i = 0; i < count_; ++i) {
    const std::source_location& known = variables_[i].where;
    if (known.line() == where.line() && known.column() == where.column() &&
        known.function_name() == where.function_name() && known.file_name() == where.file_name())
      return variables_[i].memory;
  }
  if (count_ == kMostVariables || used_ + size > most_) return nullptr;
  void* memory = take(size);
  variables_[count_++] = {where, memory};
  return memory;
}

void* SharedMemory::take(std::size_t size) {
  void* memory = memory_ + end_;
  used_ += size;
  end_ += (size + kGap + 15) / 16 * 16;
  allow(memory, size);
  return memory;
}

}  // namespace simt
