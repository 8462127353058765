#pragma once

#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "models/blend/ranker.hpp"

namespace nextbest {

/// A fitted blend as JSON, and back: weights by source, the names of the features that logistic regression and trees
/// see, their numbers, the knots of the calibration.
nlohmann::json blend_json(const BlendModel& model, const BlendFeatures& features);

/// @throws DamagedFile not what blend_json writes for these sources and features
BlendModel read_blend(const nlohmann::json& json, const BlendFeatures& features);

}  // namespace nextbest
