#pragma once

#include <string>
#include <vector>

#include "host/job/session.hpp"

namespace nextbest {

/// The stages of a job, in the order in which they run. One file each; every one reads the order log and what the
/// stages before it left, and writes into the work folder.
Stage ingest_stage(Session& session);
Stage check_stage(Session& session);
Stage pairs_stage(Session& session);
Stage evaluate_stage(Session& session);
Stage train_stage(Session& session);
Stage recommend_stage(Session& session);
Stage export_stage(Session& session);

void add_stages(Session& session);

/// The names in the order of the manifest.
const std::vector<std::string>& stage_names();

/// Files that people are shown, never published: what a summary on the screen is made of.
inline constexpr const char* kExamples = "examples/";

/// The fitted blend, from the evaluate stage to the recommend stage.
inline constexpr const char* kBlendFile = "blend.json";

/// What cleaning found, from the ingest stage to the check stage.
inline constexpr const char* kCleaning = "cleaning.json";

/// Why a stage that works for customers was passed over.
inline constexpr const char* kNoCustomers = "the orders have no customers; map [input.orders.columns] customer_id";

/// A small file of the work folder. @throws OutputError
WrittenFile write_work_file(Session& session, const std::string& path, const nlohmann::json& json);
/// Null when it is not there or cannot be read.
nlohmann::json read_work_file(const Session& session, const std::string& path);

/// Writes a table of the work folder again under the session's run id.
std::vector<WrittenFile> restamp_table(Session& session, const std::string& table);

}  // namespace nextbest
