#pragma once

#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace nextbest {

/// The values that a parameter may have.
struct Range {
  double least = 0;
  double most = std::numeric_limits<double>::infinity();
  bool above = false;          ///< `least` itself is not allowed
  const char* zero = nullptr;  ///< what 0 means, for messages: "no decay"

  bool holds(double value) const { return (above ? value > least : value >= least) && value <= most; }
  std::string text() const;  ///< "must be from 1 to 1024"
};

/// Where `nextbest tune` looks for better values of a parameter; nowhere by default.
struct Search {
  enum class Scale { kNone, kLinear, kLog };
  Scale scale = Scale::kNone;
  double from = 0, to = 0;
  bool zero = false;  ///< 0, which means "off", is tried too

  static Search linear(double from, double to) { return {Scale::kLinear, from, to}; }
  static Search log(double from, double to) { return {Scale::kLog, from, to}; }
  Search or_zero() const { return {scale, from, to, true}; }
};

/// Someone who is shown every parameter of a model, in the order of its `visit`: the job file's reader and writer, the
/// check of ranges, the text that stage keys are made of, and the search space of `tune`. So each parameter is listed
/// once, with its name, range and search, beside its default.
class ParamFields {
 public:
  virtual ~ParamFields() = default;
  virtual void open(const char* group) = 0;  ///< a table inside the open one
  virtual void close() = 0;
  virtual void number(const char* name, double& value, const Range& range, const Search& search = {}) = 0;
  virtual void whole(const char* name, int& value, const Range& range, const Search& search = {}) = 0;
  virtual void flag(const char* name, bool& value) = 0;
  /// One of some names; `value` is the place in `names`, all of which are tried when `tuned`.
  virtual void choice(const char* name, std::size_t& value, std::span<const std::string> names, bool tuned) = 0;
};

/// A choice whose names are listed in the order of an enumeration.
template <class Enum>
requires std::is_enum_v<Enum>
void choice_field(ParamFields& fields, const char* name, Enum& value, const std::vector<std::string>& names,
                  bool tuned = false) {
  auto index = static_cast<std::size_t>(value);
  fields.choice(name, index, names, tuned);
  value = static_cast<Enum>(index);
}

/// Holds every value against its range. @throws UsageError whose message begins with the key, e.g.
/// "recommend.habit.half_life_days: must be ..."
class RangeCheck : public ParamFields {
 public:
  explicit RangeCheck(std::string section) : path_{std::move(section)} {}
  void open(const char* group) override { path_.push_back(path_.back() + "." + group); }
  void close() override { path_.pop_back(); }
  void number(const char* name, double& value, const Range& range, const Search&) override;
  void whole(const char* name, int& value, const Range& range, const Search&) override;
  void flag(const char*, bool&) override {}
  void choice(const char*, std::size_t&, std::span<const std::string>, bool) override {}

 private:
  std::vector<std::string> path_;
};

/// RangeCheck of a struct with `void visit(ParamFields&)`.
template <class Params>
void check_ranges_of(const char* section, Params params) {
  RangeCheck check(section);
  params.visit(check);
}

}  // namespace nextbest
