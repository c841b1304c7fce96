# ll_test(LIBRARY SOURCE...)   one GoogleTest program LIBRARY_test, its cases found by ctest; LABELS after the sources
# ll_bench(LIBRARY SOURCE...)  one Google Benchmark program LIBRARY_bench (built, never run by ctest)
#
# ll_module(NAME ENTRY SOURCE...)  a shared library beside the program that base/module.hpp loads; exports ENTRY alone
# ll_loads_module(LIBRARY NAME)    programs of LIBRARY find the module NAME; those that call it depend on it (add_dependencies)
#
# ll_compile_alone(SOURCE...)      keeps files out of the groups of a unity build
include(GoogleTest)

function(ll_module name entry)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  target_link_libraries(${name} PRIVATE ll_options)
  if(NOT APPLE)
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}.map "{ global: ${entry}; local: *; };\n")
    target_link_options(${name} PRIVATE -Wl,--version-script=${CMAKE_CURRENT_BINARY_DIR}/${name}.map)
  endif()
endfunction()

function(ll_loads_module library name)
  set(file ${CMAKE_SHARED_MODULE_PREFIX}${name}${CMAKE_SHARED_MODULE_SUFFIX})
  target_compile_definitions(${library} PRIVATE LL_MODULE_FILE="${file}")
endfunction()

function(ll_test library)
  cmake_parse_arguments(arg "" "NAME" "LABELS;LIBRARIES" ${ARGN})
  set(name ${arg_NAME})
  if(NOT name)
    set(name ${library}_test)
  endif()
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${library} ll_options GTest::gmock GTest::gtest_main ${arg_LIBRARIES})
  # Field arithmetic is inlined without end at -O3: a test file took minutes to compile. The libraries keep -O3.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_compile_definitions(${name} PRIVATE LL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  gtest_discover_tests(${name} PROPERTIES LABELS "${arg_LABELS}" DISCOVERY_TIMEOUT 60)
endfunction()

function(ll_bench library)
  add_executable(${library}_bench ${ARGN})
  target_link_libraries(${library}_bench PRIVATE ${library} ll_options benchmark::benchmark_main)
endfunction()

# Files that name something in their own unnamed namespace as another file of the target does: compiled by themselves.
function(ll_compile_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
