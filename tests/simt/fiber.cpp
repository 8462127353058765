#include "tests/simt/fiber.hpp"

#include <cstdint>
#include <new>

#include <sys/mman.h>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif
#include "tests/simt/sanitizers.hpp"

namespace simt {
namespace {

constexpr std::size_t kPage = 4096;
#if defined(__SANITIZE_ADDRESS__) || defined(NEXTBEST_SIMT_TSAN)
constexpr std::size_t kStack = 256 * 1024;
#else
constexpr std::size_t kStack = 64 * 1024;
#endif

}  // namespace

extern "C" void simt_run_fiber(Fiber* fiber);

// simt_switch saves what a call must preserve, leaves the stack pointer in *from, and goes on from `to`. A fresh fiber
// goes on in simt_enter, with itself in %rbx.
#if defined(__x86_64__)
extern "C" void simt_switch(void** from, void* to);
extern "C" void simt_enter();
asm(R"(
.text
.globl simt_switch
.type simt_switch, @function
simt_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size simt_switch, .-simt_switch
.globl simt_enter
.type simt_enter, @function
simt_enter:
  movq %rbx, %rdi
  call simt_run_fiber@PLT
  ud2
.size simt_enter, .-simt_enter
)");

namespace {

void* fresh_context(std::byte* stack, Fiber* fiber) {
  auto* top = reinterpret_cast<void**>(stack + kPage + kStack);
  top -= 2;  // nobody's caller; simt_enter calls with an aligned stack
  top[0] = top[1] = nullptr;
  *--top = reinterpret_cast<void*>(&simt_enter);
  *--top = nullptr;  // rbp
  *--top = fiber;    // rbx
  for (int i = 0; i < 4; ++i) *--top = nullptr;
  return top;
}

}  // namespace
#else
namespace {

void simt_switch(void** from, void* to) {
  ucontext_t here;
  *from = &here;
  ::swapcontext(&here, static_cast<ucontext_t*>(to));
}

void first_function(unsigned high, unsigned low) {
  simt_run_fiber(reinterpret_cast<Fiber*>(std::uintptr_t{high} << 32 | low));
}

void* fresh_context(std::byte* stack, Fiber* fiber) {
  auto* context = new (stack + kPage) ucontext_t;  // at the far end of the stack it describes
  ::getcontext(context);
  context->uc_stack.ss_sp = stack + 2 * kPage;
  context->uc_stack.ss_size = kStack - kPage;
  context->uc_link = nullptr;
  const auto address = reinterpret_cast<std::uintptr_t>(fiber);
  ::makecontext(context, reinterpret_cast<void (*)()>(&first_function), 2, static_cast<unsigned>(address >> 32),
                static_cast<unsigned>(address));
  return context;
}

}  // namespace
#endif

extern "C" void simt_run_fiber(Fiber* fiber) {
  finish_switch(nullptr, &fiber->owner_stack_, &fiber->owner_stack_size_);
  fiber->body_(fiber->argument_);
  fiber->ended_ = true;
  fiber->suspend();  // for good
}

// One page below the stack stays closed, so that a stack that grows too far does not write into its neighbour.
Fiber::Fiber() {
  void* memory =
      ::mmap(nullptr, kPage + kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  ::mprotect(memory, kPage, PROT_NONE);
  stack_ = static_cast<std::byte*>(memory);
  tsan_ = create_tsan_fiber();
}

Fiber::~Fiber() {
  destroy_tsan_fiber(tsan_);
  allow(stack_ + kPage, kStack);
  ::munmap(stack_, kPage + kStack);
}

void Fiber::start(Body body, void* argument) {
  allow(stack_ + kPage, kStack);  // what an abandoned body left marked
  body_ = body;
  argument_ = argument;
  ended_ = false;
  here_ = fresh_context(stack_, this);
}

void Fiber::resume() {
  void* fake_stack = nullptr;
  owner_tsan_ = current_tsan_fiber();
  start_switch(&fake_stack, stack_ + kPage, kStack);
  switch_tsan_fiber(tsan_);
  simt_switch(&owner_, here_);
  finish_switch(fake_stack, nullptr, nullptr);
}

void Fiber::suspend() {
  start_switch(ended_ ? nullptr : &fake_stack_, owner_stack_, owner_stack_size_);
  switch_tsan_fiber(owner_tsan_);
  simt_switch(&here_, owner_);
  finish_switch(fake_stack_, &owner_stack_, &owner_stack_size_);
}

}  // namespace simt
