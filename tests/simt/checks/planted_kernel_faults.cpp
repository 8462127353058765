// Faults in kernels that the sanitizer of this build must catch; their sound twins are in test_emulator.cpp.
#include <cstdio>
#include <map>
#include <string>

#include "tests/simt/checks/broken_kernels.cuh"

int main(int argc, char** argv) {
  using namespace nextbest::test;
  const std::map<std::string, void (*)(int*)> kernels{{"missing_barrier", missing_barrier_kernel<true>},
                                                      {"missing_warp_barrier", missing_warp_barrier_kernel<true>},
                                                      {"second_reduction", second_reduction_kernel<true>},
                                                      {"plain_add", plain_add_kernel<true>},
                                                      {"blocks", blocks_kernel<true>},
                                                      {"shared_bounds", shared_bounds_kernel<true>},
                                                      {"dynamic_bounds", dynamic_bounds_kernel<true>},
                                                      {"global_bounds", global_bounds_kernel<true>}};
  const auto found = kernels.find(argc > 1 ? argv[1] : "");
  if (found == kernels.end()) {
    std::fputs("usage: planted_kernel_faults FAULT\n", stderr);
    return 2;
  }
  std::printf("%d\n", run_kernel(found->second, 4)[0]);
}
