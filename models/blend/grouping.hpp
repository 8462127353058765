#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/blend/own_history.hpp"
#include "models/history.hpp"

namespace nextbest {

/// A way in which a catalogue divides its items (categories, departments, brands), and what a customer's purchases in
/// the group of a candidate say of it.
class Grouping {
 public:
  static constexpr std::array kFeatures = {"share", "lift", "idle", "items", "usual", "lead"};

  /// group   [items] kNoCode: none
  /// orders  [items] with the item: the groups' and items' own numbers are taken from here
  Grouping(std::string name, std::span<const Code> group, std::span<const std::int64_t> orders);

  const std::string& name() const { return name_; }

  /// A customer's purchases in one group.
  struct OwnGroup {
    Code group = kNoCode;
    int lines = 0, items = 0;
    Micros last = kNoTime;
  };
  /// Of each group that the customer has bought from, ascending.
  std::vector<OwnGroup> groups_of(const OwnHistory& own) const;

  /// share  of the customer's lines that lie in the group
  /// lift   log of that share, drawn towards the share of everybody's lines with a weight of five lines, over it
  /// idle   log of the days since he bought from it
  /// items  log of how many different ones he has bought from it
  /// usual  share of the candidate in what he has bought from it
  /// lead   share of the candidate in what everybody has bought from it, coarsely
  /// out    [kFeatures.size()]; all 0, but idle, for what has no group
  void fill(const OwnHistory& own, std::span<const OwnGroup> groups, Code item, float* out) const;

 private:
  std::string name_;
  std::vector<Code> group_;
  std::vector<double> share_;  // [groups] of all lines
  std::vector<float> lead_;    // [items]
};

}  // namespace nextbest
