#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <arrow/array/array_base.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "host/ingest/ingest.hpp"

namespace nextbest {

/// A temporary folder with input files, gone after the test.
class IngestTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("nextbest_{}_{}_{}", ::getpid(), info->test_suite_name(), info->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// Writes a file, byte for byte, and returns its path.
  std::string write(const std::string& name, const std::string& content) const;
  /// The same content as gzip or zstd.
  std::string write_compressed(const std::string& name, const std::string& content, const std::string& codec) const;
  using Columns = std::vector<std::pair<std::string, std::shared_ptr<arrow::Array>>>;
  std::string write_parquet(const std::string& name, const Columns& columns) const;
  std::string write_ipc(const std::string& name, const Columns& columns) const;
  /// An array from JSON, e.g. make(arrow::int64(), "[1, null]").
  static std::shared_ptr<arrow::Array> make(const std::shared_ptr<arrow::DataType>& type, const std::string& json);

  static Job job_of(const std::vector<std::string>& orders) {
    Job job;
    job.orders.path = orders;
    return job;
  }
  static IngestResult run(const Job& job, const IngestOptions& options = {}) {
    SilentReporter silent;
    return ingest(job, options, silent);
  }
  IngestResult run_text(const std::string& csv) const { return run(job_of({write("orders.csv", csv)})); }
  /// The message of the DataError (or other error of ours) that ingesting throws; empty when it does not.
  template <typename Expected>
  static std::string refusal(const Job& job, const IngestOptions& options = {}) {
    try {
      run(job, options);
    } catch (const Expected& error) {
      return error.what();
    }
    return "";
  }

  std::filesystem::path folder_;
};

/// "order/item x quantity @ price" of every line, baskets parted by " | ", for comparing logs by eye.
std::string text_of(const OrderLog& log);
/// The finding of a rule; lines = 0 when there is none.
RuleFinding finding(const QualityReport& report, const std::string& rule);

}  // namespace nextbest
