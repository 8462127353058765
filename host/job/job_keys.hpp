#pragma once

#include <map>
#include <span>
#include <string>
#include <variant>
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

  template <class T>
  void key(const char* name, T& to) {
    value(name, &to, Written::kPlainly);
  }
  void ids(const char* name, std::vector<std::string>& to) { value(name, &to, Written::kAsIds); }
  void one_or_more(const char* name, std::vector<std::string>& to) { value(name, &to, Written::kOneOrMore); }
  void moment(const char* name, std::string& to) { value(name, &to, Written::kAsMoment); }
  /// One of some names; `value` is the place in `names`.
  virtual void choice(const char* name, std::size_t& value, std::span<const std::string> names) = 0;
  /// A key that contradicts what was read before.
  virtual void refuse(const char* name, const std::string& why) = 0;
  /// Free keys out of a known list, each a string.
  virtual void columns(std::map<std::string, std::string>& value, std::span<const std::string> known) = 0;

 protected:
  using JobValue = std::variant<std::string*, bool*, int*, std::int64_t*, std::uint64_t*, double*, std::vector<int>*,
                                std::vector<std::string>*>;
  /// How strings may stand in the file: as strings only; lists of ids also with integers in them; lists of one also
  /// without brackets; moments also as TOML dates.
  enum class Written { kPlainly, kAsIds, kOneOrMore, kAsMoment };
  virtual void value(const char* name, JobValue to, Written how) = 0;
};

/// Shows every key of the format, in the order of its description.
void visit_keys(JobKeys& keys, Job& job);

/// Ranges and contradictions. @throws UsageError whose message begins with the key
void check_ranges(const Job& job);

}  // namespace nextbest
