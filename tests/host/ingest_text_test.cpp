// Text files in more than one block, where plain lines end and quotes begin, and what is bad in them.
#include <functional>

#include <gmock/gmock.h>

#include "kernels/core/error.hpp"
#include "tests/host/ingest_testing.hpp"

namespace nextbest {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr int kLinesOfText = 200'000;  // three blocks

class IngestText : public IngestTest {
 protected:
  /// Lines as `line` writes them, from 0, under a header.
  static std::string text(const std::function<std::string(int)>& line) {
    std::string all = "order_id,item_id,quantity,note\n";
    for (int i = 0; i < kLinesOfText; ++i) all += line(i);
    return all;
  }
  static std::string plain(int i, const char* note = "", const char* end = "\n") {
    return fmt::format("{},i{},{},{}{}", i / 3, i * 7919 % 1000, i % 4 + 1, note, end);
  }
  std::string content(const std::string& file) const {
    std::ifstream stream(path(file), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
};

TEST_F(IngestText, QuotesMayBeginAnywhere) {
  const std::string lines = text([](int i) { return plain(i); });
  const std::string wanted = text_of(run_text(lines).log);
  EXPECT_GT(lines.size(), 2'500'000U);
  for (const int quoted : {0, kLinesOfText / 2, kLinesOfText - 1}) {
    const std::string some = text([&](int i) { return plain(i, i == quoted ? "\"a,\n\"\"b\"\"\"" : ""); });
    EXPECT_EQ(text_of(run_text(some).log), wanted) << "quote in line " << quoted;
  }
  const auto expect = [&](const std::string& other, const char* what) {
    EXPECT_EQ(text_of(run_text(other).log), wanted) << what;
  };
  expect(text([](int i) { return plain(i, "", "\r\n"); }), "returns and feeds");
  expect(text([](int i) { return plain(i, "", i < kLinesOfText / 2 ? "\n" : "\r"); }),
         "returns alone, from the middle on");
  expect(text([](int i) { return plain(i) + (i % 1000 == 0 ? "\n\r\n" : ""); }), "empty lines");
  expect(text([](int i) { return plain(i, "", i + 1 == kLinesOfText ? "" : "\n"); }), "last line without an end");
  expect("\xef\xbb\xbf" + lines, "byte order mark");
  expect("\n\n" + lines, "empty lines before the header");
}

TEST_F(IngestText, BrokenLinesBeforeAndBehindTheFirstQuote) {
  for (const int quoted : {10, kLinesOfText / 2, kLinesOfText}) {
    for (const int broken : {20, kLinesOfText / 2 + 10, kLinesOfText - 1}) {
      const std::string some =
          text([&](int i) { return i == broken ? "1,i1\n" : plain(i, i == quoted ? "\"two\nlines\"" : ""); });
      const int line = broken + 2 + (quoted < broken ? 1 : 0);
      EXPECT_THAT(refusal<DataError>(job_of({write("bad.csv", some)})),
                  AllOf(HasSubstr(fmt::format("line {}: the line has 2 fields", line))))
          << "quote in line " << quoted;
    }
  }
}

TEST_F(IngestText, ThreadsDoNotShowInWhatIsBad) {
  const std::string some = text([](int i) {
    return i % 9'001 == 5 ? "1,i1\n" : i % 7'001 == 6 ? fmt::format("{},i1,many,\n", i) : plain(i);
  });
  const Job job = job_of({write("bad.csv", some)});
  IngestOptions options;
  options.reject_file = path("rejects.csv");
  for (const std::int64_t allowed : {0, 3, 17, 100}) {
    options.max_bad_rows = allowed;
    const auto outcome = [&](int threads) {
      options.threads = threads;
      const std::string refused = refusal<DataError>(job, options);
      return refused + content("rejects.csv");
    };
    const std::string wanted = outcome(1);
    EXPECT_EQ(wanted.find("more than the") != std::string::npos, allowed > 0 && allowed < 38) << allowed;
    for (const int threads : {2, 4, 4}) EXPECT_EQ(outcome(threads), wanted) << threads << ", allowed " << allowed;
  }
}

}  // namespace
}  // namespace nextbest
