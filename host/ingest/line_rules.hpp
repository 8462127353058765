#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/ingest/id_encoder.hpp"
#include "host/ingest/line.hpp"
#include "host/ingest/quality.hpp"
#include "host/job/job.hpp"

namespace nextbest {

/// What the rules that look at one line alone have found.
struct LineTally {
  Tally repeated_orders, homeless, future, after_as_of, not_products, zero_price;
  Tally returns;             ///< `returned_quantity`; where returns are not netted all of them
  Tally returned_purchases;  ///< wholly, by `returned_quantity`
  Wide read_value = 0, distinct_value = 0;
  std::int64_t distinct_lines = 0;
  std::vector<Offset> homeless_days;  ///< distinct: each is counted as an order of the files
  void add(const LineTally& other);
};

/// The ids that lines have, by provisional code: whether any line has them, and whether one that `repeated_orders`
/// left.
class SeenIds {
 public:
  void grow(Offset ids) { bits_.resize(static_cast<std::size_t>(ids)); }
  /// May be called from several threads.
  void mark(Offset code, bool distinct) {
    const std::atomic_ref<std::uint8_t> bits(bits_[code]);
    const std::uint8_t wanted = distinct ? kRead | kDistinct : kRead;
    if ((bits.load(std::memory_order_relaxed) & wanted) != wanted) bits.fetch_or(wanted, std::memory_order_relaxed);
  }
  std::int64_t read() const { return count(kRead); }
  std::int64_t distinct() const { return count(kDistinct); }

 private:
  static constexpr std::uint8_t kRead = 1, kDistinct = 2;
  std::int64_t count(std::uint8_t bit) const;
  std::vector<std::uint8_t> bits_;
};

struct RawLines;

/// The rules of cleaning that need no other line, in the order in which they are applied: repeated_orders,
/// lines_without_customer, future_timestamps, after_as_of, not_products, zero_price, and of the returns those that
/// stand in their own line. Each marks lines as dropped (or changes quantities) and says what it found; a line that an
/// earlier rule dropped is not looked at again. Lines have provisional codes.
class LineRules {
 public:
  /// as_of  kNoTime: the end of the data
  LineRules(const Job& job, Micros now, Micros as_of) : clean_(job.clean), now_(now), as_of_(as_of) {}

  /// Before lines of file number `file` are looked at.
  void start_file(const RawLines& raw, std::size_t file, std::size_t files);
  /// Before lines with ids that are new are looked at: what there is to know of them. Not beside apply().
  void learn_items(const IdEncoder& items);
  void learn_customers(const IdEncoder& customers);
  void learn_orders(const IdEncoder& orders);
  /// Applies the rules to consecutive lines of that file. `returned` has an entry per line, or is empty. May be called
  /// from several threads for different lines; the tallies are to be added in the order of the lines.
  LineTally apply(std::span<Line> lines, std::span<const std::int64_t> returned);
  /// Sizes of what the files hold. Orders are not counted where there are no order ids.
  void finish(RawLines& raw) const;

 private:
  void mark(std::span<const Line> lines);
  void judge(Line& line, std::int64_t returned, LineTally& tally) const;
  void look_at_returns(Line& line, std::int64_t returned, LineTally& tally) const;
  bool is_repeated(const Line& line);

  CleanRules clean_;
  Micros now_, as_of_;
  const RawLines* raw_ = nullptr;
  bool many_files_ = false;
  std::int32_t file_ = 0;
  std::vector<std::int32_t> first_file_;    ///< [orders]; -1: in none yet
  std::vector<std::uint8_t> is_product_;    ///< [items], empty without patterns
  std::vector<std::uint8_t> is_cancelled_;  ///< [orders], empty without a prefix
  SeenIds items_, customers_, orders_;
};

}  // namespace nextbest
