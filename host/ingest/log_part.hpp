#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "host/ingest/part_lines.hpp"
#include "host/ingest/returns.hpp"
#include "host/job/job.hpp"

namespace nextbest {

/// A customer with so many lines that `bulk_customers` may mean him.
struct LargeCustomer {
  Code customer;
  Tally lines;
};

/// The lines of one partition as a piece of the order log, and what the rules found in them. Items, customers and
/// orders are places in the ascending order of all ids. A column that the log does not have is empty.
struct LogPart {
  std::vector<std::pair<Code, Offset>> customers;  ///< ascending, with their numbers of baskets
  std::vector<Offset> basket_lines;
  std::vector<Offset> basket_order;
  std::vector<Micros> basket_time;
  std::vector<Split> basket_split;
  std::vector<Code> line_item;
  std::vector<std::int64_t> line_quantity, line_price;
  std::vector<Micros> line_time;
  bool times_differ = false;         ///< those of a line and its basket, somewhere
  std::vector<Micros> merged_times;  ///< of lines that became part of another, but for those of the test split

  NettingTally netting;
  Tally unjoined, anonymous, zero_quantity;
  Tally duplicates;  ///< in the order of customer, order, split, item
  std::vector<LargeCustomer> large_customers;
  std::int64_t customer_days = 0;                               ///< orders of the files, where they have no ids
  std::optional<std::pair<Example, Example>> forbidden_repeat;  ///< under duplicates = "error": the first one
};

/// What making a log depends on.
struct LogRules {
  const RawLines* raw = nullptr;
  Returns returns = Returns::kNet;
  Duplicates duplicates = Duplicates::kMerge;
  const std::vector<std::uint8_t>* joined = nullptr;  ///< [items] the catalogue has them; nullptr without catalogue
  const std::vector<std::uint8_t>* bulk = nullptr;    ///< [customers] to be dropped; nullptr: nobody
};

/// Makes pieces of the log, one after another; has memory of its own, so one for each thread.
class PartBuilder {
 public:
  explicit PartBuilder(const LogRules& rules);
  /// lines_of_customer  [customers] receives the numbers of lines that are left, bulk customers included
  LogPart build(std::span<Line> lines, bool anonymous, std::vector<std::int64_t>& lines_of_customer);

 private:
  /// A line under its sorting key within a customer.
  struct Key {
    Offset order_and_split;
    std::uint32_t item, line;
    bool operator<(const Key& other) const { return rank() < other.rank(); }
    Wide rank() const { return static_cast<Wide>(order_and_split) << 32 | item; }
  };
  struct Basket {
    Micros time;
    Offset order_and_split;
    std::uint32_t begin, end;  ///< into merged_
  };
  struct MergedLine {
    Code item;
    Micros time;
    std::int64_t quantity, price;
  };

  void add_group(std::span<Line> lines, bool anonymous, std::vector<std::int64_t>& lines_of_customer);
  void count_days(std::span<const Line> lines);
  bool find_left(std::span<const Line> lines, bool anonymous, std::vector<std::int64_t>& lines_of_customer);
  void form_baskets(std::span<const Line> lines);
  void make_one(std::span<const Line> lines, std::span<Key> same, MergedLine& line);
  MergedLine merge(std::span<const Line> lines, std::span<const Key> same) const;
  void note_repeats(std::span<const Line> lines, std::span<const Key> same);
  std::int64_t piece_price(std::int64_t money, std::int64_t quantity) const;
  void emit_baskets();
  Example example_of(const Line& line) const;

  LogRules rules_;
  LineColumns has_;
  LogPart part_;
  std::vector<Key> left_;  ///< lines of one group that no rule dropped
  std::vector<Basket> baskets_;
  std::vector<MergedLine> merged_;
};

}  // namespace nextbest
