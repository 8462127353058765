// Any bytes as a text file of orders: they become an order log that fits together, or are refused with one of our
// errors. The first byte chooses the cleaning rules.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "host/ingest/ingest.hpp"
#include "kernels/core/error.hpp"
#include "tests/fuzz/scratch_file.hpp"

namespace {

nextbest::Job job_for(const std::string& path, unsigned choice) {
  const char* const returns[] = {"net", "drop", "keep"};
  const char* const duplicates[] = {"merge", "first", "error"};
  std::string text = "[job]\nout_dir = \"out\"\n[input.orders]\npath = \"" + path + "\"\nformat = \"csv\"\n[clean]\n";
  text += std::string("returns = \"") + returns[choice % 3] + "\"\n";
  text += std::string("duplicates = \"") + duplicates[choice / 3 % 3] + "\"\n";
  text += std::string("repeated_orders = \"") + (choice / 9 % 2 != 0 ? "first_file" : "keep") + "\"\n";
  text += std::string("zero_price = \"") + (choice / 18 % 2 != 0 ? "drop" : "keep") + "\"\n";
  text += "cancelled_order_prefix = \"C\"\nnot_products = [\"POST*\"]\n";
  return nextbest::parse_job(text, "fuzz.toml");
}

void must(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const nextbest::fuzz::ScratchFile file("orders.csv");
  if (size == 0) return 0;
  file.write(data + 1, size - 1);
  nextbest::SilentReporter reporter;
  nextbest::IngestOptions options;
  options.max_bad_rows = data[0] >= 128 ? 3 : 0;
  options.reject_file = file.path().parent_path() / "rejected.csv";
  options.now = 1'700'000'000'000'000;
  try {
    const nextbest::IngestResult result = nextbest::ingest(job_for(file.path(), data[0] % 36), options, reporter);
    const nextbest::HistoryView history = result.log.history();
    must(history.lines() == static_cast<nextbest::Offset>(history.item.size()));
    for (const nextbest::Code item : history.item) must(item >= 0 && item < history.items);
  } catch (const nextbest::Error&) {
  }
  return 0;
}
