#pragma once

#include <string>

namespace nextbest {

/// Version of the arrow library that the program runs with.
std::string arrow_version();

}  // namespace nextbest
