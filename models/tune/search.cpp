#include "models/tune/search.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

constexpr std::uint64_t kDrawStream = 0x7475'6e65;
constexpr Offset kDepth = 60;  // candidates per source; what lies below does not reach the first ten
constexpr Offset kFirstLook = 1500, kMostStep = 3;  // first looks: so many customers, or every third
constexpr int kBatch = 4, kFinalists = 2;
constexpr int kDrawsForNew = 8;                      // tries for a proposal that was not looked at before
constexpr double kLeastShare = 0.1;                  // of the trials, for a source without weight, next to the heaviest
constexpr double kWideShare = 0.25;                  // of the time, at most, is kept for wider embeddings
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
  bool offers = false;  // anything to anybody
  int batches = 0;
  double gain = 0, slowest = 0;  // seconds
  std::vector<TrialRecord> looks;
};

struct Proposal {
  TrialRecord looked;
  FittedWindows fitted;  // kept from the first look to the second; empty where they differ
  SharedLists lists;     // of all customers, where the first look saw them
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
        windows_(task.windows.size()),
        step_(std::clamp<Offset>(bench_.customers() / kFirstLook, 1, kMostStep)),
        draws_(options.seed, kDrawStream) {}

  TuneResult run() {
    first_lists();
    const double before = mean(now_);
    if (options_.seconds_left && kWideCost * embedding_seconds_ < kWideShare * options_.seconds_left())
      reserve_ = kWideCost * embedding_seconds_;
    while (trials_ < most_trials()) {
      stop_if_cancelled();
      const std::optional<std::size_t> next = next_arm();
      if (!next) break;
      batch(*next);
    }
    widen_embeddings();
    return result(before);
  }

