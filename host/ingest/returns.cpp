#include <algorithm>
#include <tuple>
#include <utility>

#include <boost/unordered/unordered_flat_set.hpp>

#include "host/ingest/clean.hpp"

namespace nextbest {
namespace {

/// Purchases and returns that belong together share one: customer (or order, where that is unknown), item and split.
using Key = std::pair<std::uint64_t, std::uint64_t>;

struct Event {
  Key key;
  Micros time;
  bool is_return;
  Offset order;
  std::int64_t money, quantity, line;
  /// The order of lines in the files decides only between lines that are the same in everything else.
  auto rank() const { return std::tie(key, time, is_return, order, money, quantity, line); }
};

class Netting {
 public:
  Netting(RawLines& raw, const std::vector<std::int64_t>& returns) : raw_(raw), returns_(returns) {}

  /// Takes every return from the purchases before it. Notes returns, returns without purchase, purchases undone.
  void run(Found& matched, Found& unmatched, Found& undone) {
    std::vector<Event> events = collect();
    std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.rank() < b.rank(); });
    std::vector<std::int64_t> open;  // purchases of one key that still hold something, the most recent last
    std::vector<std::int64_t> matched_lines, unmatched_lines, undone_lines;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (i > 0 && events[i].key != events[i - 1].key) open.clear();
      if (!events[i].is_return) {
        if (events[i].quantity > 0) open.push_back(events[i].line);
        continue;
      }
      const bool found = take(events[i].quantity, open, undone_lines);
      (found ? matched_lines : unmatched_lines).push_back(events[i].line);
    }
    for (const std::int64_t line : returns_) raw_.dropped[line] = 1;
    note(matched, matched_lines);
    note(unmatched, unmatched_lines);
    note(undone, undone_lines);
  }

 private:
  static void note(Found& found, std::vector<std::int64_t>& lines) {
    std::sort(lines.begin(), lines.end());
    for (const std::int64_t line : lines) found.note(line);
  }

  Key key_of(std::int64_t line) const {
    const Code customer = raw_.customer_of(line);
    const std::uint64_t who = customer == kNoCode
                                  ? (std::uint64_t{1} << 63) | static_cast<std::uint64_t>(raw_.order_of(line))
                                  : static_cast<std::uint64_t>(customer);
    return {who, static_cast<std::uint64_t>(raw_.item[line]) << 2 | static_cast<std::uint64_t>(raw_.split_of(line))};
  }

  std::vector<Event> collect() const {
    boost::unordered_flat_set<Key> keys;
    std::vector<bool> is_return(static_cast<std::size_t>(raw_.lines()));
    for (const std::int64_t line : returns_) {
      keys.insert(key_of(line));
      is_return[line] = true;
    }
    std::vector<Event> events;
    for (std::int64_t line = 0; line < raw_.lines(); ++line) {
      if (raw_.dropped[line]) continue;
      const Key key = key_of(line);
      if (!keys.contains(key)) continue;
      events.push_back({key, raw_.time_of(line), is_return[line], raw_.order_of(line),
                        raw_.money.empty() ? 0 : raw_.money[line], raw_.quantity_of(line), line});
    }
    return events;
  }

  bool take(std::int64_t quantity, std::vector<std::int64_t>& open, std::vector<std::int64_t>& undone) {
    std::int64_t left = quantity < 0 ? -quantity : quantity;
    const bool found = !open.empty();
    while (left > 0 && !open.empty()) {
      const std::int64_t line = open.back();
      const std::int64_t taken = std::min(left, raw_.quantity_of(line));
      left -= taken;
      if (taken < raw_.quantity_of(line)) {
        reduce(line, taken);
        break;
      }
      raw_.dropped[line] = 1;
      undone.push_back(line);
      open.pop_back();
    }
    return found;
  }

  void reduce(std::int64_t line, std::int64_t taken) {
    const std::int64_t before = raw_.quantity[line];
    raw_.quantity[line] = before - taken;
    if (raw_.money_is_of_line && raw_.money[line] != kNoValue) {
      raw_.money[line] = rounded_quotient(static_cast<Wide>(raw_.money[line]) * raw_.quantity[line], before);
    }
  }

  RawLines& raw_;
  const std::vector<std::int64_t>& returns_;
};

/// What the column returned_quantity says is taken from its own line.
void take_returned_column(RawLines& raw, Found& matched, Found& undone) {
  for (std::int64_t line = 0; line < raw.lines() && !raw.returned.empty(); ++line) {
    if (raw.dropped[line] || raw.returned[line] == 0 || raw.returned[line] == kNoValue) continue;
    if (raw.quantity.empty()) raw.quantity.assign(static_cast<std::size_t>(raw.lines()), kUnit);
    const std::int64_t before = raw.quantity[line];
    if (before <= 0) continue;
    const std::int64_t left = std::max<std::int64_t>(0, before - std::abs(raw.returned[line]));
    matched.note(line);
    if (left == 0) {
      undone.note(line);
      raw.dropped[line] = 1;
      continue;
    }
    raw.quantity[line] = left;
    if (raw.money_is_of_line && raw.money[line] != kNoValue) {
      raw.money[line] = rounded_quotient(static_cast<Wide>(raw.money[line]) * left, before);
    }
  }
}

std::vector<std::int64_t> return_lines(const RawLines& raw, const std::string& prefix) {
  std::vector<bool> is_cancelled(static_cast<std::size_t>(raw.has_orders ? raw.orders.size() : 0));
  for (std::size_t order = 0; order < is_cancelled.size() && !prefix.empty(); ++order) {
    is_cancelled[order] = raw.orders.text(raw.order_order.ascending[order]).starts_with(prefix);
  }
  std::vector<std::int64_t> lines;
  for (std::int64_t line = 0; line < raw.lines(); ++line) {
    if (raw.dropped[line]) continue;
    const bool cancelled = raw.has_orders && is_cancelled[raw.order[line]];
    if (raw.quantity_of(line) < 0 || cancelled) lines.push_back(line);
  }
  return lines;
}

}  // namespace

std::vector<Found> apply_returns(RawLines& raw, Returns rule, const std::string& cancelled_order_prefix) {
  Found matched{"returns", rule == Returns::kNet ? "netted" : rule == Returns::kDrop ? "dropped" : "kept", 0, {}};
  Found unmatched{"unmatched_returns", "dropped", 0, {}};
  Found undone{"returned_purchases", "netted", 0, {}};
  const std::vector<std::int64_t> returns = return_lines(raw, cancelled_order_prefix);
  if (rule == Returns::kNet) {
    take_returned_column(raw, matched, undone);
    Netting(raw, returns).run(matched, unmatched, undone);
  } else {
    for (const std::int64_t line : returns) {
      matched.note(line);
      raw.dropped[line] = rule == Returns::kDrop;
    }
  }
  return {matched, unmatched, undone};
}

}  // namespace nextbest
