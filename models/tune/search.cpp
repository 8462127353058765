#include "models/tune/search.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

constexpr std::uint64_t kDrawStream = 0x7475'6e65;
constexpr Offset kDepth = 60;         // candidates per source; what lies below does not reach the first ten
constexpr Offset kFirstLookStep = 3;  // first looks: every third customer
constexpr int kBatch = 6, kFinalists = 2;
constexpr double kFirstWidth = 0.25, kShrink = 0.6;  // steps around the best, in lengths of the scale
constexpr std::size_t kFewestForCorrelation = 6;
constexpr double kMostFactors = 1024, kWideCost = 2.5;  // what twice the factors cost, in fits

using Clock = std::chrono::steady_clock;

double mean(const std::vector<double>& values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Standard error of the mean of a - b.
double paired_error(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  if (n < 2) return 0;
  const double difference = mean(a) - mean(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i] - difference) * (a[i] - b[i] - difference);
  return std::sqrt(sum / (n - 1) / n);
}

std::vector<double> every(const std::vector<double>& values, Offset step) {
  std::vector<double> chosen;
  for (std::size_t i = 0; i < values.size(); i += static_cast<std::size_t>(step)) chosen.push_back(values[i]);
  return chosen;
}

bool same_values(std::span<const TunedField> a, std::span<const TunedField> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const TunedField& x, const TunedField& y) { return x.name == y.name && x.value == y.value; });
}

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) { return values[x] < values[y]; });
  std::vector<double> rank(values.size());
  for (std::size_t begin = 0, end; begin < order.size(); begin = end) {
    for (end = begin + 1; end < order.size() && values[order[end]] == values[order[begin]];) ++end;
    for (std::size_t i = begin; i < end; ++i) rank[order[i]] = static_cast<double>(begin + end - 1) / 2;
  }
  return rank;
}

double rank_correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const std::vector<double> a = ranks(x), b = ranks(y);
  const double centre = (static_cast<double>(a.size()) - 1) / 2;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - centre) * (b[i] - centre);
    aa += (a[i] - centre) * (a[i] - centre);
    bb += (b[i] - centre) * (b[i] - centre);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

// One source in the search.
struct Arm {
  std::string source;
  std::vector<TunedField> before, best;
  SharedLists lists;
  int batches = 0;
  double gain = 0;
  std::vector<TrialRecord> looks;
};

struct Proposal {
  std::vector<TunedField> fields;
  std::unique_ptr<Source> fitted;  // kept from the first look to the second; null where they differ
  double gain = 0;
};

class TuneSearch {
 public:
  TuneSearch(Context& ctx, const TuneTask& task, const RecommenderParams& start, const TuneOptions& options,
             const TuneCallbacks& callbacks)
      : ctx_(ctx),
        options_(options),
        callbacks_(callbacks),
        params_(start),
        bench_(task, kDepth),
        draws_(options.seed, kDrawStream) {}

  TuneResult run() {
    first_lists();
    const double before = mean(now_);
    bool searched = true;
    while (searched && !is_over()) {
      searched = false;
      for (std::size_t a = 0; a < arms_.size() && !is_over(); ++a) {
        if (arms_[a].best.empty()) continue;
        batch(a);
        searched = true;
      }
    }
    widen_embeddings();
    return result(before);
  }

 private:
  void first_lists() {
    for (const std::string& name : params_.recommend.sources) {
      stop_if_cancelled();
      Arm arm{name, tuned_fields(params_, name), {}, nullptr, 0, 0, {}};
      arm.best = arm.before;
      const Clock::time_point begin = Clock::now();
      const std::unique_ptr<Source> fitted = bench_.fit(ctx_, name, params_);
      if (!fitted) continue;
      if (name == "ials") embedding_seconds_ = std::chrono::duration<double>(Clock::now() - begin).count();
      arm.lists = bench_.lists(ctx_, *fitted, 1);
      weights_.push_back(prior_weight(name));
      arms_.push_back(std::move(arm));
    }
    if (arms_.empty()) throw UsageError("recommend.sources: this version has none of the named sources");
    fit_weights();
  }

  std::vector<SharedLists> lists_with(std::size_t a, SharedLists lists) const {
    std::vector<SharedLists> all;
    for (const Arm& arm : arms_) all.push_back(arm.lists);
    if (lists) all[a] = std::move(lists);
    return all;
  }

