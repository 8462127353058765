#pragma once

#include <cstddef>

// What the emulator tells the sanitizers, in one place. The emulator itself is compiled without ThreadSanitizer (its
// own bookkeeping is no race), so NEXTBEST_SIMT_TSAN says that the kernels are compiled with it.
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(NEXTBEST_SIMT_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace simt {

#if defined(__SANITIZE_ADDRESS__)
/// Whether AddressSanitizer finds who touches what is forbidden; elsewhere writes there are found afterwards.
inline constexpr bool kForbids = true;
inline void start_switch(void** fake_stack, const void* bottom, std::size_t size) {
  __sanitizer_start_switch_fiber(fake_stack, bottom, size);
}
inline void finish_switch(void* fake_stack, const void** old_bottom, std::size_t* old_size) {
  __sanitizer_finish_switch_fiber(fake_stack, old_bottom, old_size);
}
/// Reading or writing there is a fault from now on, or is none any more.
inline void forbid(const void* memory, std::size_t size) {
  __asan_poison_memory_region(memory, size);
}
inline void allow(const void* memory, std::size_t size) {
  __asan_unpoison_memory_region(memory, size);
}
#else
inline constexpr bool kForbids = false;
inline void start_switch(void**, const void*, std::size_t) {}
inline void finish_switch(void*, const void**, std::size_t*) {}
inline void forbid(const void*, std::size_t) {}
inline void allow(const void*, std::size_t) {}
#endif

#if defined(NEXTBEST_SIMT_TSAN)
inline void* create_tsan_fiber() {
  return __tsan_create_fiber(0);
}
inline void destroy_tsan_fiber(void* fiber) {
  __tsan_destroy_fiber(fiber);
}
inline void* current_tsan_fiber() {
  return __tsan_get_current_fiber();
}
inline void switch_tsan_fiber(void* fiber) {
  __tsan_switch_to_fiber(fiber, __tsan_switch_to_fiber_no_sync);
}
/// Everything before comes_before(x) in one fiber happened before what follows comes_after(x) in another.
inline void comes_before(void* address) {
  __tsan_release(address);
}
inline void comes_after(void* address) {
  __tsan_acquire(address);
}
#else
inline void* create_tsan_fiber() {
  return nullptr;
}
inline void destroy_tsan_fiber(void*) {}
inline void* current_tsan_fiber() {
  return nullptr;
}
inline void switch_tsan_fiber(void*) {}
inline void comes_before(void*) {}
inline void comes_after(void*) {}
#endif

}  // namespace simt
