#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "host/job/job.hpp"

namespace nextbest {

/// Someone who is shown every key of the job file: the reader fills the values in, the writer writes them out. So
/// there is one list of keys (job_keys.cpp), and what is written can be read.
class JobKeys {
 public:
  virtual ~JobKeys() = default;
  virtual void open(const char* section) = 0;  ///< a table inside the open one
  virtual void close() = 0;
  /// A list of tables `[[name]]`: given how many the job holds, returns how many to visit; each lies between
  /// open_entry and close.
  virtual std::size_t entries(const char* name, std::size_t size) = 0;
  virtual void open_entry(const char* name, std::size_t index) = 0;

  virtual void key(const char* name, std::string& value) = 0;
  virtual void key(const char* name, bool& value) = 0;
  virtual void key(const char* name, int& value) = 0;
  virtual void key(const char* name, std::int64_t& value) = 0;
  virtual void key(const char* name, std::uint64_t& value) = 0;
  virtual void key(const char* name, double& value) = 0;
  virtual void key(const char* name, std::vector<int>& value) = 0;
  /// Strings only; `ids` also takes integers, `one_or_more` also a single string, `moment` also TOML dates.
  virtual void key(const char* name, std::vector<std::string>& value) = 0;
  virtual void ids(const char* name, std::vector<std::string>& value) = 0;
  virtual void one_or_more(const char* name, std::vector<std::string>& value) = 0;
  virtual void moment(const char* name, std::string& value) = 0;
  /// One of some names; `value` is the place in `names`.
  virtual void choice(const char* name, std::size_t& value, std::span<const std::string> names) = 0;
  /// A key that contradicts what was read before.
  virtual void refuse(const char* name, const std::string& why) = 0;
  /// Free keys out of a known list, each a string.
  virtual void columns(std::map<std::string, std::string>& value, std::span<const std::string> known) = 0;
};

/// Shows every key of the format, in the order of its description.
void visit_keys(JobKeys& keys, Job& job);

/// Ranges and contradictions. @throws UsageError whose message begins with the key
void check_ranges(const Job& job);

}  // namespace nextbest
