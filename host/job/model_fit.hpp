#pragma once

#include <memory>
#include <string>

#include "host/job/session.hpp"
#include "models/recommender.hpp"

namespace nextbest {

/// The settings that fitted models depend on, as text for stage keys.
std::string model_settings(const Job& job);

/// Fits every source of the job on all that may be learnt from.
/// factors  embeddings that were fitted on the same data with the same settings, or null
Recommender fit_models(Session& session, std::shared_ptr<const IalsFactors> factors);

/// The fitted models of the train stage: from memory, or fitted again around the stored embeddings.
const Recommender& trained_models(Session& session);

}  // namespace nextbest