  // All weights, and what the blend is worth to every customer.
  void fit_weights() { now_ = bench_.ndcg(ctx_, lists_with(0, nullptr), 1, std::nullopt, weights_); }

  bool is_over() {
    stop_if_cancelled();
    return trials_ >= (options_.trials > 0 ? options_.trials : kMostTrials) ||
           (options_.seconds_left && options_.seconds_left() < kFinalists * slowest_ + kWideCost * embedding_seconds_);
  }

  void stop_if_cancelled() const {
    if (ctx_.cancelled && ctx_.cancelled()) throw Interrupted(ExitCode::kInterrupted);
  }

  std::vector<Proposal> proposals(Arm& arm) {
    std::vector<Proposal> made(kBatch);
    const double width = kFirstWidth * std::pow(kShrink, std::max(0, arm.batches - 1));
    for (int i = 0; i < kBatch; ++i) {
      const bool anywhere = arm.batches == 0 ? i % 3 != 2 : i % 3 == 2;
      for (TunedField field : arm.best) {
        field.value = anywhere ? draw_anywhere(field, draws_) : draw_near(field, width, draws_);
        made[i].fields.push_back(std::move(field));
      }
    }
    return made;
  }

  void batch(std::size_t a) {
    Arm& arm = arms_[a];
    std::vector<Proposal> made = proposals(arm);
    ++arm.batches;
    std::vector<SharedLists> others;
    for (const Arm& other : arms_) others.push_back(bench_.every(*other.lists, kFirstLookStep));
    std::size_t looked = 0;
    for (; looked < made.size() && !is_over(); ++looked) {
      if (callbacks_.progress) callbacks_.progress(trials_);
      made[looked].gain = first_look(a, made[looked], others);
      ++trials_;
    }
    made.resize(looked);
    std::stable_sort(made.begin(), made.end(), [](const Proposal& x, const Proposal& y) { return x.gain > y.gain; });
    take_best(a, made);
  }

  RecommenderParams params_of(const Arm& arm, const std::vector<TunedField>& fields, bool shortened) const {
    RecommenderParams params = with_fields(params_, arm.source, fields);
    if (shortened) params.embeddings.iterations = (params.embeddings.iterations + 2) / 3;
    return params;
  }

  double first_look(std::size_t a, Proposal& proposal, std::vector<SharedLists> lists) {
    Arm& arm = arms_[a];
    TrialRecord record = measured({arm.source, "first look", proposal.fields}, [&](TrialRecord& fresh) {
      proposal.fitted = bench_.fit(ctx_, arm.source, params_of(arm, proposal.fields, true));
      lists[a] = bench_.lists(ctx_, *proposal.fitted, kFirstLookStep);
      if (arm.source == "ials") proposal.fitted.reset();  // was cut short
      judge(lists, kFirstLookStep, a, fresh);
    });
    arm.looks.push_back(record);
    return record.gain;
  }

  // Fills in what the lists are worth with the best weight of source a.
  std::vector<double> judge(const std::vector<SharedLists>& lists, Offset step, std::size_t a, TrialRecord& record) {
    std::vector<double> weights = weights_;
    const std::vector<double> then = bench_.ndcg(ctx_, lists, step, a, weights);
    const std::vector<double> now = every(now_, step);
    record.ndcg = mean(then);
    record.gain = record.ndcg - mean(now);
    record.noise = paired_error(then, now);
    return weights;
  }

  // The record from an earlier search, or of `measure` now. A fit that fails is worth nothing.
  template <class Measure>
  TrialRecord measured(TrialRecord record, const Measure& measure) {
    const std::size_t index = measurements_++;
    const TrialRecord* known = callbacks_.recall ? callbacks_.recall(index) : nullptr;
    if (known && known->source == record.source && known->stage == record.stage &&
        same_values(known->fields, record.fields)) {
      record.ndcg = known->ndcg;
      record.gain = known->gain;
      record.noise = known->noise;
      record.accepted = accepts(record);
      return record;
    }
    const Clock::time_point start = Clock::now();
    try {
      measure(record);
    } catch (const NumericalError&) {
      record.gain = -1;
    }
    record.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    slowest_ = std::max(slowest_, record.seconds);
    record.accepted = accepts(record);
    if (callbacks_.record) callbacks_.record(index, record);
    return record;
  }

