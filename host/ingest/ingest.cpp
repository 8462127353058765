#include "host/ingest/ingest.hpp"

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/check/check.hpp"
#include "host/ingest/build_log.hpp"
#include "host/ingest/clean.hpp"
#include "host/ingest/discover.hpp"
#include "host/ingest/read_catalogue.hpp"
#include "host/ingest/read_orders.hpp"
#include "host/ingest/table_reader.hpp"
#include "host/ingest/time_zone.hpp"
#include "host/ingest/values.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"

namespace nextbest {
namespace {

/// The job's as_of as a moment: kNoTime for "auto"; a day means its end. @throws UsageError
Micros as_of_moment(const Job& job) {
  if (job.as_of.empty() || job.as_of == "auto") return kNoTime;
  const auto parsed = parse_time(job.as_of);
  if (!parsed) {
    throw UsageError(
        fmt::format("[job] as_of = \"{}\" is no moment; write \"auto\", a day such as 2026-01-31 (its end), or "
                    "2026-01-31T17:05:00+01:00",
                    job.as_of));
  }
  Micros moment = parsed->time;
  if (job.as_of.size() <= 10) moment += kMicrosPerDay - 1;
  if (!parsed->has_zone) local_to_utc({&moment, 1}, job.time_zone);
  return moment;
}

/// What the rules that look at lines alone and the netting of returns have found, in the order of the rules.
std::vector<Found> findings_of_rules(const CleanRules& clean, const RawLines& raw, const BuiltLog& built,
                                     const Tally& bulk) {
  const auto dropped = [](bool drop) { return drop ? "dropped" : "kept"; };
  const LineTally& of_lines = raw.tally;
  const char* of_returns = clean.returns == Returns::kNet    ? "netted"
                           : clean.returns == Returns::kDrop ? "dropped"
                                                             : "kept";
  Tally returns = of_lines.returns, purchases = of_lines.returned_purchases;
  returns.add_next(built.netting.returns);
  purchases.add_next(built.netting.purchases);
  return {{"repeated_orders", dropped(clean.repeated_orders_first_file), of_lines.repeated_orders},
          {"lines_without_customer", "dropped", of_lines.homeless},
          {"future_timestamps", "dropped", of_lines.future},
          {"after_as_of", "dropped", of_lines.after_as_of},
          {"not_products", "dropped", of_lines.not_products},
          {"zero_price", dropped(clean.drop_zero_price), of_lines.zero_price},
          {"returns", of_returns, returns},
          {"unmatched_returns", "dropped", built.netting.unmatched},
          {"returned_purchases", "netted", purchases},
          {"bulk_customers", dropped(clean.drop_bulk_customers), bulk}};
}

/// Nothing left: a fail_on rule may say why, otherwise the rules that removed the lines do.
[[noreturn]] void fail_empty(const Job& job, const RawLines& raw, const std::vector<Found>& found) {
  QualityReport report;
  report.findings = to_findings(raw, found, job.orders.columns);
  check_quality(report, job.check);
  std::string rules;
  for (const auto& [rule, action, tally] : found) {
    if (tally.lines > 0) rules += fmt::format("{}{} {} {}", rules.empty() ? "" : ", ", rule, action, tally.lines);
  }
  throw DataError(fmt::format("{}: of {} lines none is left after cleaning ({}); relax the rules of [clean]",
                              raw.files.front().path, raw.lines, rules));
}

/// [customers] that `bulk_customers` drops.
std::vector<std::uint8_t> bulk_customers(const std::vector<std::int64_t>& lines_of_customer) {
  const std::int64_t limit = bulk_limit(lines_of_customer);
  std::vector<std::uint8_t> bulk;
  for (const std::int64_t lines : lines_of_customer) bulk.push_back(lines > limit);
  return bulk;
}

Tally bulk_lines(const BuiltLog& built) {
  const std::int64_t limit = bulk_limit(built.lines_of_customer);
  Tally tally;
  for (const LargeCustomer& large : built.large_customers) {
    if (large.lines.lines > limit) tally.add(large.lines);
  }
  return tally;
}

BuiltLog build(const Job& job, RawLines& raw, const RawCatalogue& catalogue, const Context& ctx) {
  const std::vector<std::uint8_t> joined = joined_items(catalogue, raw);
  std::vector<Partition> partitions = part_lines(raw, ctx);
  LogRules rules{&raw, job.clean.returns, job.clean.duplicates, catalogue.given ? &joined : nullptr, nullptr};
  std::vector<std::uint8_t> bulk;
  if (job.clean.drop_bulk_customers && raw.has.customers) {
    bulk = bulk_customers(count_lines_left(raw, partitions, rules, ctx));
    rules.bulk = &bulk;
  }
  return build_log(raw, partitions, rules, job.orders.columns, ctx);
}

/// Lines and value of the log as the report counts them.
DataSize size_of_log(const OrderLog& log, const Context& ctx) {
  DataSize size{log.lines(),
                log.orders.size() > 0 ? log.orders.size() : log.baskets(),
                log.items.size(),
                log.customers.size(),
                !log.line_price.empty(),
                0};
  Wide value = 0;
  std::mutex mutex;
  parallel_for(ctx, size.has_value ? log.lines() : 0, 1 << 18, [&](std::int64_t begin, std::int64_t end, int) {
    Wide of_piece = 0;
    for (Offset line = begin; line < end; ++line) {
      const std::int64_t quantity = log.line_quantity.empty() ? kUnit : log.line_quantity[line];
      if (log.line_price[line] != kNoValue) of_piece += static_cast<Wide>(quantity) * log.line_price[line];
    }
    const std::lock_guard lock(mutex);
    value += of_piece;
  });
  size.value = rounded_quotient(value, kUnit);
  return size;
}

/// Each finding with its first example, for the screen and the log.
void tell(Reporter& reporter, const QualityReport& quality) {
  for (const RuleFinding& finding : quality.findings) {
    const std::string example = finding.examples.empty() ? "" : ", e.g. " + finding.examples.front();
    const std::string message = fmt::format("{}: {} lines {} ({:.2f} %){}", finding.rule, finding.lines, finding.action,
                                            finding.share * 100, example);
    reporter.info(
        "cleaning", message,
        {{"rule", finding.rule}, {"action", finding.action}, {"lines", finding.lines}, {"share", finding.share}});
  }
}

}  // namespace

std::vector<InputFile> find_inputs(const Job& job) {
  std::vector<InputFile> inputs;
  for (const FoundFile& file : find_files(job.orders.path, "[input.orders] path"))
    inputs.push_back(fingerprint_file(file.path));
  if (job.items.path.empty()) return inputs;
  for (const FoundFile& file : find_files(job.items.path, "[input.items] path"))
    inputs.push_back(fingerprint_file(file.path));
  return inputs;
}

IngestResult ingest(const Job& job, const IngestOptions& options, Reporter& reporter) {
  set_reader_threads(options.threads);
  check_time_zone(job.time_zone);
  const Micros as_of = as_of_moment(job);
  Context ctx;
  ctx.threads = options.threads;
  IngestResult result;
  result.inputs = options.inputs.empty() ? find_inputs(job) : options.inputs;
  BadRows bad(options.max_bad_rows, options.reject_file);
  const RawCatalogue catalogue = read_catalogue(job, result.inputs, bad, reporter);
  LineRules rules(job, options.now, as_of);
  RawLines raw = read_orders(job, options, rules, result.inputs, bad, reporter);
  raw.find_orders(catalogue.given ? &catalogue.ids : nullptr, ctx);
  BuiltLog built = build(job, raw, catalogue, ctx);
  throw_if_interrupted();

  std::vector<Found> found = findings_of_rules(job.clean, raw, built, bulk_lines(built));
  if (built.log.lines() == 0) fail_empty(job, raw, found);
  found.push_back({"unjoined_items", "counted", built.unjoined});
  if (raw.has.customers && raw.has.orders) found.push_back({"anonymous_lines", "kept", built.anonymous});
  found.push_back({"zero_quantity", "kept", built.zero_quantity});
  found.push_back({"duplicates", job.clean.duplicates == Duplicates::kMerge ? "merged" : "dropped", built.duplicates});

  QualityReport& quality = result.quality;
  quality.read = raw.read;
  quality.distinct = raw.distinct;
  if (!raw.has.orders) {
    quality.read.orders = built.customer_days + static_cast<std::int64_t>(raw.tally.homeless_days.size());
    quality.distinct.orders = quality.read.orders;
  }
  quality.findings = to_findings(raw, found, job.orders.columns);
  if (bad.count() > 0) {
    const double share = static_cast<double>(bad.count()) / static_cast<double>(bad.count() + raw.lines);
    quality.findings.insert(quality.findings.begin(), {"bad_rows", "dropped", bad.count(), share, bad.examples()});
  }
  for (RuleFinding& finding : find_volume_drop(built.log, built.merged_times))
    quality.findings.push_back(std::move(finding));

  result.text = raw.files.back().is_text;
  result.log = std::move(built.log);
  result.log.catalogue = fit_catalogue(catalogue, raw, built.item_of);
  result.log.time_zone = job.time_zone;
  if (as_of != kNoTime && raw.has.times) result.log.as_of = as_of;
  quality.clean = size_of_log(result.log, ctx);
  tell(reporter, quality);
  return result;
}

}  // namespace nextbest
