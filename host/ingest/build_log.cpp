#include "host/ingest/build_log.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

#include <fmt/format.h>

#include "host/ingest/findings.hpp"
#include "host/job/reporter.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/parallel_in_order.hpp"

namespace nextbest {
namespace {

/// The lines of a partition, those of one customer (or order of nobody's) together. The partition's chunks leave the
/// store, or with `keep` stay in it.
void gather(LineStore& store, Partition& partition, bool keep, std::vector<Line>& lines) {
  const auto group = [&](const Line& line) {
    return static_cast<std::size_t>((partition.anonymous ? line.order : line.customer) - partition.first);
  };
  std::vector<std::int64_t> place(static_cast<std::size_t>(partition.last - partition.first) + 1);
  std::vector<Line*> taken;
  for (const LineChunk& chunk : partition.chunks) {
    taken.push_back(store.take(chunk));
    for (std::int64_t i = 0; i < chunk.lines; ++i) ++place[group(taken.back()[i]) + 1];
  }
  std::partial_sum(place.begin(), place.end(), place.begin());
  lines.resize(static_cast<std::size_t>(partition.lines));
  for (std::size_t c = 0; c < taken.size(); ++c) {
    LineChunk& chunk = partition.chunks[c];
    for (std::int64_t i = 0; i < chunk.lines; ++i) lines[place[group(taken[c][i])]++] = taken[c][i];
    if (keep) {
      chunk = store.put(taken[c], chunk.lines);
    } else {
      store.release(taken[c]);
    }
  }
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// Joins pieces of the log in their order.
class LogAssembly {
 public:
  LogAssembly(RawLines& raw, std::int64_t lines, const std::map<std::string, std::string>& names)
      : raw_(raw), names_(names) {
    OrderLog& log = built_.log;
    log.line_item.reserve(static_cast<std::size_t>(lines));
    if (raw.has.quantities) log.line_quantity.reserve(static_cast<std::size_t>(lines));
    if (raw.has.money) log.line_price.reserve(static_cast<std::size_t>(lines));
    for (auto* column : {&log.basket_offset, &log.basket_order, &log.basket_time})
      column->reserve(static_cast<std::size_t>(raw.orders.size()));
    built_.lines_of_customer.resize(static_cast<std::size_t>(raw.customers.size()));
  }

  std::vector<std::int64_t>& lines_of_customer() { return built_.lines_of_customer; }

  void add(const LogPart& part) {
    if (part.forbidden_repeat) forbid(*part.forbidden_repeat);
    OrderLog& log = built_.log;
    if (part.times_differ && log.line_time.empty()) log.line_time = times_of_baskets();
    if (part.times_differ || !log.line_time.empty()) append(log.line_time, part.line_time);
    append(log.line_item, part.line_item);
    append(log.line_quantity, part.line_quantity);
    append(log.line_price, part.line_price);
    for (const Offset lines : part.basket_lines) log.basket_offset.push_back(log.basket_offset.back() + lines);
    append(log.basket_order, part.basket_order);
    append(log.basket_time, part.basket_time);
    append(log.basket_split, part.basket_split);
    for (const auto& [customer, baskets] : part.customers) {
      customers_.push_back(customer);
      log.customer_offset.push_back(log.customer_offset.back() + baskets);
    }
    add_findings(part);
  }

  BuiltLog finish(const Context& ctx) {
    sort_anonymous();
    const std::array<std::function<void()>, 4> ends = {[&] { cut_items(ctx); }, [&] { cut_orders(); },
                                                       [&] { cut_customers(); }, [&] { find_ends(); }};
    parallel_for(ctx, std::ssize(ends), 1, [&](std::int64_t i, std::int64_t, int) { ends[i](); });
    for (Tally* tally : {&built_.netting.returns, &built_.netting.unmatched, &built_.netting.purchases}) {
      for (Example& line : tally->examples) {
        line.item = static_cast<Code>(raw_.item_order.ascending[line.item]);
        if (raw_.has.orders) line.order = raw_.order_order.ascending[line.order];
      }
    }
    return std::move(built_);
  }

 private:
  [[noreturn]] void forbid(const std::pair<Example, Example>& repeat) const {
    const auto texts = describe_lines(raw_, {repeat.first, repeat.second}, names_);
    throw DataError(
        fmt::format("{}: the item is in the order twice, see also {}; remove one of the lines or set "
                    "[clean] duplicates to \"merge\" or \"first\"",
                    texts[1], texts[0]));
  }

  void add_findings(const LogPart& part) {
    built_.netting.returns.add(part.netting.returns);
    built_.netting.unmatched.add(part.netting.unmatched);
    built_.netting.purchases.add(part.netting.purchases);
    built_.unjoined.add(part.unjoined);
    built_.anonymous.add(part.anonymous);
    built_.zero_quantity.add(part.zero_quantity);
    built_.duplicates.add_next(part.duplicates);
    append(built_.large_customers, part.large_customers);
    append(built_.merged_times, part.merged_times);
    built_.customer_days += part.customer_days;
  }

  std::vector<Micros> times_of_baskets() const {
    const OrderLog& log = built_.log;
    std::vector<Micros> times;
    for (Offset basket = 0; basket < log.baskets(); ++basket) {
      const Offset lines = log.basket_offset[basket + 1] - log.basket_offset[basket];
      times.insert(times.end(), static_cast<std::size_t>(lines), log.basket_time[basket]);
    }
    return times;
  }

  /// Nobody's baskets are all one customer's, as it were: in order of time.
  void sort_anonymous() {
    OrderLog& log = built_.log;
    const Offset first = log.customer_offset.back();
    const auto rank = [&](Offset basket) {
      return std::tuple(log.basket_time.empty() ? kNoTime : log.basket_time[basket], log.basket_order[basket],
                        log.basket_split.empty() ? Split::kTrain : log.basket_split[basket]);
    };
    std::vector<Offset> baskets(static_cast<std::size_t>(log.baskets() - first));
    std::iota(baskets.begin(), baskets.end(), first);
    const auto earlier = [&](Offset a, Offset b) { return rank(a) < rank(b); };
    if (baskets.empty() || std::is_sorted(baskets.begin(), baskets.end(), earlier)) return;
    std::sort(baskets.begin(), baskets.end(), earlier);
    for (auto* column : {&log.line_quantity, &log.line_price, &log.line_time}) move_lines(*column, baskets);
    move_lines(log.line_item, baskets);
    std::vector<Offset> offset(log.basket_offset.begin(), log.basket_offset.begin() + first + 1);
    for (const Offset basket : baskets)
      offset.push_back(offset.back() + log.basket_offset[basket + 1] - log.basket_offset[basket]);
    log.basket_offset.swap(offset);
    move_baskets(log.basket_order, baskets);
    move_baskets(log.basket_time, baskets);
    move_baskets(log.basket_split, baskets);
  }

  template <class T>
  void move_lines(std::vector<T>& column, const std::vector<Offset>& baskets) const {
    if (column.empty()) return;
    const std::vector<Offset>& offset = built_.log.basket_offset;
    std::vector<T> moved;
    moved.reserve(column.size() - static_cast<std::size_t>(offset[built_.log.customer_offset.back()]));
    for (const Offset basket : baskets)
      moved.insert(moved.end(), column.begin() + offset[basket], column.begin() + offset[basket + 1]);
    std::copy(moved.begin(), moved.end(), column.end() - static_cast<std::ptrdiff_t>(moved.size()));
  }

  template <class T>
  static void move_baskets(std::vector<T>& column, const std::vector<Offset>& baskets) {
    if (column.empty()) return;
    std::vector<T> moved;
    moved.reserve(baskets.size());
    for (const Offset basket : baskets) moved.push_back(column[basket]);
    std::copy(moved.begin(), moved.end(), column.end() - static_cast<std::ptrdiff_t>(moved.size()));
  }

  /// Makes the codes of a column those of the ids that it uses: `used` are the marked ones of all.
  template <class T>
  static void renumber(std::vector<T>& column, const std::vector<std::uint8_t>& used, const Context& ctx) {
    if (std::find(used.begin(), used.end(), 0) == used.end()) return;
    std::vector<T> code(used.size());
    std::exclusive_scan(used.begin(), used.end(), code.begin(), T{0});
    parallel_for(ctx, static_cast<std::int64_t>(column.size()), 1 << 18,
                 [&](std::int64_t begin, std::int64_t end, int) {
                   for (std::int64_t i = begin; i < end; ++i) column[i] = code[column[i]];
                 });
  }

  void cut_items(const Context& ctx) {
    std::vector<std::uint8_t> used(static_cast<std::size_t>(raw_.items.size()));
    for (const Code item : built_.log.line_item) used[item] = 1;
    for (std::size_t rank = 0; rank < used.size(); ++rank) {
      if (used[rank]) built_.item_of.push_back(static_cast<Offset>(rank));
    }
    renumber(built_.log.line_item, used, ctx);
    built_.log.items = raw_.items.dictionary(raw_.item_order, used);
  }

  void cut_customers() {
    std::vector<std::uint8_t> used(static_cast<std::size_t>(raw_.customers.size()));
    for (const Code customer : customers_) used[customer] = 1;
    built_.log.customers = raw_.customers.dictionary(raw_.customer_order, used);
  }

  void cut_orders() {
    if (!raw_.has.orders) return;
    std::vector<std::uint8_t> used(static_cast<std::size_t>(raw_.orders.size()));
    for (const Offset order : built_.log.basket_order) used[order] = 1;
    renumber(built_.log.basket_order, used, {});
    built_.log.orders = raw_.orders.dictionary(raw_.order_order, used);
  }

  void find_ends() {
    OrderLog& log = built_.log;
    for (Offset basket = 0; basket < log.baskets() && raw_.has.times; ++basket) {
      if (!log.basket_split.empty() && log.basket_split[basket] == Split::kTest) continue;
      Micros last = log.basket_time[basket];
      for (Offset line = log.basket_offset[basket]; line < log.basket_offset[basket + 1] && !log.line_time.empty();
           ++line) {
        last = std::max(last, log.line_time[line]);
      }
      log.first_time =
          log.first_time == kNoTime ? log.basket_time[basket] : std::min(log.first_time, log.basket_time[basket]);
      log.as_of = std::max(log.as_of, last);  // kNoTime is the smallest
    }
  }

  RawLines& raw_;
  const std::map<std::string, std::string>& names_;
  std::vector<Code> customers_;  ///< that have baskets
  BuiltLog built_;
};

}  // namespace

BuiltLog build_log(RawLines& raw, std::vector<Partition>& partitions, const LogRules& rules,
                   const std::map<std::string, std::string>& names, const Context& ctx) {
  std::int64_t lines = 0;
  for (const Partition& partition : partitions) lines += partition.lines;
  LogAssembly assembly(raw, lines, names);
  raw.store->shrink();
  const auto threads = static_cast<std::size_t>(std::max(1, ctx.threads));
  std::vector<std::vector<Line>> gathered(threads);
  std::vector<PartBuilder> builders(threads, PartBuilder(rules));
  parallel_in_order(
      ctx, static_cast<std::int64_t>(partitions.size()),
      [&](std::int64_t p, int thread) {
        throw_if_interrupted();
        gather(*raw.store, partitions[p], false, gathered[thread]);
        return builders[thread].build(gathered[thread], partitions[p].anonymous, assembly.lines_of_customer());
      },
      [&](const LogPart& part) { assembly.add(part); });
  return assembly.finish(ctx);
}

std::vector<std::int64_t> count_lines_left(RawLines& raw, std::vector<Partition>& partitions, const LogRules& rules,
                                           const Context& ctx) {
  std::vector<std::int64_t> lines_of_customer(static_cast<std::size_t>(raw.customers.size()));
  parallel_for(ctx, static_cast<std::int64_t>(partitions.size()), 1, [&](std::int64_t begin, std::int64_t, int) {
    std::vector<Line> gathered;
    gather(*raw.store, partitions[begin], true, gathered);
    PartBuilder(rules).build(gathered, partitions[begin].anonymous, lines_of_customer);
  });
  return lines_of_customer;
}

}  // namespace nextbest
