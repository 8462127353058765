#pragma once

#include <filesystem>
#include <vector>

#include "host/export/table.hpp"
#include "host/synth/world.hpp"

namespace nextbest {

/// items.parquet: item_id, name, department, category, brand, price, cost. @throws OutputError
WrittenFile write_synth_items(const World& world, const std::filesystem::path& out_dir);

/// truth/*.parquet, one file per kind of truth; `report` gets the numbers. @throws OutputError
std::vector<WrittenFile> write_synth_truth(const World& world, const std::filesystem::path& out_dir,
                                           SynthReport& report);

}  // namespace nextbest
