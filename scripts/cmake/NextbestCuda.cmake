# Who provides the cuda:: operations that kernels/ops declares:
#   OFF   kernels/absent: every operation throws BackendNotBuilt
#   ON    kernels/cuda, compiled by nvcc
#   SIMT  the same files, compiled by the C++ compiler against the emulator in tests/simt
if(NEXTBEST_CUDA STREQUAL "ON")
  enable_language(CUDA)
  find_package(CUDAToolkit REQUIRED)
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 does not know it of nvcc 13
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  endif()
endif()

# Machine code for every generation from A100 on that this compiler knows, and PTX for those to come.
function(nextbest_cuda_architectures result)
  execute_process(COMMAND ${CMAKE_CUDA_COMPILER} --list-gpu-code OUTPUT_VARIABLE known)
  set(list)
  foreach(generation 80 90 100)
    if(known MATCHES "sm_${generation}")
      list(APPEND list ${generation}-real)
      set(newest ${generation})
    endif()
  endforeach()
  set(${result} ${list} ${newest}-virtual PARENT_SCOPE)
endfunction()

function(nextbest_compile_with_nvcc target)
  nextbest_cuda_architectures(architectures)
  set_target_properties(${target} PROPERTIES CUDA_ARCHITECTURES "${architectures}" CUDA_STANDARD 20
                        CUDA_RUNTIME_LIBRARY Static)
  # No contraction, as on the CPU: where a fused multiplication is wanted, the code says fma.
  set(options --expt-relaxed-constexpr --fmad=false $<$<BOOL:${NEXTBEST_WERROR}>:-Werror=all-warnings>)
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CUDA>:${options}>")
  target_link_libraries(${target} PRIVATE CUDA::cudart_static CUDA::cublas CUDA::cusolver)
endfunction()

function(nextbest_compile_for_emulator target sources)
  file(GLOB emulator CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/simt/*.cpp)
  add_library(nextbest_simt STATIC ${emulator})
  target_link_libraries(nextbest_simt PUBLIC LAPACK::LAPACK PRIVATE nextbest_options)
  if(NEXTBEST_SANITIZE MATCHES thread)
    # The emulator's own bookkeeping is no race: only the kernels are watched.
    set_source_files_properties(${emulator} PROPERTIES COMPILE_OPTIONS -fno-sanitize=thread
                                COMPILE_DEFINITIONS NEXTBEST_SIMT_TSAN)
  endif()
  nextbest_emulated_sources(${sources})
  target_link_libraries(${target} PUBLIC nextbest_simt)
endfunction()

# CUDA sources as plain C++, with the emulator's headers in the place of CUDA's. To be called where their target is.
macro(nextbest_emulated_sources)
  set_source_files_properties(${ARGN} PROPERTIES LANGUAGE CXX INCLUDE_DIRECTORIES ${CMAKE_SOURCE_DIR}/tests/simt)
endmacro()

function(nextbest_provide_cuda target)
  file(GLOB absent CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/kernels/absent/*.cpp)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/kernels/cuda/*.cu)
  if(NEXTBEST_CUDA STREQUAL "OFF")
    target_sources(${target} PRIVATE ${absent})
    return()
  endif()
  # Operations without a provider yet are absent.
  foreach(source ${absent})
    get_filename_component(name ${source} NAME_WE)
    if(NOT EXISTS ${CMAKE_SOURCE_DIR}/kernels/cuda/${name}.cu)
      list(APPEND sources ${source})
    endif()
  endforeach()
  target_sources(${target} PRIVATE ${sources})
  list(FILTER sources INCLUDE REGEX "\\.cu$")
  if(NEXTBEST_CUDA STREQUAL "ON")
    nextbest_compile_with_nvcc(${target})
  elseif(NEXTBEST_CUDA STREQUAL "SIMT")
    nextbest_compile_for_emulator(${target} "${sources}")
  else()
    message(FATAL_ERROR "NEXTBEST_CUDA=${NEXTBEST_CUDA}: there are OFF, ON and SIMT")
  endif()
endfunction()
