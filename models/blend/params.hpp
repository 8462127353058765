#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nextbest {

enum class Owned { kAuto, kExclude, kAllow };

/// `[recommend]` of the job file.
struct RecommendParams {
  std::vector<std::string> sources = {"habit", "together", "after", "ials", "item_item", "popularity"};
  int list_size = 20;
  Owned owned = Owned::kAuto;

  /// @throws UsageError naming the job key and its range
  void validate() const;
};

}  // namespace nextbest
