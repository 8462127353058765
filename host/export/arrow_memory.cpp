#include "host/export/arrow_memory.hpp"

#include <arrow/memory_pool.h>

namespace nextbest {

void release_arrow_memory() {
  arrow::default_memory_pool()->ReleaseUnused();
}

}  // namespace nextbest
