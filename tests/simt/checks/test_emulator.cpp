// An emulator that finds nothing would let every kernel pass: it has to catch these faults, and no others.
#include <string>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "tests/simt/checks/broken_kernels.cuh"
#include "tests/simt/runtime.hpp"

namespace nextbest::test {
namespace {

using simt::Order;

class Emulator : public testing::Test {
 protected:
  void TearDown() override {
    simt::set_order_by_turns();
    EXPECT_EQ(simt::allocated_bytes(), 0u);
  }
};

#ifdef __SANITIZE_THREAD__
constexpr bool kRacesEndTheProgram = true;  // planted_kernel_faults runs them
#else
constexpr bool kRacesEndTheProgram = false;
#endif
const Order kOrders[] = {Order::kForward, Order::kReverse, Order::kRandom};

/// Runs both twins in every order: the sound one gives the same each time; returns in how many orders the broken one
/// gives something else.
int orders_that_differ(void (*sound)(int*), void (*broken)(int*)) {
  int differ = 0;
  std::vector<int> wanted;
  for (const Order order : kOrders) {
    simt::set_order(order);
    const std::vector<int> result = run_kernel(sound);
    if (wanted.empty()) wanted = result;
    EXPECT_EQ(result, wanted);
    differ += kRacesEndTheProgram || run_kernel(broken) != wanted;
  }
  return differ;
}

/// The message with which a kernel fails in every order.
void expect_failure(void (*sound)(int*), void (*broken)(int*), const std::string& message) {
  for (const Order order : kOrders) {
    simt::set_order(order);
    EXPECT_NO_THROW(run_kernel(sound));
    try {
      run_kernel(broken);
      ADD_FAILURE() << "not noticed: " << message;
    } catch (const CudaError& error) {
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("check: "), std::string::npos) << error.what();
    }
  }
}

TEST_F(Emulator, MissingBarrierShowsInEveryOrder) {
  EXPECT_EQ(orders_that_differ(missing_barrier_kernel<false>, missing_barrier_kernel<true>), 3);
  EXPECT_EQ(orders_that_differ(missing_warp_barrier_kernel<false>, missing_warp_barrier_kernel<true>), 3);
}

TEST_F(Emulator, ASecondReductionWithoutBarrierShows) {
  EXPECT_GE(orders_that_differ(second_reduction_kernel<false>, second_reduction_kernel<true>), 2);
}

TEST_F(Emulator, UninitialisedSharedMemoryShows) {
  EXPECT_EQ(orders_that_differ(uninitialised_shared_kernel<false>, uninitialised_shared_kernel<true>), 3);
}

TEST_F(Emulator, DivergentBarriers) {
  expect_failure(divergent_barrier_kernel<false>, divergent_barrier_kernel<true>, "divergent barrier");
  expect_failure(early_exit_kernel<false>, early_exit_kernel<true>, "1 threads left the kernel");
}

TEST_F(Emulator, WrongMasks) {
  expect_failure(narrow_mask_kernel<false>, narrow_mask_kernel<true>, "wrong mask");
  expect_failure(wide_mask_kernel<false>, wide_mask_kernel<true>, "wrong mask");
  expect_failure(foreign_lane_kernel<false>, foreign_lane_kernel<true>, "a shuffle reads a lane");
  EXPECT_THROW(run_kernel(narrow_mask_kernel<false>, 1, 16), CudaError) << "half a warp";
}

TEST_F(Emulator, IllegalLaunches) {
  const auto message = [](const cuda::LaunchShape& shape) -> std::string {
    try {
      const cuda::Stream stream("check");
      cuda::launch(stream, "some_kernel", shape, blocks_kernel<false>, nullptr);
    } catch (const CudaError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({1, 1056, 0}), "check: some_kernel: invalid configuration argument");
  EXPECT_EQ(message({1, 0, 0}), "check: some_kernel: invalid configuration argument");
  EXPECT_EQ(message({Offset{1} << 31, 32, 0}), "check: some_kernel: invalid configuration argument");
  EXPECT_EQ(message({(Offset{1} << 32) + 1, 32, 0}), "check: some_kernel: invalid configuration argument");
  EXPECT_EQ(message({1, 32, 228 * 1024}), "check: some_kernel: invalid argument");
}

TEST_F(Emulator, NothingHappensBeforeItIsWaitedFor) {
  int value = 1;
  const cuda::Stream stream("check");
  const auto device = cuda::zeros<int>(stream, 1);
  cuda::to_host(stream, device.data(), std::span(&value, 1));
  EXPECT_EQ(value, 1);
  stream.synchronize();
  EXPECT_EQ(value, 0);
}

TEST_F(Emulator, CopiesStayInTheirBuffers) {
  std::vector<int> host(8);
  const cuda::Stream stream("check");
  const cuda::Buffer<int> device(stream, 7);
  cuda::copy_bytes_to_device(stream, device.data(), host.data(), 32);
  EXPECT_THROW(stream.synchronize(), CudaError);
  cuda::copy_bytes_to_host(stream, host.data(), host.data() + 4, 16);  // not from the device
  EXPECT_THROW(stream.synchronize(), CudaError);
  cuda::copy_bytes_to_device(stream, device.data(), host.data(), 28);
  EXPECT_NO_THROW(stream.synchronize());
}

TEST_F(Emulator, MemoryEnds) {
  simt::set_device_memory(1000);
  {
    const cuda::Stream stream("check");
    const cuda::Buffer<int> device(stream, 200);
    EXPECT_THROW(cuda::Buffer<int>(stream, 51), DoesNotFit);
    EXPECT_NO_THROW(cuda::Buffer<int>(stream, 50));
  }
  simt::set_device_memory(std::size_t{2} << 30);
}

TEST_F(Emulator, WhoWritesBeyondABufferIsFound) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer finds it first: planted_kernel_faults";
#endif
  expect_failure(global_write_kernel<false>, global_write_kernel<true>, "behind the end of 256 bytes");
}

// Faults that only a sanitizer sees; tests/CMakeLists.txt runs their broken twins.
TEST_F(Emulator, SoundTwinsOfWhatTheSanitizersCatch) {
  for (const Order order : kOrders) {
    simt::set_order(order);
    EXPECT_EQ(run_kernel(plain_add_kernel<false>)[0], 63 * 64 / 2);
    EXPECT_EQ(run_kernel(blocks_kernel<false>, 40)[39], 39);
    EXPECT_EQ(run_kernel(shared_bounds_kernel<false>)[1], 62 + 1);
    run_kernel(dynamic_bounds_kernel<false>);
    run_kernel(global_bounds_kernel<false>);
  }
}

}  // namespace
}  // namespace nextbest::test
