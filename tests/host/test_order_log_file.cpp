#include <csignal>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "host/store/h5_writer.hpp"
#include "host/store/order_log_check.hpp"
#include "host/store/order_log_file.hpp"
#include "host/store/purchases.hpp"
#include "host/store/seal.hpp"
#include "kernels/core/error.hpp"
#include "tests/host/sample_log.hpp"

namespace nextbest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::read_text;
using testing_support::sample_log;
using testing_support::TempFolder;
using testing_support::write_text;

const FileStamp kStamp{"20240131-abc", "inputs", "settings"};

void expect_equal(const OrderLog& a, const OrderLog& b) {
  EXPECT_EQ(a.items, b.items);
  EXPECT_EQ(a.customers, b.customers);
  EXPECT_EQ(a.orders, b.orders);
  EXPECT_EQ(a.customer_offset, b.customer_offset);
  EXPECT_EQ(a.basket_offset, b.basket_offset);
  EXPECT_EQ(a.basket_order, b.basket_order);
  EXPECT_EQ(a.basket_time, b.basket_time);
  EXPECT_EQ(a.basket_split, b.basket_split);
  EXPECT_EQ(a.line_item, b.line_item);
  EXPECT_EQ(a.line_quantity, b.line_quantity);
  EXPECT_EQ(a.line_price, b.line_price);
  EXPECT_EQ(a.line_time, b.line_time);
  EXPECT_TRUE(a.catalogue == b.catalogue);
  EXPECT_EQ(a.first_time, b.first_time);
  EXPECT_EQ(a.as_of, b.as_of);
  EXPECT_EQ(a.time_zone, b.time_zone);
}

TEST(OrderLogFile, ComesBackEqualInEveryField) {
  const TempFolder folder;
  write_order_log(folder / "orders.h5", sample_log(), kStamp);
  expect_equal(read_order_log(folder / "orders.h5"), sample_log());
  const FileStamp stamp = read_stamp(folder / "orders.h5");
  EXPECT_EQ(stamp.run_id, kStamp.run_id);
  EXPECT_EQ(stamp.inputs_hash, kStamp.inputs_hash);
  EXPECT_EQ(stamp.settings_hash, kStamp.settings_hash);
}

TEST(OrderLogFile, ColumnsThatNobodyReadsAreLeftOut) {
  const TempFolder folder;
  const OrderLog all = sample_log();
  ASSERT_TRUE(!all.line_quantity.empty() && !all.line_price.empty());
  write_order_log(folder / "orders.h5", all, kStamp);
  for (const KeptColumns columns : {KeptColumns::kItemsAndPrices, KeptColumns::kItems}) {
    OrderLog kept = all;
    kept.keep(columns);
    EXPECT_TRUE(kept.line_quantity.empty());
    EXPECT_EQ(kept.line_price.empty(), columns == KeptColumns::kItems);
    EXPECT_TRUE(kept.has_prices());
    const OrderLog back = read_order_log(folder / "orders.h5", columns);
    expect_equal(back, kept);
    EXPECT_TRUE(back.has_prices());
  }
}

TEST(OrderLogFile, TheLeastAndTheEmptyLogComeBack) {
  const TempFolder folder;
  write_order_log(folder / "empty.h5", OrderLog{}, {});
  expect_equal(read_order_log(folder / "empty.h5"), OrderLog{});

  OrderLog least;
  least.items = Dictionary::of_int64({3, 4});
  least.basket_offset = {0, 1, 1, 3};
  least.line_item = {1, 0, 1};
  write_order_log(folder / "least.h5", least, {});
  expect_equal(read_order_log(folder / "least.h5"), least);
}

