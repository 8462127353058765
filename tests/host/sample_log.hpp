#pragma once

#include <filesystem>
#include <string>

#include "host/store/order_log.hpp"

namespace nextbest::testing_support {

/// A small log in which every field is used: 3 customers (one without baskets), 4 baskets (one of nobody), 5 items.
OrderLog sample_log();

/// A folder of its own for one test, removed at its end.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& content);

}  // namespace nextbest::testing_support