  static bool accepts(const TrialRecord& record) {
    return record.stage != "first look" && record.gain > 0 && record.gain > record.noise;
  }

  // Looks at all customers for the first of `made`, and puts the best of them in the source's place.
  void take_best(std::size_t a, std::vector<Proposal>& made) {
    TrialRecord best;
    SharedLists best_lists;
    for (std::size_t i = 0; i < std::min<std::size_t>(kFinalists, made.size()); ++i) {
      stop_if_cancelled();
      SharedLists lists;
      const TrialRecord record = measured({arms_[a].source, "full", made[i].fields}, [&](TrialRecord& fresh) {
        lists = full_lists(a, made[i]);
        judge(lists_with(a, lists), 1, a, fresh);
      });
      if (!record.accepted || record.gain <= best.gain) continue;
      best = record;
      best_lists = std::move(lists);
    }
    if (best.accepted) accept(a, best, std::move(best_lists));
  }

  SharedLists full_lists(std::size_t a, Proposal& proposal) {
    if (!proposal.fitted)
      proposal.fitted = bench_.fit(ctx_, arms_[a].source, params_of(arms_[a], proposal.fields, false));
    SharedLists lists = bench_.lists(ctx_, *proposal.fitted, 1);
    proposal.fitted.reset();
    return lists;
  }

  void accept(std::size_t a, const TrialRecord& record, SharedLists lists) {
    Arm& arm = arms_[a];
    Proposal proposal{record.fields, nullptr, 0};
    arm.lists = lists ? std::move(lists) : full_lists(a, proposal);
    arm.best = record.fields;
    arm.gain += record.gain;
    params_ = with_fields(params_, arm.source, arm.best);
    fit_weights();
  }

  // Larger factors cost in proportion and almost never hurt; the search itself works with small ones.
  void widen_embeddings() {
    for (std::size_t a = 0; a < arms_.size(); ++a) {
      if (arms_[a].source != "ials" || weights_[a] == 0) continue;
      if (options_.seconds_left && options_.seconds_left() < kWideCost * embedding_seconds_) return;
      Proposal wide{arms_[a].best, nullptr, 0};
      for (TunedField& field : wide.fields)
        if (field.name == "factors") field.value = std::min(2 * field.value, kMostFactors);
      SharedLists lists;
      const TrialRecord record = measured({"ials", "wide", wide.fields}, [&](TrialRecord& fresh) {
        lists = full_lists(a, wide);
        judge(lists_with(a, lists), 1, a, fresh);
      });
      if (record.accepted) accept(a, record, std::move(lists));
    }
  }

  TuneResult result(double before) const {
    TuneResult out{params_, before, mean(now_), trials_, {}, {}, {}, weights_};
    for (const Arm& arm : arms_) {
      out.sources.push_back(arm.source);
      out.gains.push_back(arm.gain);
      for (std::size_t f = 0; f < arm.best.size(); ++f) {
        std::vector<double> values, gains;
        for (const TrialRecord& look : arm.looks) {
          values.push_back(look.fields[f].value);
          gains.push_back(look.gain);
        }
        const bool enough = arm.looks.size() >= kFewestForCorrelation;
        out.fields.push_back({arm.source, arm.best[f].name, arm.before[f].text(), arm.best[f].text(),
                              enough ? rank_correlation(values, gains) : 0});
      }
    }
    return out;
  }

  Context& ctx_;
  const TuneOptions& options_;
  const TuneCallbacks& callbacks_;
  RecommenderParams params_;  // the best so far
  TuneBench bench_;
  Draws draws_;
  std::vector<Arm> arms_;
  std::vector<double> weights_;  // of the blend of what is in place ...
  std::vector<double> now_;      // ... and its NDCG@10 by customer
  std::size_t measurements_ = 0;
  int trials_ = 0;
  double slowest_ = 0, embedding_seconds_ = 0;
};

}  // namespace

TuneResult tune(Context& ctx, const TuneTask& task, const RecommenderParams& start, const TuneOptions& options,
                const TuneCallbacks& callbacks) {
  start.recommend.validate();
  start.embeddings.validate();
  return TuneSearch(ctx, task, start, options, callbacks).run();
}

}  // namespace nextbest
