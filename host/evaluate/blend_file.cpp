#include "host/evaluate/blend_file.hpp"

#include <algorithm>

#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

BlendKind kind_of(const std::string& name) {
  const auto found = std::find(std::begin(kBlendKinds), std::end(kBlendKinds), name);
  if (found == std::end(kBlendKinds)) throw DamagedFile("blend.json: unknown kind \"" + name + "\"");
  return static_cast<BlendKind>(found - std::begin(kBlendKinds));
}

void demand(bool condition, const char* what) {
  if (!condition) throw DamagedFile(std::string("blend.json: ") + what);
}

nlohmann::json trees_json(const TreeEnsemble& trees) {
  nlohmann::json feature = nlohmann::json::array(), value = feature, left = feature, right = feature;
  for (const TreeEnsemble::Node& node : trees.nodes) {
    feature.push_back(node.feature);
    value.push_back(node.value);
    left.push_back(node.left);
    right.push_back(node.right);
  }
  return {{"feature", feature}, {"value", value}, {"left", left}, {"right", right}, {"roots", trees.roots}};
}

TreeEnsemble trees_of(const nlohmann::json& json) {
  const auto feature = json.at("feature").get<std::vector<std::int32_t>>();
  const auto left = json.at("left").get<std::vector<std::int32_t>>();
  const auto right = json.at("right").get<std::vector<std::int32_t>>();
  const auto value = json.at("value").get<std::vector<float>>();
  demand(feature.size() == value.size() && left.size() == value.size() && right.size() == value.size(),
         "columns of the trees differ in length");
  TreeEnsemble trees;
  for (std::size_t n = 0; n < value.size(); ++n) trees.nodes.push_back({feature[n], value[n], left[n], right[n]});
  trees.roots = json.at("roots").get<std::vector<std::int32_t>>();
  return trees;
}

BlendModel read(const nlohmann::json& json, const BlendFeatures& features) {
  demand(json.at("features").get<std::vector<std::string>>() == features.names(), "other features");
  BlendModel model;
  model.kind = kind_of(json.at("kind").get<std::string>());
  model.weights = json.at("weights").get<std::vector<double>>();
  model.own_clocks = json.at("own_clocks").get<bool>();
  demand(model.weights.size() == features.sources().size(), "one weight per source");
  model.probability.score = json.at("probability").at("score").get<std::vector<float>>();
  model.probability.probability = json.at("probability").at("probability").get<std::vector<float>>();
  demand(model.probability.score.size() == model.probability.probability.size() &&
             std::is_sorted(model.probability.score.begin(), model.probability.score.end()),
         "the calibration");
  if (model.kind == BlendKind::kLogistic) {
    const nlohmann::json& logistic = json.at("logistic");
    model.logistic.centre = logistic.at("centre").get<std::vector<float>>();
    model.logistic.scale = logistic.at("scale").get<std::vector<float>>();
    model.logistic.weight = logistic.at("weight").get<std::vector<float>>();
    model.logistic.intercept = logistic.at("intercept").get<float>();
    for (const auto* column : {&model.logistic.centre, &model.logistic.scale, &model.logistic.weight})
      demand(column->size() == features.size(), "one number per feature");
  }
  if (model.kind == BlendKind::kTrees) {
    model.trees = trees_of(json.at("trees"));
    demand(model.trees.is_sound(features.size()), "the trees");
  }
  return model;
}

}  // namespace

nlohmann::json blend_json(const BlendModel& model, const BlendFeatures& features) {
  nlohmann::json out = {
      {"kind", kBlendKinds[static_cast<int>(model.kind)]},
      {"sources", features.sources()},
      {"features", features.names()},
      {"weights", model.weights},
      {"own_clocks", model.own_clocks},
      {"probability", {{"score", model.probability.score}, {"probability", model.probability.probability}}}};
  if (model.kind == BlendKind::kLogistic)
    out["logistic"] = {{"centre", model.logistic.centre},
                       {"scale", model.logistic.scale},
                       {"weight", model.logistic.weight},
                       {"intercept", model.logistic.intercept}};
  if (model.kind == BlendKind::kTrees) out["trees"] = trees_json(model.trees);
  return out;
}

BlendModel read_blend(const nlohmann::json& json, const BlendFeatures& features) {
  try {
    return read(json, features);
  } catch (const nlohmann::json::exception& error) {
    throw DamagedFile(std::string("blend.json: ") + error.what());
  }
}

}  // namespace nextbest
