#include "kernels/core/huge_pages.hpp"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace nextbest {
namespace {

constexpr std::size_t kPage = std::size_t{2} << 20;

std::align_val_t alignment(std::size_t bytes) {
  return std::align_val_t{bytes < kPage ? alignof(std::max_align_t) : kPage};
}

}  // namespace

void* allocate_huge(std::size_t bytes) {
  void* memory = ::operator new(bytes, alignment(bytes));
#ifdef __linux__
  if (bytes >= kPage) madvise(memory, bytes, MADV_HUGEPAGE);  // a request; small pages do as well
#endif
  return memory;
}

void free_huge(void* memory, std::size_t bytes) noexcept {
  ::operator delete(memory, alignment(bytes));  // without the size: clang knows that form only by a switch
}

}  // namespace nextbest
