// Any bytes as a stored order log: they are read, or refused with one of our errors. An input that starts with 'P' is
// taken as patches (4 bytes of place, 1 of value) of a good file, so that the search does not stop at the signature.
#include <cstdint>
#include <fstream>
#include <iterator>
#include <vector>

#include "host/store/order_log_file.hpp"
#include "kernels/core/error.hpp"
#include "tests/fuzz/scratch_file.hpp"

namespace {

nextbest::OrderLog two_baskets() {
  nextbest::OrderLog log;
  log.items = nextbest::Dictionary::of_strings({"apple", "bread", "milk"});
  log.customers = nextbest::Dictionary::of_int64({7});
  log.orders = nextbest::Dictionary::of_int64({1, 2});
  log.customer_offset = {0, 2};
  log.basket_offset = {0, 2, 4};
  log.basket_time = {1'000'000, 2'000'000};
  log.line_item = {0, 1, 1, 2};
  return log;
}

std::vector<std::uint8_t> good_file(const nextbest::fuzz::ScratchFile& file) {
  nextbest::write_order_log(file.path(), two_baskets(), {"run", "inputs", "settings"});
  std::ifstream in(file.path(), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const nextbest::fuzz::ScratchFile file("orders.h5");
  static const std::vector<std::uint8_t> good = good_file(file);
  if (size > 0 && data[0] == 'P') {
    std::vector<std::uint8_t> patched = good;
    for (std::size_t i = 1; i + 5 <= size; i += 5) {
      const std::size_t place = data[i] | data[i + 1] << 8 | data[i + 2] << 16;
      patched[place % patched.size()] = data[i + 4];
    }
    file.write(patched.data(), patched.size());
  } else {
    file.write(data, size);
  }
  try {
    (void)nextbest::read_order_log(file.path());
  } catch (const nextbest::Error&) {
  }
  return 0;
}
