#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace nextbest {

/// What one rule found, in lines, with a few of them as the user wrote them.
struct RuleFinding {
  std::string rule;    ///< key of the rule, e.g. "returns", "not_products", "future_timestamps"
  std::string action;  ///< dropped | netted | merged | kept | counted | failed
  std::int64_t lines = 0;
  double share = 0;                   ///< of the lines read
  std::vector<std::string> examples;  ///< at most 5: "file:row column=value ..." without customer ids
};

/// Sizes of the data at one point of the way.
struct DataSize {
  std::int64_t lines = 0, orders = 0, items = 0, customers = 0;
  bool has_value = false;
  std::int64_t value = 0;  ///< sum of quantity times price, 1/10,000
};

/// data_quality.json.
struct QualityReport {
  DataSize read;      ///< every line of every file
  DataSize distinct;  ///< after `repeated_orders`: what the files hold when overlapping extracts are counted once
  DataSize clean;     ///< what entered the order log
  std::vector<RuleFinding> findings;
  nlohmann::json to_json() const;
  /// The reverse of to_json; further keys are left alone. @throws DamagedFile it is no such report
  static QualityReport from_json(const nlohmann::json& json);
};

}  // namespace nextbest
