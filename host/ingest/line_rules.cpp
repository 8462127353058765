#include "host/ingest/line_rules.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "host/ingest/glob.hpp"
#include "host/ingest/raw_lines.hpp"

namespace nextbest {
void LineTally::add(const LineTally& other) {
  repeated_orders.add(other.repeated_orders);
  homeless.add(other.homeless);
  future.add(other.future);
  after_as_of.add(other.after_as_of);
  not_products.add(other.not_products);
  zero_price.add(other.zero_price);
  returns.add(other.returns);
  returned_purchases.add(other.returned_purchases);
  read_value += other.read_value;
  distinct_value += other.distinct_value;
  distinct_lines += other.distinct_lines;
  for (const Offset day : other.homeless_days) {
    const auto place = std::lower_bound(homeless_days.begin(), homeless_days.end(), day);
    if (place == homeless_days.end() || *place != day) homeless_days.insert(place, day);
  }
}

std::int64_t SeenIds::count(std::uint8_t bit) const {
  return std::count_if(bits_.begin(), bits_.end(), [bit](std::uint8_t bits) { return (bits & bit) != 0; });
}

void LineRules::start_file(const RawLines& raw, std::size_t file, std::size_t files) {
  raw_ = &raw;
  file_ = static_cast<std::int32_t>(file);
  many_files_ = raw.has.orders && files > 1;
}

void LineRules::learn_items(const IdEncoder& items) {
  items_.grow(items.size());
  for (Offset code = static_cast<Offset>(is_product_.size()); !clean_.not_products.empty() && code < items.size();
       ++code) {
    const std::string id = items.text(code);
    is_product_.push_back(std::none_of(clean_.not_products.begin(), clean_.not_products.end(),
                                       [&](const std::string& pattern) { return wildcard_match(pattern, id); }));
  }
}

void LineRules::learn_customers(const IdEncoder& customers) {
  customers_.grow(customers.size());
}

void LineRules::learn_orders(const IdEncoder& orders) {
  orders_.grow(orders.size());
  if (many_files_) first_file_.resize(static_cast<std::size_t>(orders.size()), -1);
  for (Offset code = static_cast<Offset>(is_cancelled_.size());
       !clean_.cancelled_order_prefix.empty() && code < orders.size(); ++code) {
    is_cancelled_.push_back(orders.text(code).starts_with(clean_.cancelled_order_prefix));
  }
}

LineTally LineRules::apply(std::span<Line> lines, std::span<const std::int64_t> returned) {
  LineTally tally;
  for (Line& line : many_files_ ? lines : std::span<Line>()) {
    if (!is_repeated(line)) continue;
    tally.repeated_orders.note(example_of(line));
    line.dropped = clean_.repeated_orders_first_file;
  }
  mark(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Line& line = lines[i];
    const Wide value = raw_->has.money ? line.value(raw_->has.money_is_of_line) : 0;
    tally.read_value += value;
    if (line.dropped) continue;
    tally.distinct_value += value;
    ++tally.distinct_lines;
    judge(line, returned.empty() ? 0 : returned[i], tally);
  }
  return tally;
}

bool LineRules::is_repeated(const Line& line) {
  const std::atomic_ref<std::int32_t> first(first_file_[line.order]);
  if (first.load(std::memory_order_relaxed) < 0) first.store(file_, std::memory_order_relaxed);
  return first.load(std::memory_order_relaxed) != file_;
}

/// In a loop that does little else: the next line need not wait for the memory that this one asks for.
void LineRules::mark(std::span<const Line> lines) {
  const Line* before = nullptr;  // its ids are often the same
  for (const Line& line : lines) {
    const bool is_new = before == nullptr || before->dropped != line.dropped;
    items_.mark(line.item, !line.dropped);
    if (line.customer != kNoCode && (is_new || before->customer != line.customer))
      customers_.mark(line.customer, !line.dropped);
    if (raw_->has.orders && (is_new || before->order != line.order)) orders_.mark(line.order, !line.dropped);
    before = &line;
  }
}

void LineRules::judge(Line& line, std::int64_t returned, LineTally& tally) const {
  const auto drop = [&line](Tally& found, const Example& example) {
    found.note(example);
    line.dropped = 1;
  };
  const bool is_late = line.time > as_of_ && as_of_ != kNoTime, is_future = line.time > now_ && now_ != kNoTime;
  if (!raw_->has.orders && line.customer == kNoCode) {
    drop(tally.homeless, example_of(line));
    tally.homeless_days.push_back(line.order);
  } else if (is_future && line.split() != Split::kTest) {
    drop(tally.future, example_of(line));
  } else if (is_late && line.split() != Split::kTest) {
    drop(tally.after_as_of, example_of(line));
  } else if (!is_product_.empty() && !is_product_[line.item]) {
    drop(tally.not_products, example_of(line));
  } else if (line.money == 0) {
    tally.zero_price.note(example_of(line));
    line.dropped = clean_.drop_zero_price;
  }
  if (!line.dropped) look_at_returns(line, returned, tally);
}

void LineRules::look_at_returns(Line& line, std::int64_t returned, LineTally& tally) const {
  line.is_return = line.quantity < 0 || (!is_cancelled_.empty() && is_cancelled_[line.order]);
  if (clean_.returns != Returns::kNet) {
    if (!line.is_return) return;
    tally.returns.note(example_of(line));
    line.dropped = clean_.returns == Returns::kDrop;
    return;
  }
  // What the column returned_quantity says is taken from its own line.
  if (returned == 0 || returned == kNoValue || line.quantity <= 0) return;
  const std::int64_t before = line.quantity;
  const std::int64_t left = std::max<std::int64_t>(0, before - std::abs(returned));
  tally.returns.note(example_of(line));
  if (left == 0) {
    tally.returned_purchases.note(example_of(line));
    line.dropped = 1;
    return;
  }
  line.quantity = left;
  if (raw_->has.money_is_of_line && line.money != kNoValue) {
    line.money = rounded_quotient(static_cast<Wide>(line.money) * left, before);
  }
}

void LineRules::finish(RawLines& raw) const {
  // What a line gave back makes the number of pieces known, also where there is no column of them.
  if (clean_.returns == Returns::kNet && raw.tally.returns.lines > 0) raw.has.quantities = true;
  const auto rounded = [](Wide value) { return rounded_quotient(value, kUnit); };
  const auto size = [&](std::int64_t lines, auto count, Wide value) {
    return DataSize{lines, count(orders_), count(items_), count(customers_), raw.has.money, rounded(value)};
  };
  raw.read = size(
      raw.lines, [](const SeenIds& ids) { return ids.read(); }, raw.tally.read_value);
  raw.distinct = size(
      raw.tally.distinct_lines, [](const SeenIds& ids) { return ids.distinct(); }, raw.tally.distinct_value);
}

}  // namespace nextbest
