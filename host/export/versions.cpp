#include "host/export/versions.hpp"

#include <arrow/config.h>

namespace nextbest {

std::string arrow_version() {
  return arrow::GetBuildInfo().version_string;
}

}  // namespace nextbest
