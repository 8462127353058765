#pragma once

/// Before a loop whose arrays are to stay in registers: nvcc writes it out.
#ifdef __CUDACC__
#define NEXTBEST_UNROLL _Pragma("unroll")
#else
#define NEXTBEST_UNROLL
#endif
