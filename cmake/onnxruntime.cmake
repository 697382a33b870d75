# ONNX Runtime is never linked (its symbols carry their version): the build needs only its headers, and puts a link to the
# library beside the program, where src/runtime looks for it.
#
# Looked for: ONNXRUNTIME_ROOT (cache or environment), a system package, then what scripts/fetch-onnxruntime.sh left in the
# user's cache folder.

set(ONNXRUNTIME_ROOT "$ENV{ONNXRUNTIME_ROOT}" CACHE PATH "Folder with include/ and lib/ of ONNX Runtime")
if(DEFINED ENV{XDG_CACHE_HOME})
  set(_ocrdet_cache $ENV{XDG_CACHE_HOME}/ocrdet)
else()
  set(_ocrdet_cache $ENV{HOME}/.cache/ocrdet)
endif()

find_path(ONNXRUNTIME_INCLUDE_DIR onnxruntime_cxx_api.h
          HINTS ${ONNXRUNTIME_ROOT}/include
          PATHS /usr/include /usr/local/include ${_ocrdet_cache}/onnxruntime-1.29.0/include
          PATH_SUFFIXES onnxruntime onnxruntime/core/session)
find_library(ONNXRUNTIME_LIBRARY onnxruntime
             HINTS ${ONNXRUNTIME_ROOT}/lib
             PATHS ${_ocrdet_cache}/onnxruntime-1.29.0/lib)
if(NOT ONNXRUNTIME_INCLUDE_DIR)
  message(FATAL_ERROR "ONNX Runtime's headers are missing: run scripts/fetch-onnxruntime.sh, or set ONNXRUNTIME_ROOT.")
endif()

add_library(onnxruntime_headers INTERFACE)
target_include_directories(onnxruntime_headers SYSTEM INTERFACE ${ONNXRUNTIME_INCLUDE_DIR})
if(ONNXRUNTIME_LIBRARY)
  foreach(folder bin tests)
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/${folder})
    file(CREATE_LINK ${ONNXRUNTIME_LIBRARY} ${CMAKE_BINARY_DIR}/${folder}/libonnxruntime.so SYMBOLIC)
  endforeach()
endif()