 private:
  void first_lists() {
    for (const std::string& name : params_.recommend.sources) {
      stop_if_cancelled();
      Arm arm;
      arm.source = name;
      arm.best = arm.before = tuned_fields(params_, name);
      const Clock::time_point begin = Clock::now();
      const FittedWindows fitted = bench_.fit(ctx_, name, params_);
      if (fitted.empty()) continue;
      arm.lists = bench_.lists(ctx_, fitted, 1);
      const std::vector<Code>& items = arm.lists->item;
      arm.offers = std::any_of(items.begin(), items.end(), [](Code item) { return item != kNoCode; });
      arm.slowest = std::chrono::duration<double>(Clock::now() - begin).count();
      if (name == "ials") embedding_seconds_ = arm.slowest;
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

  int most_trials() const { return options_.trials > 0 ? options_.trials : kMostTrials; }

  bool affords(const Arm& arm) const {
    return !options_.seconds_left || options_.seconds_left() - reserve_ > kFinalists * arm.slowest;
  }

  // Every source has a batch; after that the heavier ones in the blend have more of them. Null: no time for any.
  std::optional<std::size_t> next_arm() const {
    const double heaviest = *std::max_element(weights_.begin(), weights_.end());
    std::optional<std::size_t> next;
    double best = 0;
    for (std::size_t a = 0; a < arms_.size(); ++a) {
      const Arm& arm = arms_[a];
      if (!arm.offers || arm.best.empty() || !affords(arm)) continue;
      const double share = kLeastShare + (heaviest > 0 ? weights_[a] / heaviest : 0);
      const double due = arm.batches == 0 ? std::numeric_limits<double>::infinity() : share / arm.batches;
      if (due > best) {
        best = due;
        next = a;
      }
    }
    return next;
  }

  void stop_if_cancelled() const {
    if (ctx_.cancelled && ctx_.cancelled()) throw Interrupted(ExitCode::kInterrupted);
  }

  static bool was_looked_at(const Arm& arm, const std::vector<TunedField>& fields) {
    return same_values(fields, arm.best) || std::any_of(arm.looks.begin(), arm.looks.end(), [&](const TrialRecord& r) {
             return same_values(fields, r.fields);
           });
  }

  std::vector<TunedField> propose(const Arm& arm, bool anywhere) {
    const double width = kFirstWidth * std::pow(kShrink, std::max(0, arm.batches - 1));
    std::vector<TunedField> fields = arm.best;
    for (int i = 0; i < kDrawsForNew && was_looked_at(arm, fields); ++i)
      fields = draw_move(arm.best, width, anywhere, draws_);
    return fields;
  }

  void batch(std::size_t a) {
    Arm& arm = arms_[a];
    std::vector<SharedLists> others;
    for (const Arm& other : arms_) others.push_back(step_ == 1 ? other.lists : bench_.every(*other.lists, step_));
    std::vector<Proposal> made;
    for (int i = 0; i < kBatch && trials_ < most_trials() && affords(arm); ++i) {
      stop_if_cancelled();
      if (callbacks_.progress) callbacks_.progress(trials_);
      made.push_back(first_look(a, propose(arm, i % 2 == 0), others));
      ++trials_;
    }
    ++arm.batches;
    std::stable_sort(made.begin(), made.end(),
                     [](const Proposal& x, const Proposal& y) { return x.looked.gain > y.looked.gain; });
    take_best(a, made);
  }

  RecommenderParams params_of(const Arm& arm, const std::vector<TunedField>& fields, bool shortened) const {
    RecommenderParams params = with_fields(params_, arm.source, fields);
    if (shortened) params.embeddings.iterations = (params.embeddings.iterations + 2) / 3;
    return params;
  }

  // Where all customers are looked at with the parameters as they are, this is all there is to know of a proposal.
  bool is_whole(const Arm& arm) const { return step_ == 1 && arm.source != "ials"; }

  Proposal first_look(std::size_t a, std::vector<TunedField> fields, std::vector<SharedLists> lists) {
    Arm& arm = arms_[a];
    Proposal proposal;
    TrialRecord record;
    record.source = arm.source;
    record.stage = is_whole(arm) ? "whole" : "first look";
    record.fields = std::move(fields);
    proposal.looked = measured(a, std::move(record), [&](TrialRecord& fresh) {
      proposal.fitted = bench_.fit(ctx_, arm.source, params_of(arm, fresh.fields, true));
      lists[a] = bench_.lists(ctx_, proposal.fitted, step_);
      if (is_whole(arm)) proposal.lists = lists[a];
      if (is_whole(arm) || arm.source == "ials") proposal.fitted.clear();  // no more use, or cut short
      judge(lists, step_, a, fresh);
    });
    arm.looks.push_back(proposal.looked);
    return proposal;
  }

  // What the blend in place is worth to the customers that are looked at, window after window.
  std::vector<std::vector<double>> now_by_window(Offset step) const {
    std::vector<std::vector<double>> now(windows_);
    for (std::size_t w = 0; w < windows_; ++w)
      for (Offset at = bench_.first_row(w, 1); at < bench_.first_row(w + 1, 1); at += step) now[w].push_back(now_[at]);
    return now;
  }

  // Fills in what the lists are worth with the best weight of source a.
  void judge(const std::vector<SharedLists>& lists, Offset step, std::size_t a, TrialRecord& record) {
    std::vector<double> weights = weights_, now;
    const std::vector<double> then = bench_.ndcg(ctx_, lists, step, a, weights);
    record.least_gain = std::numeric_limits<double>::infinity();
    for (const std::vector<double>& here : now_by_window(step)) {
      const auto begin = then.begin() + static_cast<std::ptrdiff_t>(now.size());
      const std::vector<double> then_here(begin, begin + static_cast<std::ptrdiff_t>(here.size()));
      record.least_gain = std::min(record.least_gain, mean(then_here) - mean(here));
      now.insert(now.end(), here.begin(), here.end());
    }
    record.ndcg = mean(then);
    record.gain = record.ndcg - mean(now);
    record.noise = paired_error(then, now);
  }

  // The record from an earlier search, or of `measure` now. A fit that fails is worth nothing.
  template <class Measure>
  TrialRecord measured(std::size_t a, TrialRecord record, const Measure& measure) {
    const std::size_t index = measurements_++;
    const TrialRecord* known = callbacks_.recall ? callbacks_.recall(index) : nullptr;
    if (known && known->source == record.source && known->stage == record.stage &&
        same_values(known->fields, record.fields)) {
      record.ndcg = known->ndcg;
      record.gain = known->gain;
      record.least_gain = known->least_gain;
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
    arms_[a].slowest = std::max(arms_[a].slowest, record.seconds);
    record.accepted = accepts(record);
    if (callbacks_.record) callbacks_.record(index, record);
    return record;
  }

  static bool accepts(const TrialRecord& record) {
    return record.stage != "first look" && record.gain > record.noise && record.least_gain > 0;
  }

  // Looks at all customers for the first of `made`, and puts the best of them in the source's place.
  void take_best(std::size_t a, std::vector<Proposal>& made) {
    TrialRecord best;
    SharedLists best_lists;
    for (std::size_t i = 0; i < std::min<std::size_t>(kFinalists, made.size()); ++i) {
      stop_if_cancelled();
      TrialRecord record = made[i].looked;
      SharedLists lists = made[i].lists;
      if (record.stage == "first look") {
        record.stage = "full";
        record = measured(a, record, [&](TrialRecord& fresh) {
          lists = full_lists(a, fresh.fields, std::move(made[i].fitted));
          judge(lists_with(a, lists), 1, a, fresh);
        });
      }
      if (!record.accepted || record.gain <= best.gain) continue;
      best = record;
      best_lists = std::move(lists);
    }
    if (best.accepted) accept(a, best, std::move(best_lists));
  }

  SharedLists full_lists(std::size_t a, const std::vector<TunedField>& fields, FittedWindows fitted) {
    if (fitted.empty()) fitted = bench_.fit(ctx_, arms_[a].source, params_of(arms_[a], fields, false));
    return bench_.lists(ctx_, fitted, 1);
  }

  void accept(std::size_t a, const TrialRecord& record, SharedLists lists) {
    Arm& arm = arms_[a];
    arm.lists = lists ? std::move(lists) : full_lists(a, record.fields, {});
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
      TrialRecord wide;
      wide.source = "ials";
      wide.stage = "wide";
      wide.fields = arms_[a].best;
      for (TunedField& field : wide.fields)
        if (field.name == "factors") field.value = std::min(2 * field.value, kMostFactors);
      SharedLists lists;
      const TrialRecord record = measured(a, std::move(wide), [&](TrialRecord& fresh) {
        lists = full_lists(a, fresh.fields, {});
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
  std::size_t windows_;
  Offset step_;  // of first looks
  Draws draws_;
  std::vector<Arm> arms_;
  std::vector<double> weights_;  // of the blend of what is in place ...
  std::vector<double> now_;      // ... and its NDCG@10 by customer
  std::size_t measurements_ = 0;
  int trials_ = 0;
  double embedding_seconds_ = 0, reserve_ = 0;
};

}  // namespace

TuneResult tune(Context& ctx, const TuneTask& task, const RecommenderParams& start, const TuneOptions& options,
                const TuneCallbacks& callbacks) {
  start.recommend.validate();
  start.embeddings.validate();
  return TuneSearch(ctx, task, start, options, callbacks).run();
}

}  // namespace nextbest
