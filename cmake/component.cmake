# ocrdet_component(NAME [DEPENDS component…] [USES library…] [TEST_DEPENDS component…])
#
# Builds src/NAME/*.cpp into the static library ocrdet_NAME, and tests/NAME/*_test.cpp into the test program test_NAME.
# DEPENDS names components that its own headers may include; USES names foreign libraries, kept private to it unless its
# headers show them; TEST_DEPENDS names components that only its tests use.
function(ocrdet_component name)
  cmake_parse_arguments(arg "" "" "DEPENDS;USES;TEST_DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  if(NOT sources)
    add_library(ocrdet_${name} INTERFACE)
    set(visibility INTERFACE)
  else()
    add_library(ocrdet_${name} STATIC ${sources})
    set_property(GLOBAL APPEND PROPERTY OCRDET_COMPONENTS ${name})
    set(visibility PUBLIC)
  endif()
  target_include_directories(ocrdet_${name} ${visibility} ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
  list(TRANSFORM arg_DEPENDS PREPEND ocrdet_)
  target_link_libraries(ocrdet_${name} ${visibility} ${arg_DEPENDS} ${arg_USES})

  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${name}/*_test.cpp)
  if(OCRDET_BUILD_TESTS AND tests)
    ocrdet_test(test_${name} SOURCES ${tests} DEPENDS ${name} ${arg_TEST_DEPENDS})
  endif()
endfunction()

# ocrdet_test(NAME SOURCES file… DEPENDS component… [USES library…]): one GoogleTest program, its cases known to ctest.
# Each may use what lies in tests/support: formula weights, unpacked checkpoints.
function(ocrdet_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;USES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  list(TRANSFORM arg_DEPENDS PREPEND ocrdet_)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} test_support ${arg_USES} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE OCRDET_GOLDEN_DIR="${CMAKE_SOURCE_DIR}/tests/golden"
                                             OCRDET_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                             OCRDET_PROGRAM="${CMAKE_BINARY_DIR}/bin/ocrdet"
                                             OCRDET_ONNXRUNTIME_INCLUDE="${ONNXRUNTIME_INCLUDE_DIR}"
                                             OCRDET_ONNXRUNTIME_LIBRARY="${ONNXRUNTIME_LIBRARY}")
  target_compile_options(${name} PRIVATE ${OCRDET_COMPILED_QUICKLY})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  include(GoogleTest)
  # What the sanitizers say about foreign libraries is left out.
  if(OCRDET_SANITIZE STREQUAL thread)
    set(sanitizer_options TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/races.supp:print_suppressions=0)
  else()
    set(sanitizer_options LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/leaks.supp:print_suppressions=0)
  endif()
  # A program that was never loaded may take more than the usual 5 s to list its tests: LibTorch has hundreds of megabytes.
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT 300 ENVIRONMENT ${sanitizer_options})
endfunction()
