#pragma once

namespace nextbest {

/// Gives memory that Arrow's allocator keeps for later back to the system.
void release_arrow_memory();

}  // namespace nextbest
