#include <array>
#include <filesystem>
#include <functional>

#include "host/ingest/log_size.hpp"
#include "host/job/files.hpp"
#include "host/job/memory_size.hpp"
#include "host/job/process_memory.hpp"
#include "host/job/stages.hpp"
#include "host/job/time_text.hpp"
#include "kernels/core/parallel.hpp"

namespace nextbest {
namespace {

nlohmann::json details_of(const IngestResult& result) {
  const OrderLog& log = result.log;
  LogSize size = size_of(log);
  size.text = result.text;
  nlohmann::json inputs = nlohmann::json::array();
  for (const InputFile& file : result.inputs)
    inputs.push_back(
        {{"path", file.path}, {"bytes", file.bytes}, {"rows", file.rows}, {"fingerprint", file.fingerprint}});
  return {{"inputs", inputs},
          {"size", to_json(size)},
          {"lines", log.lines()},
          {"baskets", log.baskets()},
          {"items", log.items.size()},
          {"customers", log.customers.size()},
          {"first_time", time_text(log.first_time)},
          {"as_of", time_text(log.as_of)}};
}

StageOutcome run_ingest(Session& session) {
  const Context ctx = session.context("lines");
  IngestOptions options;
  options.max_bad_rows = session.options().max_bad_rows;
  options.reject_file = (session.work() / "rejected_rows.csv").string();
  options.now = session.started();
  options.threads = ctx.threads;
  options.max_bytes = parse_memory_size(session.job().max_host_memory, total_host_bytes(), "device.max_host_memory");
  options.inputs = session.inputs();
  options.spill_folder = session.work().string();
  IngestResult result = ingest(session.job(), options, session.reporter());
  throw_if_interrupted();
  Context on_all_threads;  // that nothing cancels: half a file is none
  on_all_threads.threads = ctx.threads;
  write_order_log(session.work() / "orders.h5", result.log, session.stamp("ingest"), on_all_threads);
  StageOutcome outcome;
  std::string sha256;
  const std::array<std::function<void()>, 2> last = {[&] { sha256 = sha256_of_file(session.work() / "orders.h5"); },
                                                     [&] { outcome.details = details_of(result); }};
  parallel_for(on_all_threads, std::ssize(last), 1, [&](std::int64_t i, std::int64_t, int) { last[i](); });
  outcome.files = {{"orders.h5", 0, result.log.lines(), sha256},
                   write_work_file(session, kCleaning, result.quality.to_json())};
  session.keep_log(std::move(result.log));
  return outcome;
}

}  // namespace

Stage ingest_stage(Session& session) {
  const Job& job = session.job();
  const std::string settings = session.inputs_hash() + section_text(job, "input") + section_text(job, "clean") +
                               job.as_of + "\n" + job.time_zone + "\n" + std::to_string(session.options().max_bad_rows);
  return {"ingest",
          {},
          {},
          settings,
          {"orders.h5", kCleaning, "rejected_rows.csv"},
          [&session] { return run_ingest(session); },
          {}};
}

}  // namespace nextbest