TEST(OrderLogFile, ManyChunksComeBack) {
  OrderLog log;
  const Offset baskets = 400'000;
  std::vector<std::string> names;
  for (int i = 0; i < 100'000; ++i) names.push_back(std::to_string(1'000'000 + i));
  log.items = Dictionary::of_strings(names);
  for (Offset b = 0; b < baskets; ++b) {
    log.line_item.push_back(static_cast<Code>(b * 7919 % 100'000));
    log.line_price.push_back(b);
    log.basket_offset.push_back(b + 1);
  }
  const TempFolder folder;
  write_order_log(folder / "orders.h5", log, {});
  expect_equal(read_order_log(folder / "orders.h5"), log);
}

TEST(OrderLogFile, PurchasesCountBasketsOfCustomersButNotTestBaskets) {
  const Csr<std::int32_t> counts = purchase_counts(sample_log());
  EXPECT_EQ(counts.cols, 5);
  EXPECT_THAT(counts.indptr, ElementsAre(0, 2, 2, 5));
  EXPECT_THAT(counts.indices, ElementsAre(0, 3, 0, 1, 4));
  EXPECT_THAT(counts.values, ElementsAre(1, 1, 1, 1, 1));
  OrderLog twice = sample_log();
  twice.basket_split.clear();
  EXPECT_THAT(purchase_counts(twice).values, ElementsAre(2, 1, 1, 1, 1));
}

TEST(OrderLogFile, EveryTruncationIsNoticed) {
  const TempFolder folder;
  write_order_log(folder / "orders.h5", sample_log(), kStamp);
  const std::string whole = read_text(folder / "orders.h5");
  for (std::size_t size = 0; size < whole.size(); size += size < 600 ? 37 : 1009) {
    write_text(folder / "cut.h5", whole.substr(0, size));
    EXPECT_THROW(read_order_log(folder / "cut.h5"), DamagedFile) << size;
    EXPECT_THROW(read_stamp(folder / "cut.h5"), DamagedFile) << size;
  }
}

TEST(OrderLogFile, EveryFlippedByteIsNoticed) {
  const TempFolder folder;
  write_order_log(folder / "orders.h5", sample_log(), kStamp);
  const std::string whole = read_text(folder / "orders.h5");
  for (std::size_t at = 0; at < whole.size(); at += at < 1200 ? 7 : 503) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x41);
    write_text(folder / "flipped.h5", flipped);
    EXPECT_THROW(read_order_log(folder / "flipped.h5"), DamagedFile) << at;
  }
}

TEST(OrderLogFile, WhatIsNotOursIsSaidSo) {
  const TempFolder folder;
  write_text(folder / "orders.h5", "order_id,item_id\n1,2\n");
  try {
    read_order_log(folder / "orders.h5");
    FAIL() << "no error";
  } catch (const DamagedFile& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("orders.h5"), HasSubstr("not a nextbest file")));
  }
  EXPECT_THROW(read_order_log(folder / "missing.h5"), DamagedFile);
}

TEST(OrderLogFile, ALogThatDoesNotHoldTogetherIsNotWritten) {
  const std::pair<const char*, void (*)(OrderLog&)> cases[] = {
      {"item outside", [](OrderLog& log) { log.line_item[6] = 5; }},
      {"item negative", [](OrderLog& log) { log.line_item[6] = -1; }},
      {"items not ascending", [](OrderLog& log) { log.line_item[4] = 0; }},
      {"offset descending", [](OrderLog& log) { log.basket_offset[1] = 4; }},
      {"offset beyond", [](OrderLog& log) { log.basket_offset[4] = 8; }},
      {"offset not from 0", [](OrderLog& log) { log.basket_offset[0] = 1; }},
      {"no offset", [](OrderLog& log) { log.basket_offset = {0}; }},
      {"customer beyond", [](OrderLog& log) { log.customer_offset[3] = 5; }},
      {"customers missing", [](OrderLog& log) { log.customer_offset.pop_back(); }},
      {"order outside", [](OrderLog& log) { log.basket_order[0] = 4; }},
      {"too few times", [](OrderLog& log) { log.basket_time.pop_back(); }},
      {"times descending", [](OrderLog& log) { std::swap(log.basket_time[0], log.basket_time[1]); }},
      {"unknown split", [](OrderLog& log) { log.basket_split[0] = static_cast<Split>(3); }},
      {"too few quantities", [](OrderLog& log) { log.line_quantity.pop_back(); }},
      {"too few prices", [](OrderLog& log) { log.line_price.pop_back(); }},
      {"too many line times", [](OrderLog& log) { log.line_time.push_back(0); }},
      {"category outside", [](OrderLog& log) { log.catalogue.category[0].code[0] = 2; }},
      {"brands missing", [](OrderLog& log) { log.catalogue.brand.code.pop_back(); }},
      {"brands twice",
       [](OrderLog& log) {
         log.catalogue.brand.names = {"A", "A"};
       }},
      {"price missing", [](OrderLog& log) { log.catalogue.price.pop_back(); }},
  };
  EXPECT_EQ(order_log_problem(sample_log()), "");
  EXPECT_EQ(order_log_problem(OrderLog{}), "");
  const TempFolder folder;
  for (const auto& [name, spoil] : cases) {
    OrderLog log = sample_log();
    spoil(log);
    EXPECT_NE(order_log_problem(log), "") << name;
    EXPECT_THROW(write_order_log(folder / "orders.h5", log, kStamp), InvalidArgument) << name;
  }
}

