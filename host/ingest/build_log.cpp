#include "host/ingest/build_log.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include <fmt/format.h>

#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

constexpr std::uint32_t kAnonymous = 0xffffffffU;

/// A line under its sorting key. Anonymous customers are last.
struct Record {
  std::uint32_t customer, item;
  std::int64_t unit_and_split;  ///< order (or day) * 4 + split
  std::int64_t line;
  auto basket() const { return std::tie(customer, unit_and_split); }
  auto rank() const { return std::tie(customer, unit_and_split, item, line); }
};

struct Basket {
  std::uint32_t customer;
  Micros time;
  std::int64_t unit_and_split;
  Offset begin, end;  ///< into the merged lines
  auto rank() const { return std::tie(customer, time, unit_and_split); }
};

struct MergedLine {
  Code item;
  Micros time;
  std::int64_t quantity, price;
};

std::vector<Record> sorted_records(const RawLines& raw) {
  std::vector<Record> records;
  records.reserve(static_cast<std::size_t>(std::count(raw.dropped.begin(), raw.dropped.end(), 0)));
  for (std::int64_t line = 0; line < raw.lines(); ++line) {
    if (raw.dropped[line]) continue;
    const Code customer = raw.customer_of(line);
    records.push_back({customer == kNoCode ? kAnonymous : static_cast<std::uint32_t>(customer),
                       static_cast<std::uint32_t>(raw.item[line]),
                       raw.order_of(line) * 4 + static_cast<std::int64_t>(raw.split_of(line)), line});
  }
  std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.rank() < b.rank(); });
  return records;
}

/// Price of one piece. A line that sold nothing has none when only its value is known.
std::int64_t piece_price(const RawLines& raw, std::int64_t money, std::int64_t quantity) {
  if (raw.money.empty() || money == kNoValue || !raw.money_is_of_line) return money;
  return quantity == 0 ? kNoValue : rounded_quotient(static_cast<Wide>(money) * kUnit, quantity);
}

/// Several lines of one item in one basket as one.
MergedLine merge(const RawLines& raw, const Record* first, const Record* last) {
  MergedLine merged{static_cast<Code>(first->item), raw.time_of(first->line), 0, kNoValue};
  Wide quantity = 0, money = 0, weight = 0;
  std::int64_t highest = kNoValue;
  for (const Record* record = first; record != last; ++record) {
    merged.time = std::min(merged.time, raw.time_of(record->line));
    quantity += raw.quantity_of(record->line);
    const std::int64_t price = raw.money.empty() ? kNoValue : raw.money[record->line];
    if (price == kNoValue) continue;
    highest = std::max(highest, price);
    weight += raw.quantity_of(record->line);
    money += raw.money_is_of_line ? price : static_cast<Wide>(price) * raw.quantity_of(record->line);
  }
  merged.quantity = rounded_quotient(quantity, 1);
  if (highest == kNoValue) return merged;
  if (raw.money_is_of_line) {
    merged.price = piece_price(raw, rounded_quotient(money, 1), rounded_quotient(weight, 1));
  } else {
    merged.price = weight == 0 ? highest : rounded_quotient(money, weight);
  }
  return merged;
}

class LogBuilder {
 public:
  LogBuilder(const RawLines& raw, Duplicates rule, const std::map<std::string, std::string>& names, Found& duplicates)
      : raw_(raw), rule_(raw.has_orders ? rule : Duplicates::kMerge), names_(names), duplicates_(duplicates) {}

  OrderLog build(std::vector<Offset>& item_of) {
    form_baskets();
    std::sort(baskets_.begin(), baskets_.end(), [](const Basket& a, const Basket& b) { return a.rank() < b.rank(); });
    const std::vector<Offset> items = used_ranks(raw_.items.size(), [&](auto&& use) {
      for (const MergedLine& line : lines_) use(line.item);
    });
    item_of = items;
    std::vector<Code> code(static_cast<std::size_t>(raw_.items.size()), kNoCode);
    for (std::size_t i = 0; i < items.size(); ++i) code[items[i]] = static_cast<Code>(i);
    log_.items = dictionary(raw_.items, raw_.item_order, items);
    emit_lines(code);
    emit_customers();
    emit_orders();
    find_ends();
    return std::move(log_);
  }

 private:
  void form_baskets() {
    const std::vector<Record> records = sorted_records(raw_);
    lines_.reserve(records.size());
    for (std::size_t i = 0; i < records.size();) {
      Basket basket{records[i].customer, kNoTime, records[i].unit_and_split, static_cast<Offset>(lines_.size()), 0};
      const std::size_t first = i;
      while (i < records.size() && records[i].basket() == records[first].basket()) {
        std::size_t end = i + 1;
        while (end < records.size() && records[end].basket() == records[i].basket() &&
               records[end].item == records[i].item) {
          ++end;
        }
        lines_.push_back(one_line(&records[i], &records[end - 1] + 1));
        const Micros time = lines_.back().time;
        basket.time = basket.time == kNoTime ? time : std::min(basket.time, time);
        i = end;
      }
      basket.end = static_cast<Offset>(lines_.size());
      baskets_.push_back(basket);
    }
  }

