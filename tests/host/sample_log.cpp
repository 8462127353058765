#include "tests/host/sample_log.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <gtest/gtest.h>

namespace nextbest::testing_support {

OrderLog sample_log() {
  OrderLog log;
  log.items = Dictionary::of_strings({"007", "7", "b", "c", "\xc3\xa9"});
  log.customers = Dictionary::of_uint64({1, 2, std::uint64_t{1} << 63});
  log.orders = Dictionary::of_int64({-5, 0, 1, 2});
  log.customer_offset = {0, 2, 2, 3};
  log.basket_offset = {0, 2, 3, 6, 7};
  log.basket_order = {1, 0, 3, 2};
  log.basket_time = {kMicrosPerDay, 2 * kMicrosPerDay, -kMicrosPerDay, 0};
  log.basket_split = {Split::kTrain, Split::kTest, Split::kValidation, Split::kTrain};
  log.line_item = {0, 3, 0, 0, 1, 4, 2};
  log.line_quantity = {10'000, 20'000, 5'000, 1, 30'000, 10'000, 10'000};
  log.line_price = {9'900, kNoValue, 0, 12'345, 1, 2, 3};
  log.line_time = {kMicrosPerDay, kMicrosPerDay + 1, 2 * kMicrosPerDay, 0, 1, 2, 0};
  log.catalogue.category_columns = {"department", "sub/type"};
  log.catalogue.category = {{{"FOOD", "TOYS"}, {0, 0, 1, kNoCode, 1}}, {{"x"}, {0, 0, 0, 0, kNoCode}}};
  log.catalogue.brand = {{"Acme"}, {0, kNoCode, kNoCode, 0, 0}};
  log.catalogue.name = {"Beans", "", "Machine", "M\xc3\xbchle", "T"};
  log.catalogue.price = {10'000, kNoValue, 5, 6, 7};
  log.catalogue.launched_at = {kNoValue, 0, 1, 2, 3};
  log.first_time = -kMicrosPerDay;
  log.as_of = 3 * kMicrosPerDay;
  log.time_zone = "Europe/Berlin";
  return log;
}

TempFolder::TempFolder() {
  std::string name = (std::filesystem::path(testing::TempDir()) / "nextbest-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder in " + testing::TempDir());
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_text(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace nextbest::testing_support