/// Whole files, sealed as ours are, whose content is wrong: the reader must not hand it on.
TEST(OrderLogFile, ContentThatDoesNotFitIsDamage) {
  const TempFolder folder;
  const auto write = [&](auto fill) {
    h5::Writer out(folder / "orders.h5", "order_log", 1, kStamp);
    for (const char* group : {"items", "customers", "orders", "baskets"}) out.group(group);
    out.dictionary("items/id", Dictionary::of_int64({1, 2}));
    out.dictionary("customers/id", Dictionary{});
    out.dictionary("orders/id", Dictionary{});
    out.array<Offset>("customers/offset", std::vector<Offset>{0});
    out.array<Offset>("baskets/offset", std::vector<Offset>{0, 2});
    out.attribute("baskets", "first_time", std::int64_t{0});
    out.attribute("baskets", "as_of", std::int64_t{0});
    out.attribute("baskets", "time_zone", std::string("UTC"));
    fill(out);
    out.commit();
  };
  const auto problem = [&]() -> std::string {
    try {
      read_order_log(folder / "orders.h5");
      return "";
    } catch (const DamagedFile& error) {
      return error.what();
    }
  };
  write([](h5::Writer& out) { out.array<Code>("baskets/item", std::vector<Code>{0, 1}); });
  EXPECT_EQ(problem(), "");
  write([](h5::Writer& out) { out.array<Code>("baskets/item", std::vector<Code>{0, 2}); });
  EXPECT_THAT(problem(), HasSubstr("outside the dictionary"));
  write([](h5::Writer&) {});
  EXPECT_THAT(problem(), HasSubstr("no dataset baskets/item"));
  write([](h5::Writer& out) { out.array<std::int64_t>("baskets/item", std::vector<std::int64_t>{0, 1}); });
  EXPECT_THAT(problem(), HasSubstr("wrong type"));
  write([](h5::Writer& out) { out.dictionary("baskets/item", Dictionary::of_strings({"a", "b"})); });
  EXPECT_THAT(problem(), HasSubstr("wrong type"));
  write([](h5::Writer& out) { out.matrix("baskets/item", std::vector<float>{0, 1}, 2, 1); });
  EXPECT_THAT(problem(), HasSubstr("number of dimensions"));
  write([](h5::Writer& out) { out.group("baskets/item"); });
  EXPECT_THAT(problem(), HasSubstr("not a dataset"));
}

/// HDF5's own checksums stand behind the seal.
TEST(OrderLogFile, AChangedChunkIsNoticedUnderAFreshSeal) {
  const TempFolder folder;
  write_order_log(folder / "orders.h5", sample_log(), kStamp);
  std::string bytes = read_text(folder / "orders.h5");
  const std::vector<Code> items = sample_log().line_item;
  const std::string stored(reinterpret_cast<const char*>(items.data()), items.size() * sizeof(Code));
  const std::size_t at = bytes.find(stored);
  ASSERT_NE(at, std::string::npos);
  bytes[at + 4] = 2;
  write_text(folder / "orders.h5", bytes);
  seal_file(folder / "orders.h5", "order_log", 1);
  EXPECT_THROW(read_order_log(folder / "orders.h5"), DamagedFile);
}

TEST(OrderLogFile, ANewerFormatIsSaidSo) {
  const TempFolder folder;
  {
    h5::Writer out(folder / "orders.h5", "order_log", 2, kStamp);
    out.commit();
  }
  try {
    read_order_log(folder / "orders.h5");
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("format version 2, newer than this program's (1)"));
  }
}

/// The disk "fills up" in the middle: a limit on the size of files stands for it. The process must then end in order.
TEST(OrderLogFileDeathTest, AWriteThatFailsHalfWayIsAnOutputError) {
  const TempFolder folder;
  const auto write_under_limit = [&] {
    const rlimit limit{16'384, 16'384};
    std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    OrderLog log;
    log.items = Dictionary::of_int64({1});
    log.line_item.assign(100'000, 0);
    for (Offset b = 0; b < 100'000; ++b) log.basket_offset.push_back(b + 1);
    try {
      write_order_log(folder / "orders.h5", log, kStamp);
    } catch (const OutputError& error) {
      std::fputs(error.what(), stderr);
      std::exit(8);
    }
    std::exit(0);
  };
  EXPECT_EXIT(write_under_limit(), testing::ExitedWithCode(8), "cannot write .*orders.h5: File too large");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

/// For tests/python/test_store.py, which reads the file as users do.
TEST(OrderLogFile, LeavesASampleWhereAsked) {
  const char* folder = std::getenv("NEXTBEST_SAMPLE_DIR");
  if (folder == nullptr) GTEST_SKIP() << "NEXTBEST_SAMPLE_DIR names no folder";
  write_order_log(std::filesystem::path(folder) / "orders.h5", sample_log(), kStamp);
}

TEST(OrderLogFile, WithoutAPlaceItIsAnOutputErrorAndNothingIsLeft) {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "orders.h5");
  EXPECT_THROW(write_order_log(folder / "orders.h5", sample_log(), kStamp), OutputError);
  EXPECT_FALSE(std::filesystem::exists(folder / ".orders.h5.partial"));
}

}  // namespace
}  // namespace nextbest
