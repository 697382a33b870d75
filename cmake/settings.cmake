# Compiler settings shared by every target.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# libocrdet.so shows what the public headers declare; they say so themselves.
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Precompiled headers and ccache agree only when the header's time stamp is left out of the hash; of a second clone it
  # knows the files when their names do not begin with the folder's.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE_PROGRAM})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM AND NOT OCRDET_BUILD_FUZZERS)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
# Designated initialisers name what differs from the defaults; what they leave out is meant.
add_compile_options(-Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms: on string concatenation (GCC bug 105651), on std::optional (GCC bug 80635).
  add_compile_options(-Wno-restrict -Wno-maybe-uninitialized)
endif()
# A file of ours is small beside the headers that it reads: a component's files are compiled a few at a time. Names that
# only one file uses must therefore be the only ones of their component. clang-tidy (scripts/lint.sh) takes file by file.
option(CMAKE_UNITY_BUILD "Compile several files at once" ON)
# For code that takes longer to compile than it runs: tests, and commands, each of which compiles all of CLI11 again.
set(OCRDET_COMPILED_QUICKLY $<$<CONFIG:Release>:-O1>)
if(OCRDET_WERROR)
  add_compile_options(-Werror)
endif()

if(OCRDET_SANITIZE)
  add_compile_options(-fsanitize=${OCRDET_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${OCRDET_SANITIZE})
endif()
if(OCRDET_BUILD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
