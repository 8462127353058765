#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <toml++/toml.h>

#include "host/job/job_keys.hpp"

namespace nextbest {

/// "file:line" of a node, or the text of `--set`.
std::string place_of(const toml::node& node);

/// Fills a job from a parsed file and refuses what the format does not know.
class JobReader : public JobKeys {
 public:
  explicit JobReader(const toml::table& root);
  /// Refuses unknown top-level keys; call it after visit_keys. @throws UsageError
  void finish();
  bool given(const std::string& path) const { return places_.contains(path); }
  /// Where a key of the file stands; empty when it was not given.
  std::string place(const std::string& path) const;

  void open(const char* section) override;
  void close() override;
  std::size_t entries(const char* name, std::size_t size) override;
  void open_entry(const char* name, std::size_t index) override;
  void choice(const char* name, std::size_t& value, std::span<const std::string> names) override;
  void refuse(const char* name, const std::string& why) override;
  void columns(std::map<std::string, std::string>& value, std::span<const std::string> known) override;

 protected:
  void value(const char* name, JobValue to, Written how) override;

 private:
  struct Level {
    const toml::table* table;  ///< null: the file does not have this section
    std::string path;
    std::vector<std::string> known;
  };
  const toml::node* take(const char* name);
  std::string path_of(const char* name) const;
  std::int64_t integer(const toml::node& node, const char* name, std::int64_t low, std::int64_t high) const;
  std::string text(const toml::node& node, const char* name, bool integers_too) const;
  void read(const toml::node& node, const char* name, std::string& value, Written how) const;
  void read(const toml::node& node, const char* name, bool& value, Written how) const;
  void read(const toml::node& node, const char* name, int& value, Written how) const;
  void read(const toml::node& node, const char* name, std::int64_t& value, Written how) const;
  void read(const toml::node& node, const char* name, std::uint64_t& value, Written how) const;
  void read(const toml::node& node, const char* name, double& value, Written how) const;
  void read(const toml::node& node, const char* name, std::vector<int>& value, Written how) const;
  void read(const toml::node& node, const char* name, std::vector<std::string>& value, Written how) const;
  [[noreturn]] void fail(const toml::node& node, const char* name, const std::string& what) const;
  [[noreturn]] void wrong_type(const toml::node& node, const char* name, const std::string& wanted) const;

  std::vector<Level> levels_;
  std::map<std::string, std::string> places_;
};

}  // namespace nextbest
