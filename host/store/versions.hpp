#pragma once

#include <string>

namespace nextbest {

/// Version of the hdf5 library that the program runs with.
std::string hdf5_version();

}  // namespace nextbest
