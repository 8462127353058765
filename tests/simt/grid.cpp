#include "tests/simt/grid.hpp"

#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace simt {
namespace {

#if defined(NEXTBEST_SIMT_TSAN)
constexpr std::size_t kBlocksInFlight = 2;  // every fiber counts as a thread, and the clocks of all grow with them
#else
constexpr std::size_t kBlocksInFlight = 3;
#endif

std::optional<Order> fixed_order;
std::uint64_t launches = 0;

Order next_order() {
  if (fixed_order) return *fixed_order;
  const char* name = std::getenv("NEXTBEST_SIMT_ORDER");
  const std::string_view wanted = name ? name : "";
  if (wanted == "forward") return Order::kForward;
  if (wanted == "reverse") return Order::kReverse;
  if (wanted == "random") return Order::kRandom;
  return static_cast<Order>(launches % 3);
}

/// One launch.
class Grid {
 public:
  Grid(const cudaLaunchConfig_t& config, std::size_t most_shared, const std::function<void()>& kernel, Order order)
      : config_(config),
        most_shared_(most_shared),
        kernel_(kernel),
        order_(order),
        random_(launches * 0x9E3779B97F4A7C15u + 1) {}

  std::string run();

  // What the running thread asks for.
  const cudaLaunchConfig_t& config() const { return config_; }
  Thread& thread() const { return *thread_; }
  bool pauses() { return order_ == Order::kRandom && below(8) == 0; }
  void fail(const char* what) { complaint_ = what; }

 private:
  struct Choice {
    Block* block = nullptr;
    unsigned warp = 0;
  };
  std::uint64_t blocks() const { return std::uint64_t{config_.gridDim.x} * config_.gridDim.y * config_.gridDim.z; }
  std::uint64_t below(std::uint64_t bound) {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    return random_ % bound;
  }
  void fill();
  void start_block(Block& block);
  Choice choose();
  Thread* choose_lane(Block& block, unsigned warp);
  void run_warp(Block& block, unsigned warp);
  void after(Block& block, Thread& thread);

