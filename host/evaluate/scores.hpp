#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/evaluate/lists.hpp"
#include "host/job/job.hpp"
#include "kernels/core/context.hpp"

namespace nextbest {

/// Which targets are asked for: all of them, those that the customer does not have in the history, those that he has.
enum class TargetClass { kAll = 0, kNew = 1, kRepeat = 2 };
std::string_view target_class_name(TargetClass wanted);
/// The classes that a job with these targets measures.
std::vector<TargetClass> measured_classes(Targets targets);

/// Every list metric of every evaluated customer, for one source. Columns are (class, cutoff, metric), metric fastest.
struct CustomerScores {
  std::vector<TargetClass> classes;
  std::vector<int> cutoffs;
  Offset customers = 0;
  std::vector<float> value;          ///< [customers, columns]; 0 outside the class
  std::vector<std::uint8_t> member;  ///< [customers, classes]: has at least one target of the class
  std::vector<double> mean;          ///< [columns] over the members of the class
  std::vector<double> coverage;      ///< [classes, cutoffs] distinct items listed to members, over the known items

  Offset columns() const;
  Offset column(std::size_t of_class, std::size_t cutoff, std::size_t metric) const;
};

/// Measures one source's lists against the targets. Memory: 4 bytes x columns per customer.
CustomerScores score_lists(Context& ctx, const EvaluationSet& set, const RankedLists& lists,
                           const std::vector<TargetClass>& classes, const std::vector<int>& cutoffs);

}  // namespace nextbest
