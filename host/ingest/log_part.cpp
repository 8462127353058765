#include "host/ingest/log_part.hpp"

#include <algorithm>

#include "host/ingest/clean.hpp"

namespace nextbest {

PartBuilder::PartBuilder(const LogRules& rules) : rules_(rules), has_(rules.raw->has) {
  if (!has_.orders) rules_.duplicates = Duplicates::kMerge;
}

/// Rules and reports know lines by the provisional codes of their ids.
Example PartBuilder::example_of(const Line& line) const {
  const RawLines& raw = *rules_.raw;
  return {static_cast<std::int64_t>(line.number), has_.orders ? raw.order_order.ascending[line.order] : line.order,
          static_cast<Code>(raw.item_order.ascending[line.item]), line.quantity, line.money};
}

LogPart PartBuilder::build(std::span<Line> lines, bool anonymous, std::vector<std::int64_t>& lines_of_customer) {
  part_ = {};
  part_.line_item.reserve(lines.size());
  if (has_.quantities) part_.line_quantity.reserve(lines.size());
  if (has_.money) part_.line_price.reserve(lines.size());
  if (has_.times) part_.line_time.reserve(lines.size());
  for (std::size_t begin = 0, end = 0; begin < lines.size() && !part_.forbidden_repeat; begin = end) {
    const auto is_same = [&](const Line& line) {
      return anonymous ? line.order == lines[begin].order : line.customer == lines[begin].customer;
    };
    while (end < lines.size() && is_same(lines[end])) ++end;
    add_group(lines.subspan(begin, end - begin), anonymous, lines_of_customer);
  }
  return std::move(part_);
}

/// The lines of one customer, or of one order that is nobody's.
void PartBuilder::add_group(std::span<Line> lines, bool anonymous, std::vector<std::int64_t>& lines_of_customer) {
  if (!has_.orders) count_days(lines);
  const bool has_returns = std::any_of(lines.begin(), lines.end(), [](const Line& line) { return line.is_return; });
  if (has_returns && rules_.returns == Returns::kNet) {
    net_returns(lines, has_.money_is_of_line, part_.netting);
  }
  if (!find_left(lines, anonymous, lines_of_customer)) return;
  std::sort(left_.begin(), left_.end());
  form_baskets(lines);
  std::sort(baskets_.begin(), baskets_.end(), [](const Basket& a, const Basket& b) {
    return a.time != b.time ? a.time < b.time : a.order_and_split < b.order_and_split;
  });
  if (!anonymous) part_.customers.emplace_back(lines.front().customer, static_cast<Offset>(baskets_.size()));
  emit_baskets();
}

/// Days on which the files have lines of the customer, whatever the rules say of them.
void PartBuilder::count_days(std::span<const Line> lines) {
  std::vector<Offset> days;
  for (const Line& line : lines) days.push_back(line.order);
  std::sort(days.begin(), days.end());
  part_.customer_days += std::unique(days.begin(), days.end()) - days.begin();
}

/// Collects the lines that no rule drops, and counts among them; false when there is none.
bool PartBuilder::find_left(std::span<const Line> lines, bool anonymous, std::vector<std::int64_t>& lines_of_customer) {
  left_.clear();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].dropped) continue;
    left_.push_back(
        {lines[i].order_and_split(), static_cast<std::uint32_t>(lines[i].item), static_cast<std::uint32_t>(i)});
  }
  if (left_.empty()) return false;
  if (!anonymous) {
    const Code customer = lines.front().customer;
    lines_of_customer[customer] = static_cast<std::int64_t>(left_.size());
    if (left_.size() > static_cast<std::size_t>(kFewestBulkLines)) {
      LargeCustomer& large = part_.large_customers.emplace_back(LargeCustomer{customer, {}});
      for (const Key& key : left_) large.lines.note(example_of(lines[key.line]));
    }
    if (rules_.bulk != nullptr && (*rules_.bulk)[customer]) return false;
  }
  for (const Key& key : left_) {
    const Line& line = lines[key.line];
    if (rules_.joined != nullptr && !(*rules_.joined)[line.item]) part_.unjoined.note(example_of(line));
    if (anonymous) part_.anonymous.note(example_of(line));
    if (line.quantity == 0) part_.zero_quantity.note(example_of(line));
  }
  return true;
}