  const cudaLaunchConfig_t& config_;
  std::size_t most_shared_;
  const std::function<void()>& kernel_;
  Order order_;
  std::uint64_t random_;
  std::uint64_t started_ = 0;
  std::vector<Block*> in_flight_;
  Thread* thread_ = nullptr;
  const char* complaint_ = nullptr;  // of the running thread
  std::string failure_;
};

Grid* grid = nullptr;
std::vector<std::unique_ptr<Block>> block_pool;  // idle ones

void call_kernel(void* kernel) {
  (*static_cast<const std::function<void()>*>(kernel))();
}

std::string Grid::run() {
  grid = this;
  while (failure_.empty() && (started_ < blocks() || !in_flight_.empty())) {
    fill();
    const Choice choice = choose();
    if (choice.block == nullptr) {
      failure_ = "threads wait for ever (a divergent barrier, or a wrong mask, which names who does not come): " +
                 in_flight_.front()->describe();
      break;
    }
    run_warp(*choice.block, choice.warp);
    if (!failure_.empty() || !choice.block->done()) continue;
    end_before_scheduler(*choice.block);
    std::erase(in_flight_, choice.block);
    block_pool.emplace_back(choice.block);
  }
  for (Block* block : in_flight_) {  // fibers that stopped half-way are of no further use
    end_before_scheduler(*block);
    delete block;
  }
  grid = nullptr;
  return failure_;
}

void Grid::fill() {
  while (in_flight_.size() < kBlocksInFlight && started_ < blocks()) {
    if (block_pool.empty()) block_pool.push_back(std::make_unique<Block>());
    in_flight_.push_back(block_pool.back().release());
    block_pool.pop_back();
    start_block(*in_flight_.back());
  }
}

void Grid::start_block(Block& block) {
  const std::uint64_t n = order_ == Order::kReverse ? blocks() - 1 - started_ : started_;
  ++started_;
  const dim3 extent = config_.gridDim;
  const uint3 at{static_cast<unsigned>(n % extent.x), static_cast<unsigned>(n / extent.x % extent.y),
                 static_cast<unsigned>(n / extent.x / extent.y)};
  block.start(at, config_.blockDim, {config_.dynamicSmemBytes, most_shared_}, call_kernel,
              const_cast<std::function<void()>*>(&kernel_));
}

Grid::Choice Grid::choose() {
  std::vector<Choice> all;
  for (Block* block : in_flight_)
    for (unsigned w = 0; w < block->warps(); ++w)
      if (choose_lane(*block, w) != nullptr) {
        all.push_back({block, w});
        if (order_ == Order::kForward) return all.back();
      }
  if (all.empty()) return {};
  return order_ == Order::kReverse ? all.back() : all[below(all.size())];
}

Thread* Grid::choose_lane(Block& block, unsigned warp) {
  Thread* lanes[kWarpSize];
  unsigned n = 0;
  for (unsigned t = warp * kWarpSize; t < block.warp_end(warp); ++t)
    if (block.threads[t].runnable()) {
      lanes[n++] = &block.threads[t];
      if (order_ == Order::kForward) return lanes[0];
    }
  if (n == 0) return nullptr;
  return order_ == Order::kReverse ? lanes[n - 1] : lanes[below(n)];
}

void Grid::run_warp(Block& block, unsigned warp) {
  while (failure_.empty()) {
    thread_ = choose_lane(block, warp);
    if (thread_ == nullptr) return;
    thread_->fiber.resume();
    if (failure_.empty()) after(block, *thread_);
  }
}

void Grid::after(Block& block, Thread& thread) {
  if (complaint_ != nullptr)
    failure_ = std::string(complaint_) + ": " + block.describe();
  else if (thread.fiber.ended())
    ++block.ended;
  else if (thread.waits == Waits::kBlock)
    failure_ = arrive_at_block(block);
  else if (thread.waits == Waits::kWarp)
    failure_ = arrive_at_warp(block, thread);
}

}  // namespace

void set_order(Order order) {
  fixed_order = order;
}
void set_order_by_turns() {
  fixed_order.reset();
}

std::string run_grid(const cudaLaunchConfig_t& config, std::size_t most_shared, const std::function<void()>& kernel) {
  const Order order = next_order();
  ++launches;
  return Grid(config, most_shared, kernel, order).run();
}

Thread& this_thread() {
  return grid->thread();
}
uint3 thread_index() {
  return this_thread().index;
}
uint3 block_index() {
  return this_thread().block->index;
}
uint3 grid_extent() {
  const dim3 extent = grid->config().gridDim;
  return {extent.x, extent.y, extent.z};
}
uint3 block_extent() {
  const dim3 extent = grid->config().blockDim;
  return {extent.x, extent.y, extent.z};
}

void wait_for_block(const std::source_location& where) {
  Thread& thread = this_thread();
  thread.waits = Waits::kBlock;
  thread.where = where;
  thread.fiber.suspend();
}

void wait_for_warp(const char* operation, unsigned mask, std::uint64_t value, const std::source_location& where) {
  Thread& thread = this_thread();
  thread.waits = Waits::kWarp;
  thread.where = where;
  thread.operation = operation;
  thread.mask = mask;
  thread.handed_in = value;
  thread.fiber.suspend();
}

std::uint64_t exchanged(unsigned lane) {
  return this_thread().exchanged[lane];
}

void perhaps_pause() {
  if (grid->pauses()) this_thread().fiber.suspend();
}

void fail(const char* what) {
  grid->fail(what);
  for (;;) this_thread().fiber.suspend();
}

void* shared_variable(const std::source_location& where, std::size_t size) {
  void* memory = this_thread().block->shared.variable(where, size);
  if (memory == nullptr) fail("more shared memory than a block has");
  return memory;
}
void* dynamic_shared_memory() {
  return this_thread().block->shared.dynamic();
}

}  // namespace simt
