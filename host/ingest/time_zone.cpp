#include "host/ingest/time_zone.hpp"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/compute/api.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

bool is_utc(const std::string& zone) {
  return zone.empty() || zone == "UTC" || zone == "Etc/UTC" || zone == "Z";
}

arrow::Datum wrap(std::span<const Micros> times, std::shared_ptr<arrow::DataType> type) {
  auto values = arrow::Buffer::Wrap(times.data(), times.size());
  return arrow::MakeArray(
      arrow::ArrayData::Make(std::move(type), static_cast<std::int64_t>(times.size()), {nullptr, values}));
}

/// Copies the result over the times, but for those that are missing.
void put_back(const arrow::Result<arrow::Datum>& result, const std::string& zone, std::span<Micros> times) {
  if (!result.ok()) {
    throw UsageError(
        fmt::format("time_zone \"{}\": {}; use a name of the IANA time zone database such as "
                    "\"Europe/Berlin\" (package tzdata), or \"UTC\"",
                    zone, result.status().message()));
  }
  const auto moved = result->make_array();
  const auto* values = moved->data()->GetValues<std::int64_t>(1);
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i] != kNoTime) times[i] = values[i];
  }
}

std::vector<Micros> without_missing(std::span<const Micros> times) {
  std::vector<Micros> filled(times.begin(), times.end());
  for (Micros& time : filled) time = time == kNoTime ? 0 : time;
  return filled;
}

}  // namespace

void initialize_compute() {
  static const arrow::Status status = arrow::compute::Initialize();
  if (!status.ok()) throw InvalidArgument("Arrow's compute functions cannot be started: " + status.message());
}

void local_to_utc(std::span<Micros> times, const std::string& zone) {
  if (is_utc(zone) || times.empty()) return;
  initialize_compute();
  using Options = arrow::compute::AssumeTimezoneOptions;
  const Options options(zone, Options::AMBIGUOUS_EARLIEST, Options::NONEXISTENT_LATEST);
  const std::vector<Micros> filled = without_missing(times);
  put_back(arrow::compute::AssumeTimezone(wrap(filled, arrow::timestamp(arrow::TimeUnit::MICRO)), options), zone,
           times);
}

void utc_to_local(std::span<Micros> times, const std::string& zone) {
  if (is_utc(zone) || times.empty()) return;
  initialize_compute();
  const std::vector<Micros> filled = without_missing(times);
  put_back(arrow::compute::LocalTimestamp(wrap(filled, arrow::timestamp(arrow::TimeUnit::MICRO, zone))), zone, times);
}

void check_time_zone(const std::string& zone) {
  Micros moment = 0;
  local_to_utc({&moment, 1}, zone);
}

}  // namespace nextbest
