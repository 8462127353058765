// What depends on the amount of data: batches, row groups, threads, lines that wait in a file.
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <thread>

#include <arrow/array/builder_dict.h>
#include <arrow/array/builder_primitive.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "host/ingest/id_encoder.hpp"
#include "host/ingest/ingest_bytes.hpp"
#include "host/ingest/line_store.hpp"
#include "host/store/chunk_packing.hpp"
#include "host/store/order_log_file.hpp"
#include "tests/host/ingest_testing.hpp"
#include "tests/host/sample_log.hpp"

namespace nextbest {
namespace {

using testing_support::read_text;

class IngestScale : public IngestTest {
 protected:
  /// Orders of 40,000 lines with everything that the rules look for, in no order.
  Job busy_job() {
    std::mt19937 random(11);
    std::string text = "order_id,customer_id,item_id,ordered_at,quantity,unit_price,split\n";
    for (int i = 0; i < 40'000; ++i) {
      const int order = static_cast<int>(random() % 9'000);
      const std::string customer = order % 11 == 0 ? "" : std::to_string(order % 13 == 0 ? 1 : order % 700);
      text += fmt::format("A{},{},i{},2026-0{}-{:02}T{:02}:00,{},{},{}\n", order, customer, random() % 300,
                          order % 3 + 1, order % 28 + 1, random() % 3 + 8, static_cast<int>(random() % 9) - 1,
                          random() % 20, order % 17 == 0 ? "test" : "train");
    }
    Job job = job_of({write("busy.csv", text)});
    job.clean.not_products = {"i7*"};
    job.clean.cancelled_order_prefix = "A77";
    job.items.path = {write("items.csv", "item_id,name\ni1,One\ni2,Two\n")};
    return job;
  }
  /// Everything that a result says, as text.
  static std::string told(const IngestResult& result) {
    const OrderLog& log = result.log;
    std::string text = text_of(log) + result.quality.to_json().dump();
    for (const auto* column : {&log.basket_time, &log.line_time, &log.customer_offset, &log.basket_offset})
      for (const std::int64_t value : *column) text += fmt::format(" {}", value);
    return text + fmt::format(" {} {} {}", log.first_time, log.as_of, log.catalogue.name.size());
  }
};

TEST_F(IngestScale, ThreadsAndSpillingDoNotShow) {
  for (const bool drop_bulk : {false, true}) {
    Job job = busy_job();
    job.clean.drop_bulk_customers = drop_bulk;
    const IngestResult plain = run(job);
    EXPECT_GT(finding(plain.quality, "returns").lines, 100);
    EXPECT_GT(finding(plain.quality, "duplicates").lines, 100);
    EXPECT_GT(finding(plain.quality, "bulk_customers").lines, 1'000);
    const std::string wanted = told(plain);
    for (const int threads : {1, 3}) {
      for (const std::int64_t max_bytes : {0, 1}) {
        IngestOptions options;
        options.threads = threads;
        options.max_bytes = max_bytes;
        options.spill_folder = path("spill");
        EXPECT_EQ(told(run(job, options)), wanted) << threads << " threads, at most " << max_bytes << " bytes";
        EXPECT_EQ(std::filesystem::exists(path("spill")), max_bytes > 0);
        std::filesystem::remove_all(path("spill"));
      }
    }
  }
}

TEST_F(IngestScale, LinesWaitInAFileThatHasNoName) {
  std::filesystem::create_directories(path("spill"));
  LineStore store(path("spill"));
  store.limit(2 * LineStore::kChunkBytes);
  std::vector<LineChunk> chunks;
  for (std::int64_t c = 0; c < 50; ++c) {
    Line* lines = store.open();
    for (std::int64_t i = 0; i < LineStore::kChunkLines; ++i) {
      lines[i] = Line{};
      lines[i].order = c * 1'000 + i;
    }
    chunks.push_back(store.put(lines, LineStore::kChunkLines - c));
  }
  EXPECT_TRUE(store.has_spilled());
  EXPECT_TRUE(std::filesystem::is_empty(path("spill")));
  for (const std::size_t c : {49, 0, 25, 1}) {  // in any order, and places are used again
    Line* lines = store.take(chunks[c]);
    EXPECT_EQ(chunks[c].lines, LineStore::kChunkLines - static_cast<std::int64_t>(c));
    for (std::int64_t i = 0; i < chunks[c].lines; ++i) ASSERT_EQ(lines[i].order, static_cast<Offset>(c) * 1'000 + i);
    chunks[c] = store.put(lines, chunks[c].lines);
  }
  for (std::size_t c = 0; c < chunks.size(); ++c) {
    Line* lines = store.take(chunks[c]);
    EXPECT_EQ(lines[7].order, static_cast<Offset>(c) * 1'000 + 7);
    store.release(lines);
  }
}

TEST_F(IngestScale, BlocksOfChunksAreUsedAgain) {
  constexpr std::uintptr_t kBlock = std::uintptr_t{1} << 18;
  LineStore store;
  store.shrink();
  std::set<std::uintptr_t> known;  // blocks
  for (int round = 0; round < 3; ++round) {
    std::vector<Line*> opened;
    for (std::int64_t c = 0; c < 300; ++c) {
      Line* lines = opened.emplace_back(store.open(static_cast<std::size_t>((round + c) % 3)));
      for (std::int64_t i = 0; i < LineStore::kChunkLines; ++i) lines[i].order = c;
      const std::uintptr_t block = reinterpret_cast<std::uintptr_t>(lines) / kBlock;
      EXPECT_TRUE(round == 0 || known.contains(block));
      known.insert(block);
      if (c % 7 == 0) {  // one that goes at once must not take the block with it
        store.release(lines);
        opened.pop_back();
      }
    }
    EXPECT_LE(known.size(), 30U);
    std::size_t next = 0;
    for (std::int64_t c = 0; c < 300; ++c) {
      if (c % 7 == 0) continue;
      for (std::int64_t i = 0; i < LineStore::kChunkLines; ++i) ASSERT_EQ(opened[next][i].order, c);
      store.release(opened[next++]);
    }
  }
}

TEST_F(IngestScale, RowGroupsAndDictionariesOfAParquetFile) {
  arrow::StringDictionaryBuilder items;
  arrow::Int64Builder orders;
  std::string csv = "order_id,item_id\n";
  for (std::int64_t i = 0; i < 300'000; ++i) {  // 293 row groups, three batches
    const std::string item = std::string(static_cast<std::size_t>(i % 50), 'x') + std::to_string(i * 7919 % 1000);
    ASSERT_TRUE(items.Append(item).ok());
    ASSERT_TRUE(orders.Append(i / 3 * 1'000'003LL % 77'777'777).ok());
    csv += fmt::format("{},{}\n", i / 3 * 1'000'003LL % 77'777'777, item);
  }
  Job job = job_of({write_parquet(
      "d.parquet", {{"order_id", orders.Finish().ValueOrDie()}, {"item_id", items.Finish().ValueOrDie()}})});
  IngestOptions options;
  options.threads = 2;
  EXPECT_EQ(text_of(run(job, options).log), text_of(run_text(csv).log));
}

TEST_F(IngestScale, IntegersOfTwoKindsInTwoFiles) {
  const auto file = [&](const char* name, const std::shared_ptr<arrow::Array>& orders) {
    return write_parquet(name, {{"order_id", orders}, {"item_id", make(arrow::utf8(), R"(["a", "b"])")}});
  };
  Job job = job_of({file("1.parquet", make(arrow::int64(), "[5, 9223372036854775807]")),
                    file("2.parquet", make(arrow::uint64(), "[5, 18446744073709551615]"))});
  const OrderLog log = run(job).log;
  EXPECT_EQ(log.orders.type(), IdType::kUint64);
  EXPECT_EQ(text_of(log), "5/a | 9223372036854775807/b | 18446744073709551615/b");
  job.orders.path[0] = file("3.parquet", make(arrow::int64(), "[-5, 5]"));  // no 64-bit type holds all of them
  EXPECT_EQ(run(job).log.orders.type(), IdType::kString);
}

TEST_F(IngestScale, IdsAreNumberedInTheirOrder) {
  std::mt19937_64 random(5);
  IdEncoder integers, texts;
  std::map<std::int64_t, Offset> code_of_integer;
  std::map<std::string, Offset> code_of_text;
  for (int i = 0; i < 60'000; ++i) {
    const std::int64_t small = static_cast<std::int64_t>(random() % 50'000),
                       large = static_cast<std::int64_t>(random());
    const std::int64_t id = i % 3 == 0 ? large : i % 3 == 1 ? small : 1'000'000 + small;
    const Offset code = integers.add_int64(id);
    EXPECT_EQ(code_of_integer.emplace(id, code).first->second, code);
    const std::string text = "common-" + std::string(random() % 9, '0') + std::string(random() % 3, '\0') +
                             std::to_string(random() % 20'000);
    const Offset text_code = texts.add_text(text);
    EXPECT_EQ(code_of_text.emplace(text, text_code).first->second, text_code);
  }
  const auto expect_order = [](const IdOrder& order, const auto& code_of) {
    ASSERT_EQ(order.ascending.size(), code_of.size());
    Offset rank = 0;
    for (const auto& [id, code] : code_of) {
      ASSERT_EQ(order.ascending[rank], code) << id;
      ASSERT_EQ(order.rank[code], rank++);
    }
  };
  expect_order(integers.order(), code_of_integer);
  expect_order(texts.order(), code_of_text);
  EXPECT_EQ(integers.order().type, IdType::kInt64);
  std::vector<std::int64_t> column;
  std::vector<Offset> wanted;
  for (const auto& [id, code] : code_of_integer) {
    column.insert(column.end(), 2, id);
    wanted.insert(wanted.end(), 2, code);
  }
  std::vector<Offset> codes(column.size());
  integers.add_int64s(column, codes.data());
  EXPECT_EQ(codes, wanted);
}

TEST(IngestBytes, SpillingNeedsLessButForTheLog) {
  IngestSize size;
  size.lines = 24'000'000;
  size.baskets = 5'000'000;
  size.ids = 7'000'000;
  const IngestBytes bytes = ingest_bytes(size);
  EXPECT_LT(bytes.spilled, bytes.in_memory * 2 / 3);
  EXPECT_GT(bytes.spilled, size.lines * size.line_bytes);
  size.lines = 200'000'000;
  size.baskets = 43'000'000;
  size.ids = 48'000'000;
  EXPECT_LT(ingest_bytes(size).spilled, std::int64_t{8} << 30);
}

/// HDF5's own filters must be able to read what is packed without them, for any content.
TEST(OrderLogFile, ChunksPackedOnSeveralThreadsAreTheSameBytes) {
  OrderLog log;
  std::mt19937_64 random(3);
  log.items = Dictionary::of_int64({7});
  log.line_item.assign(700'000, 0);
  for (Offset line = 0; line < 700'000; ++line) {
    log.basket_offset.push_back(line + 1);
    log.line_price.push_back(static_cast<std::int64_t>(random()));  // nothing to deflate
    log.line_quantity.push_back(line < 300'000 ? 0 : kUnit * static_cast<std::int64_t>(random() % 3));
  }
  const testing_support::TempFolder folder;
  Context ctx;
  write_order_log(folder / "one.h5", log, {}, ctx);
  ctx.threads = 3;
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // HDF5 would note the second
  write_order_log(folder / "three.h5", log, {}, ctx);
  EXPECT_EQ(read_text(folder / "one.h5"), read_text(folder / "three.h5"));
  const OrderLog back = read_order_log(folder / "three.h5");
  EXPECT_EQ(back.line_price, log.line_price);
  EXPECT_EQ(back.line_quantity, log.line_quantity);
  EXPECT_EQ(back.basket_offset, log.basket_offset);
}

}  // namespace
}  // namespace nextbest
