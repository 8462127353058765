#include "host/ingest/ingest.hpp"

#include <algorithm>
#include <cstdlib>

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

/// Where there are no order ids, days stand in for them: the wall clock of the job's time zone decides.
void number_days(RawLines& raw, const std::string& time_zone) {
  if (raw.has_orders || raw.time.empty()) return;
  raw.order = raw.time;
  utc_to_local(raw.order, time_zone);
  for (Offset& day : raw.order) day = day_of(day);
}

std::vector<Found> clean(const Job& job, const IngestOptions& options, RawLines& raw, Micros as_of) {
  std::vector<Found> found;
  found.push_back(drop_homeless_lines(raw));
  found.push_back(drop_future(raw, options.now));
  found.push_back(drop_after(raw, as_of));
  found.push_back(drop_not_products(raw, job.clean.not_products));
  found.push_back(find_zero_price(raw, job.clean.drop_zero_price));
  for (Found& rule : apply_returns(raw, job.clean.returns, job.clean.cancelled_order_prefix)) found.push_back(rule);
  found.push_back(find_bulk_customers(raw, job.clean.drop_bulk_customers));
  return found;
}

Found count_lines(const RawLines& raw, const char* rule, const auto& matches) {
  Found found{rule, "kept", 0, {}};
  for (std::int64_t line = 0; line < raw.lines(); ++line) {
    if (!raw.dropped[line] && matches(line)) found.note(line);
  }
  return found;
}

/// Nothing left: a fail_on rule may say why, otherwise the rules that removed the lines do.
void forbid_empty(const Job& job, const RawLines& raw, const std::vector<Found>& found) {
  if (std::find(raw.dropped.begin(), raw.dropped.end(), 0) != raw.dropped.end()) return;
  QualityReport report;
  report.findings = to_findings(raw, found, job.orders.columns);
  check_quality(report, job.check);
  std::string rules;
  for (const Found& rule : found) {
    if (rule.lines > 0)
      rules += fmt::format("{}{} {} {}", rules.empty() ? "" : ", ", rule.rule, rule.action, rule.lines);
  }
  throw DataError(fmt::format("{}: of {} lines none is left after cleaning ({}); relax the rules of [clean]",
                              raw.files.front().path, raw.lines(), rules));
}

/// Lines and value of the log as the report counts them.
DataSize size_of_log(const OrderLog& log) {
  DataSize size{log.lines(),
                log.orders.size() > 0 ? log.orders.size() : log.baskets(),
                log.items.size(),
                log.customers.size(),
                !log.line_price.empty(),
                0};
  Wide value = 0;
  for (Offset line = 0; line < log.lines() && size.has_value; ++line) {
    const std::int64_t quantity = log.line_quantity.empty() ? kUnit : log.line_quantity[line];
    if (log.line_price[line] != kNoValue) value += static_cast<Wide>(quantity) * log.line_price[line];
  }
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
  IngestResult result;
  result.inputs = find_inputs(job);
  BadRows bad(options.max_bad_rows, options.reject_file);
  const RawCatalogue catalogue = read_catalogue(job, result.inputs, bad, reporter);
  RawLines raw = read_orders(job, result.inputs, bad, reporter);
  raw.use_ascending_codes(catalogue.given ? &catalogue.ids : nullptr);
  number_days(raw, job.time_zone);

  QualityReport& quality = result.quality;
  quality.read = size_of(raw);
  std::vector<Found> found{find_repeated_orders(raw, job.clean.repeated_orders_first_file)};
  quality.distinct = size_of(raw);
  for (Found& rule : clean(job, options, raw, as_of)) found.push_back(std::move(rule));
  forbid_empty(job, raw, found);
  found.push_back(find_unjoined(catalogue, raw));
  if (raw.has_customers && raw.has_orders) {
    found.push_back(count_lines(raw, "anonymous_lines", [&](auto line) { return raw.customer[line] == kNoCode; }));
  }
  if (!raw.quantity.empty()) {
    found.push_back(count_lines(raw, "zero_quantity", [&](auto line) { return raw.quantity[line] == 0; }));
  }
  throw_if_interrupted();
  Found duplicates;
  std::vector<Offset> item_of;
  result.log = build_log(raw, job.clean.duplicates, job.orders.columns, duplicates, item_of);
  found.push_back(duplicates);
  result.log.catalogue = fit_catalogue(catalogue, raw, item_of);
  result.log.time_zone = job.time_zone;
  if (as_of != kNoTime && !raw.time.empty()) result.log.as_of = as_of;

  quality.clean = size_of_log(result.log);
  quality.findings = to_findings(raw, found, job.orders.columns);
  if (bad.count() > 0) {
    const double share = static_cast<double>(bad.count()) / static_cast<double>(bad.count() + raw.lines());
    quality.findings.insert(quality.findings.begin(), {"bad_rows", "dropped", bad.count(), share, bad.examples()});
  }
  for (RuleFinding& finding : find_volume_drop(raw)) quality.findings.push_back(std::move(finding));
  tell(reporter, quality);
  return result;
}

}  // namespace nextbest
