#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/params/source_params.hpp"

namespace nextbest {

enum class Owned { kAuto, kExclude, kAllow };

/// The sources of the job file's contract; all are on unless the job names some.
inline constexpr std::array<std::string_view, 10> kSourceNames = {
    "habit", "voting", "together", "after", "ials", "item_item", "popularity", "ease", "replenish", "ridge"};

/// `[recommend]` of the job file.
struct RecommendParams {
  std::vector<std::string> sources{kSourceNames.begin(), kSourceNames.end()};
  int list_size = 20;
  Owned owned = Owned::kAuto;
  SourceParams params;

  /// @throws UsageError naming the job key and its range
  void validate() const;
};

}  // namespace nextbest
