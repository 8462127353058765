#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/job/job_keys.hpp"

namespace nextbest {

/// Writes every key of a job as TOML that JobReader reads back to the same job.
class JobWriter : public JobKeys {
 public:
  /// The text of each top-level section, in order of visiting.
  const std::vector<std::pair<std::string, std::string>>& sections() const { return sections_; }

  void open(const char* section) override;
  void close() override;
  std::size_t entries(const char* name, std::size_t size) override;
  void open_entry(const char* name, std::size_t index) override;
  void key(const char* name, std::string& value) override;
  void key(const char* name, bool& value) override;
  void key(const char* name, int& value) override;
  void key(const char* name, std::int64_t& value) override;
  void key(const char* name, std::uint64_t& value) override;
  void key(const char* name, double& value) override;
  void key(const char* name, std::vector<int>& value) override;
  void key(const char* name, std::vector<std::string>& value) override;
  void ids(const char* name, std::vector<std::string>& value) override;
  void one_or_more(const char* name, std::vector<std::string>& value) override;
  void moment(const char* name, std::string& value) override;
  void choice(const char* name, std::size_t& value, std::span<const std::string> names) override;
  void refuse(const char*, const std::string&) override {}
  void columns(std::map<std::string, std::string>& value, std::span<const std::string> known) override;

 private:
  void header(const std::string& line);
  void line(const char* name, const std::string& value);

  std::vector<std::string> path_;
  std::vector<std::pair<std::string, std::string>> sections_;
};

}  // namespace nextbest