  MergedLine one_line(const Record* first, const Record* last) {
    if (last - first > 1 && raw_.has_orders) {
      if (rule_ == Duplicates::kError) {
        const auto texts = describe_lines(raw_, {first->line, first[1].line}, names_);
        throw DataError(
            fmt::format("{}: the item is in the order twice, see also {}; remove one of the lines or set "
                        "[clean] duplicates to \"merge\" or \"first\"",
                        texts[1], texts[0]));
      }
      for (const Record* again = first + 1; again != last; ++again) duplicates_.note(again->line);
    }
    if (rule_ == Duplicates::kMerge && last - first > 1) return merge(raw_, first, last);
    const std::int64_t line = first->line;
    return {static_cast<Code>(first->item), raw_.time_of(line), raw_.quantity_of(line),
            raw_.money.empty() ? kNoValue : piece_price(raw_, raw_.money[line], raw_.quantity_of(line))};
  }

  /// The ascending codes that `visit` uses, ascending.
  template <typename Visit>
  static std::vector<Offset> used_ranks(Offset size, const Visit& visit) {
    std::vector<bool> used(static_cast<std::size_t>(size));
    visit([&](Offset rank) { used[rank] = true; });
    std::vector<Offset> ranks;
    for (Offset rank = 0; rank < size; ++rank) {
      if (used[rank]) ranks.push_back(rank);
    }
    return ranks;
  }

  static Dictionary dictionary(const IdEncoder& encoder, const IdOrder& order, const std::vector<Offset>& ranks) {
    std::vector<bool> used(static_cast<std::size_t>(encoder.size()));
    for (const Offset rank : ranks) used[rank] = true;
    return encoder.dictionary(order, used);
  }

  void emit_lines(const std::vector<Code>& code) {
    const bool timed = !raw_.time.empty(), priced = !raw_.money.empty(), counted = !raw_.quantity.empty();
    const bool times_differ = lines_differ_in_time();
    log_.line_item.reserve(lines_.size());
    log_.line_quantity.reserve(counted ? lines_.size() : 0);
    log_.line_price.reserve(priced ? lines_.size() : 0);
    log_.line_time.reserve(times_differ ? lines_.size() : 0);
    for (const Basket& basket : baskets_) {
      for (Offset line = basket.begin; line < basket.end; ++line) {
        log_.line_item.push_back(code[lines_[line].item]);
        if (counted) log_.line_quantity.push_back(lines_[line].quantity);
        if (priced) log_.line_price.push_back(lines_[line].price);
        if (times_differ) log_.line_time.push_back(lines_[line].time);
      }
      log_.basket_offset.push_back(static_cast<Offset>(log_.line_item.size()));
      if (timed) log_.basket_time.push_back(basket.time);
      if (!raw_.split.empty()) log_.basket_split.push_back(static_cast<Split>(basket.unit_and_split & 3));
    }
  }

  bool lines_differ_in_time() const {
    for (const Basket& basket : baskets_) {
      for (Offset line = basket.begin; line < basket.end; ++line) {
        if (lines_[line].time != basket.time) return true;
      }
    }
    return false;
  }

  void emit_customers() {
    const std::vector<Offset> customers = used_ranks(raw_.customers.size(), [&](auto&& use) {
      for (const Basket& basket : baskets_) {
        if (basket.customer != kAnonymous) use(basket.customer);
      }
    });
    log_.customers = dictionary(raw_.customers, raw_.customer_order, customers);
    Offset basket = 0;
    for (const Offset customer : customers) {
      while (basket < static_cast<Offset>(baskets_.size()) &&
             static_cast<Offset>(baskets_[basket].customer) == customer) {
        ++basket;
      }
      log_.customer_offset.push_back(basket);
    }
  }

  void emit_orders() {
    if (!raw_.has_orders) return;
    const std::vector<Offset> orders = used_ranks(raw_.orders.size(), [&](auto&& use) {
      for (const Basket& basket : baskets_) use(basket.unit_and_split >> 2);
    });
    log_.orders = dictionary(raw_.orders, raw_.order_order, orders);
    std::vector<Offset> code(static_cast<std::size_t>(raw_.orders.size()), -1);
    for (std::size_t i = 0; i < orders.size(); ++i) code[orders[i]] = static_cast<Offset>(i);
    for (const Basket& basket : baskets_) log_.basket_order.push_back(code[basket.unit_and_split >> 2]);
  }

  void find_ends() {
    for (const Basket& basket : baskets_) {
      if (raw_.time.empty() || static_cast<Split>(basket.unit_and_split & 3) == Split::kTest) continue;
      for (Offset line = basket.begin; line < basket.end; ++line) {
        const Micros time = lines_[line].time;
        log_.first_time = log_.first_time == kNoTime ? time : std::min(log_.first_time, time);
        log_.as_of = std::max(log_.as_of, time);  // kNoTime is the smallest
      }
    }
  }

  const RawLines& raw_;
  Duplicates rule_;
  const std::map<std::string, std::string>& names_;
  Found& duplicates_;
  std::vector<MergedLine> lines_;
  std::vector<Basket> baskets_;
  OrderLog log_;
};

}  // namespace

OrderLog build_log(const RawLines& raw, Duplicates rule, const std::map<std::string, std::string>& names,
                   Found& duplicates, std::vector<Offset>& item_of) {
  duplicates = {"duplicates", rule == Duplicates::kMerge ? "merged" : "dropped", 0, {}};
  return LogBuilder(raw, rule, names, duplicates).build(item_of);
}

}  // namespace nextbest
