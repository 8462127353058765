# Most of the time of compiling models, host and tests goes into the same headers and the same JSON, file after file: so
# many files of one folder go through the compiler together, which halves it. What the files of a folder keep to
# themselves must therefore differ in name.
function(nextbest_compile_together target at_a_time)
  if(NOT NEXTBEST_TOGETHER)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source ${sources})
    cmake_path(GET source PARENT_PATH folder)
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${folder})
    string(REPLACE "/" "_" folder ${folder})
    math(EXPR files_of_${folder} "0${files_of_${folder}} + 1")
    math(EXPR group "${files_of_${folder}} / ${at_a_time}")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${folder}_${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()