void PartBuilder::form_baskets(std::span<const Line> lines) {
  baskets_.clear();
  merged_.clear();
  for (std::size_t i = 0; i < left_.size() && !part_.forbidden_repeat;) {
    Basket basket{kNoTime, left_[i].order_and_split, static_cast<std::uint32_t>(merged_.size()), 0};
    while (i < left_.size() && left_[i].order_and_split == basket.order_and_split) {
      std::size_t end = i + 1;
      while (end < left_.size() && left_[end].order_and_split == basket.order_and_split &&
             left_[end].item == left_[i].item) {
        ++end;
      }
      MergedLine& line = merged_.emplace_back();
      make_one(lines, std::span(left_).subspan(i, end - i), line);
      basket.time = basket.begin + 1 == merged_.size() ? line.time : std::min(basket.time, line.time);
      i = end;
    }
    basket.end = static_cast<std::uint32_t>(merged_.size());
    baskets_.push_back(basket);
  }
}

/// Lines of one item in one basket as one. In place: a copy of what was just written would have to wait for it.
void PartBuilder::make_one(std::span<const Line> lines, std::span<Key> same, MergedLine& line) {
  const auto comes_first = [&](const Key& a, const Key& b) { return lines[a.line].number < lines[b.line].number; };
  if (same.size() > 1) std::sort(same.begin(), same.end(), comes_first);
  const Line& first = lines[same.front().line];
  if (same.size() > 1) {
    note_repeats(lines, same);
    if (rules_.duplicates == Duplicates::kMerge) {
      line = merge(lines, same);
      return;
    }
  }
  line.item = first.item;
  line.time = first.time;
  line.quantity = first.quantity;
  line.price = piece_price(first.money, first.quantity);
}

/// Lines of the same item in the same basket. Without order ids they are merged and no finding.
void PartBuilder::note_repeats(std::span<const Line> lines, std::span<const Key> same) {
  const Line& first = lines[same.front().line];
  if (rules_.duplicates == Duplicates::kError) {
    if (!part_.forbidden_repeat) part_.forbidden_repeat = {example_of(first), example_of(lines[same[1].line])};
    return;
  }
  Micros kept = first.time;
  for (const Key& key : same.subspan(1)) {
    const Line& again = lines[key.line];
    if (has_.orders) part_.duplicates.note_next(example_of(again));
    if (!has_.times || first.split() == Split::kTest) continue;
    const bool is_earlier = rules_.duplicates == Duplicates::kMerge && again.time < kept;
    part_.merged_times.push_back(is_earlier ? kept : again.time);
    if (is_earlier) kept = again.time;
  }
}

/// Price of one piece. A line that sold nothing has none when only its value is known.
std::int64_t PartBuilder::piece_price(std::int64_t money, std::int64_t quantity) const {
  if (money == kNoValue || !has_.money_is_of_line) return money;
  return quantity == 0 ? kNoValue : rounded_quotient(static_cast<Wide>(money) * kUnit, quantity);
}

/// Several lines of one item in one basket as one.
PartBuilder::MergedLine PartBuilder::merge(std::span<const Line> lines, std::span<const Key> same) const {
  const Line& first = lines[same.front().line];
  MergedLine merged{first.item, first.time, 0, kNoValue};
  Wide quantity = 0, money = 0, weight = 0;
  std::int64_t highest = kNoValue;
  for (const Key& key : same) {
    const Line& line = lines[key.line];
    merged.time = std::min(merged.time, line.time);
    quantity += line.quantity;
    if (line.money == kNoValue) continue;
    highest = std::max(highest, line.money);
    weight += line.quantity;
    money += has_.money_is_of_line ? line.money : line.value(false);
  }
  merged.quantity = rounded_quotient(quantity, 1);
  if (highest == kNoValue) return merged;
  if (has_.money_is_of_line) {
    merged.price = piece_price(rounded_quotient(money, 1), rounded_quotient(weight, 1));
  } else {
    merged.price = weight == 0 ? highest : rounded_quotient(money, weight);
  }
  return merged;
}

void PartBuilder::emit_baskets() {
  for (const Basket& basket : baskets_) {
    part_.basket_lines.push_back(basket.end - basket.begin);
    if (has_.orders) part_.basket_order.push_back(basket.order_and_split >> 2);
    if (has_.times) part_.basket_time.push_back(basket.time);
    if (has_.splits) part_.basket_split.push_back(static_cast<Split>(basket.order_and_split & 3));
    for (std::uint32_t i = basket.begin; i < basket.end; ++i) {
      const MergedLine& line = merged_[i];
      part_.line_item.push_back(line.item);
      if (has_.quantities) part_.line_quantity.push_back(line.quantity);
      if (has_.money) part_.line_price.push_back(line.price);
      if (has_.times) part_.line_time.push_back(line.time);
      part_.times_differ = part_.times_differ || line.time != basket.time;
    }
  }
}

}  // namespace nextbest
