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
  void choice(const char* name, std::size_t& value, std::span<const std::string> names) override;
  void refuse(const char*, const std::string&) override {}
  void columns(std::map<std::string, std::string>& value, std::span<const std::string> known) override;

 protected:
  void value(const char* name, JobValue to, Written how) override;

 private:
  void header(const std::string& line);
  void line(const char* name, const std::string& value);

  std::vector<std::string> path_;
  std::vector<std::pair<std::string, std::string>> sections_;
};

}  // namespace nextbest
