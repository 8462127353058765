#include "models/blend/ranker_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "kernels/core/parallel.hpp"
#include "kernels/math/rank_order.hpp"

namespace nextbest {
namespace {

constexpr Offset kRankerCutoff = 10;
constexpr double kWorthIt = 1.01;        // a more complicated blend has to gain 1 %
constexpr Offset kAlwaysTaken = 30;      // of the candidates a customer did not buy, the first so many train ...
constexpr Offset kThinning = 4;          // ... and of the rest every fourth, with four times the weight
constexpr Offset kFewestForTrees = 300;  // customers who bought something; fewer teach trees only noise
constexpr int kRoundsAtOnce = 10;        // trees that grow between two looks at the order that they give ...
constexpr int kPatience = 60;            // ... and rounds without a better one after which they are grown

// Training rows: all that was bought, and enough of what was not.
struct Sample {
  std::vector<float> x, label, weight;
  TreeRows view(std::size_t features) const {
    return {{x.data(), static_cast<Offset>(label.size()), static_cast<Offset>(features)}, label, weight};
  }
};

// Calls take(candidate, weight) for every training row of the customers in `wanted` folds.
void for_each_row(const RankerData& data, const auto& wanted, const auto& take) {
  for (Offset c = 0; c < data.customers(); ++c) {
    if (!wanted(data.fold[c])) continue;
    for (Offset at = data.offset[c]; at < data.offset[c + 1]; ++at) {
      const Offset place = at - data.offset[c];
      const bool thinned = data.label[at] == 0 && place >= kAlwaysTaken;
      if (!thinned || (place + c) % kThinning == 0) take(at, thinned ? static_cast<float>(kThinning) : 1.0f);
    }
  }
}

void add_sample(const RankerData& data, const auto& wanted, Sample& sample) {
  const auto width = static_cast<Offset>(data.features);
  std::size_t rows = sample.label.size();
  for_each_row(data, wanted, [&](Offset, float) { ++rows; });
  sample.x.reserve(rows * data.features);  // the largest of what a fit holds: not a byte too many
  for_each_row(data, wanted, [&](Offset at, float weight) {
    sample.x.insert(sample.x.end(), data.x.begin() + at * width, data.x.begin() + (at + 1) * width);
    sample.label.push_back(data.label[at]);
    sample.weight.push_back(weight);
  });
}

Sample sample_of(const RankerData& data, const auto& wanted) {
  Sample sample;
  add_sample(data, wanted, sample);
  return sample;
}

// Gives every candidate of the customers in `wanted` folds its score, by what it had before.
template <class Wanted, class ScoreOf>
void score_customers(Context& ctx, const RankerData& data, const Wanted& wanted, const ScoreOf& score_of,
                     std::vector<float>& score) {
  parallel_for(ctx, data.customers(), 64, [&](Offset begin, Offset end, int) {
    for (Offset c = begin; c < end; ++c) {
      if (!wanted(data.fold[c])) continue;
      for (Offset at = data.offset[c]; at < data.offset[c + 1]; ++at)
        score[at] = score_of(data.x.data() + at * static_cast<Offset>(data.features), score[at]);
    }
  });
}

auto but(int fold) {
  return [fold](int f) { return f != fold; };
}
auto all_folds() {
  return [](int) { return true; };
}

// What is judged: customers of `judged`, by a model that learnt from others.
struct Lesson {
  Sample learnt;
  int fold;  // of the judged customers; kFolds: all of them
  bool judges(int f) const { return fold == kFolds || f == fold; }
};

std::vector<Lesson> lessons_of(const RankerData& data, const RankerData* before) {
  std::vector<Lesson> lessons;
  if (before) {
    lessons.push_back({sample_of(*before, all_folds()), kFolds});
  } else {
    for (int fold = 0; fold < kFolds; ++fold) lessons.push_back({sample_of(data, but(fold)), fold});
  }
  return lessons;
}

std::vector<float> logistic_scores(Context& ctx, const RankerData& data, const std::vector<Lesson>& lessons) {
  std::vector<float> score(data.label.size());
  for (const Lesson& lesson : lessons) {
    const Logistic model = fit_logistic(ctx, lesson.learnt.view(data.features));
    score_customers(
        ctx, data, [&](int f) { return lesson.judges(f); }, [&](const float* x, float) { return model.score(x); },
        score);
  }
  return score;
}

// Trees grow until the order of those who are judged has not become better for a while: it still gains where the loss
// that they are grown for has become flat. Leaves the best number of rounds in params.
std::vector<float> tree_scores(Context& ctx, const RankerData& data, std::vector<Lesson> lessons, TreeParams& params) {
  std::vector<TreeTrainer> trainers;
  for (Lesson& lesson : lessons) {
    trainers.emplace_back(lesson.learnt.view(data.features), params);
    lesson.learnt = {};  // the trainer has what it needs
  }
  std::vector<float> score(data.label.size()), best;
  double highest = -1;
  int taken = 0;
  for (int grown = 0; grown < params.rounds && grown - taken < kPatience; grown += kRoundsAtOnce) {
    for (std::size_t l = 0; l < lessons.size(); ++l) {
      trainers[l].grow(kRoundsAtOnce);
      const TreeEnsemble trees = trainers[l].trees();
      score_customers(
          ctx, data, [&](int f) { return lessons[l].judges(f); },
          [&](const float* x, float before) { return trees.score(x, before, static_cast<std::size_t>(grown)); }, score);
    }
    const double ndcg = ranked_ndcg(data, score);
    if (!(ndcg > highest)) continue;
    highest = ndcg;
    taken = grown + kRoundsAtOnce;
    best = score;
  }
  params.rounds = taken;
  return best;
}

Offset buyers(const RankerData& data) {
  return std::count_if(data.ideal.begin(), data.ideal.end(), [](double ideal) { return ideal > 0; });
}

}  // namespace

double ranked_ndcg(const RankerData& data, std::span<const float> score) {
  double sum = 0;
  Offset counted = 0;
  std::vector<Offset> order;
  for (Offset c = 0; c < data.customers(); ++c) {
    if (!(data.ideal[c] > 0)) continue;
    ++counted;
    order.resize(static_cast<std::size_t>(data.offset[c + 1] - data.offset[c]));
    std::iota(order.begin(), order.end(), data.offset[c]);
    const Offset length = std::min<Offset>(kRankerCutoff, static_cast<Offset>(order.size()));
    std::partial_sort(order.begin(), order.begin() + length, order.end(), [&](Offset x, Offset y) {
      return ranks_before({score[x], data.popularity[x], data.item[x]}, {score[y], data.popularity[y], data.item[y]});
    });
    double dcg = 0;
    for (Offset place = 0; place < length; ++place)
      dcg += data.label[order[place]] / std::log2(static_cast<double>(place) + 2);
    sum += dcg / data.ideal[c];
  }
  return counted == 0 ? 0 : sum / static_cast<double>(counted);
}

BlendReport fit_ranker(Context& ctx, const RankerData& data, const RankerData* before, BlendModel& model) {
  BlendReport report;
  report.customers = data.customers();
  model.kind = BlendKind::kWeights;
  std::array<std::vector<float>, 3> score;
  score[0] = data.sum;
  report.ndcg[0] = ranked_ndcg(data, score[0]);
  TreeParams params;
  if (before && buyers(*before) < kFewestForTrees) before = nullptr;
  report.earlier_customers = before ? before->customers() : 0;
  if (buyers(data) >= kFewestForTrees) {
    std::vector<Lesson> lessons = lessons_of(data, before);
    score[1] = logistic_scores(ctx, data, lessons);
    report.ndcg[1] = ranked_ndcg(data, score[1]);
    if (trees_are_built()) {
      score[2] = tree_scores(ctx, data, std::move(lessons), params);
      report.ndcg[2] = ranked_ndcg(data, score[2]);
      report.rounds = params.rounds;
    }
  }
  const double best = *std::max_element(report.ndcg, report.ndcg + 3);
  while (report.ndcg[static_cast<int>(model.kind)] * kWorthIt < best)
    model.kind = static_cast<BlendKind>(static_cast<int>(model.kind) + 1);
  report.kind = model.kind;
  const std::vector<float> equal(data.label.size(), 1.0f);
  model.probability = fit_isotonic(score[static_cast<int>(model.kind)], data.label, equal);
  if (model.kind == BlendKind::kWeights) return report;
  Sample all = sample_of(data, all_folds());
  if (before) add_sample(*before, all_folds(), all);
  if (model.kind == BlendKind::kLogistic) model.logistic = fit_logistic(ctx, all.view(data.features));
  if (model.kind == BlendKind::kTrees) model.trees = train_trees(all.view(data.features), params);
  return report;
}

}  // namespace nextbest
