#include "models/tune/space.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace nextbest {
namespace {

constexpr double kOffShare = 0.125;

// Shows the fields of one source to `visit_one` and passes over the others.
class OfSource : public ParamFields {
 public:
  explicit OfSource(std::string_view source) : source_(source) {}
  void open(const char* group) override { inside_ = source_ == group; }
  void close() override { inside_ = false; }
  void flag(const char*, bool&) override {}

 protected:
  bool inside_ = false;

 private:
  std::string_view source_;
};

class Collect : public OfSource {
 public:
  using OfSource::OfSource;
  void number(const char* name, double& value, const Range&, const Search& search) override {
    if (inside_ && search.scale != Search::Scale::kNone) found.push_back({name, search, false, {}, value});
  }
  void whole(const char* name, int& value, const Range&, const Search& search) override {
    if (inside_ && search.scale != Search::Scale::kNone)
      found.push_back({name, search, true, {}, static_cast<double>(value)});
  }
  void choice(const char* name, std::size_t& value, std::span<const std::string> names, bool tuned) override {
    if (inside_ && tuned) found.push_back({name, {}, true, {names.begin(), names.end()}, static_cast<double>(value)});
  }
  std::vector<TunedField> found;
};

class Assign : public OfSource {
 public:
  Assign(std::string_view source, std::span<const TunedField> fields) : OfSource(source), fields_(fields) {}
  void number(const char* name, double& value, const Range&, const Search&) override { take(name, value); }
  void whole(const char* name, int& value, const Range&, const Search&) override { take(name, value); }
  void choice(const char* name, std::size_t& value, std::span<const std::string>, bool) override { take(name, value); }

 private:
  template <class T>
  void take(const char* name, T& value) {
    if (!inside_) return;
    for (const TunedField& field : fields_)
      if (field.name == name) value = static_cast<T>(field.value);
  }
  std::span<const TunedField> fields_;
};

void visit_all(RecommenderParams& params, ParamFields& fields) {
  params.recommend.params.visit(fields);
  fields.open("ials");
  params.embeddings.visit(fields);
  fields.close();
}

double on_scale(const Search& search, double value) {
  return search.scale == Search::Scale::kLog ? std::log(value) : value;
}

// Two to three digits say all that a search can know, and make values readable.
double rounded(const TunedField& field, double value) {
  if (field.whole) return std::round(value);
  if (value == 0) return 0;
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 2);
  return std::round(value / unit) * unit;
}

double from_scale(const TunedField& field, double place) {
  const double value = field.search.scale == Search::Scale::kLog ? std::exp(place) : place;
  return std::clamp(rounded(field, value), field.search.from, field.search.to);
}

}  // namespace

std::string TunedField::text() const {
  if (!names.empty()) return "\"" + names[static_cast<std::size_t>(value)] + "\"";
  std::ostringstream out;
  out.precision(whole ? 15 : 6);
  out << value;
  std::string shown = out.str();
  if (!whole && shown.find_first_of(".e") == std::string::npos) shown += ".0";
  return shown;
}

std::vector<TunedField> tuned_fields(const RecommenderParams& params, std::string_view source) {
  RecommenderParams copy = params;
  Collect collect(source);
  visit_all(copy, collect);
  return collect.found;
}

RecommenderParams with_fields(RecommenderParams params, std::string_view source, std::span<const TunedField> fields) {
  Assign assign(source, fields);
  visit_all(params, assign);
  return params;
}

double draw_anywhere(const TunedField& field, Draws& draws) {
  const double off = draws.uniform(), place = draws.uniform();
  if (!field.names.empty()) {
    const auto names = static_cast<double>(field.names.size());
    return std::min(std::floor(place * names), names - 1);
  }
  if (field.search.zero && off < kOffShare) return 0;
  const double low = on_scale(field.search, field.search.from), high = on_scale(field.search, field.search.to);
  return from_scale(field, low + place * (high - low));
}

double draw_near(const TunedField& field, double width, Draws& draws) {
  const double off = draws.uniform(), step = draws.normal();
  if (!field.names.empty() || (field.search.zero && field.value == 0)) return draw_anywhere(field, draws);
  if (field.search.zero && off < kOffShare) return 0;
  const double low = on_scale(field.search, field.search.from), high = on_scale(field.search, field.search.to);
  const double at = std::clamp(on_scale(field.search, std::max(field.value, field.search.from)), low, high);
  return from_scale(field, std::clamp(at + step * width * (high - low), low, high));
}

std::vector<TunedField> draw_move(const std::vector<TunedField>& from, double width, bool anywhere, Draws& draws) {
  std::vector<TunedField> fields = from;
  const int moved = draws.chance(0.6) ? 1 : 2;
  for (int i = 0; i < moved; ++i) {
    TunedField& field = fields[static_cast<std::size_t>(draws.below(static_cast<std::int64_t>(fields.size())))];
    field.value = anywhere ? draw_anywhere(field, draws) : draw_near(field, width, draws);
  }
  return fields;
}

}  // namespace nextbest
