#pragma once

#include "kernels/core/parallel.hpp"

namespace nextbest::cpu {

using nextbest::on_every_thread;
using nextbest::parallel_for;

}  // namespace nextbest::cpu
