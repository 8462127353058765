#pragma once

#include <string>
#include <vector>

namespace nextbest {

/// `nextbest init`: looks at the names, types and a sample of the values of the tables that `paths` name, tells the
/// order lines from the catalogue, guesses the mapping of columns and the rules of cleaning, and returns a commented
/// job file (TOML) that runs as it is. Item ids, order ids and quantities of up to five million lines are read to find
/// codes that are no products, returns, and files that overlap.
/// @throws DataError no file, not readable, or no table with an item and an order or a customer (says what was seen)
std::string guess_job_file(const std::vector<std::string>& paths);

}  // namespace nextbest
