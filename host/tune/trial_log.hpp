#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/tune/search.hpp"

namespace nextbest {

/// The measurements of a search, one JSON line each under a line with the key of data and settings. A search that was
/// interrupted finds here what it had measured; a log with another key, or the rest behind a damaged line, is dropped.
class TrialLog {
 public:
  /// @throws OutputError
  TrialLog(std::filesystem::path path, const std::string& key);

  const TrialRecord* recall(std::size_t index) const { return index < known_.size() ? &known_[index] : nullptr; }
  /// Adds measurement `index`; whatever was known from there on is forgotten. @throws OutputError
  void record(std::size_t index, const TrialRecord& record);
  std::size_t size() const { return known_.size(); }

 private:
  void rewrite() const;

  std::filesystem::path path_;
  std::string key_;
  std::vector<TrialRecord> known_;
};

}  // namespace nextbest
