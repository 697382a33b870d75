# LibTorch for the trainer: Debian's libtorch-dev (1.13), or the one inside a PyTorch wheel:
#
#   cmake --preset release -DCMAKE_PREFIX_PATH=$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path)')
#
# Defines the target libtorch and OCRDET_TRAIN_ENABLED. Of a wheel the files are named here, since its own CMake package
# wants a whole CUDA toolkit, of which this program needs nothing, and its include folder holds another fmt than ours.

set(OCRDET_TRAIN_ENABLED OFF)
if(OCRDET_TRAIN STREQUAL "OFF")
  return()
endif()

# Ends the file (a macro's return is its caller's); an error only where the trainer was asked for.
macro(ocrdet_trainer_lacks what advice)
  if(OCRDET_TRAIN STREQUAL "ON")
    message(FATAL_ERROR "OCRDET_TRAIN=ON, but there is no ${what}: ${advice}.")
  endif()
  message(STATUS "No ${what}: ocrdet-train is not built.")
  return()
endmacro()

# Of a wheel: torch/share/cmake is the prefix, torch/lib and torch/include are what it means.
set(LIBTORCH_WHEEL "")
foreach(prefix ${CMAKE_PREFIX_PATH})
  if(EXISTS ${prefix}/../../lib/libtorch_cpu.so AND EXISTS ${prefix}/Torch/TorchConfigVersion.cmake)
    file(REAL_PATH ${prefix}/../.. LIBTORCH_WHEEL)
    include(${prefix}/Torch/TorchConfigVersion.cmake)
    set(Torch_VERSION ${PACKAGE_VERSION})
  endif()
endforeach()

if(LIBTORCH_WHEEL)
  set(TORCH_INCLUDE_DIRS ${CMAKE_BINARY_DIR}/libtorch ${CMAKE_BINARY_DIR}/libtorch/torch/csrc/api/include)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/libtorch)
  foreach(folder ATen c10 torch)
    file(CREATE_LINK ${LIBTORCH_WHEEL}/include/${folder} ${CMAKE_BINARY_DIR}/libtorch/${folder} SYMBOLIC)
  endforeach()
  set(TORCH_LIBRARIES ${LIBTORCH_WHEEL}/lib/libtorch_cpu.so ${LIBTORCH_WHEEL}/lib/libc10.so)
  # Nothing of it is called by name: what it registers when it is loaded makes CUDA available.
  if(EXISTS ${LIBTORCH_WHEEL}/lib/libtorch_cuda.so)
    list(PREPEND TORCH_LIBRARIES -Wl,--no-as-needed ${LIBTORCH_WHEEL}/lib/libtorch_cuda.so -Wl,--as-needed)
  endif()
else()
  find_package(Torch QUIET)
  if(NOT Torch_FOUND)
    ocrdet_trainer_lacks("LibTorch" "install libtorch-dev, or name one with -DCMAKE_PREFIX_PATH (docs/training.md)")
  endif()
endif()

if((LIBTORCH_WHEEL AND Torch_VERSION VERSION_LESS 2.6) OR TORCH_CXX_FLAGS MATCHES "_GLIBCXX_USE_CXX11_ABI=0")
  message(FATAL_ERROR "LibTorch ${Torch_VERSION} was built for the old layout of std::string, which no library of this "
                      "system has; take PyTorch 2.6 or newer, or libtorch-dev.")
endif()

# c10d's header wants those of Gloo, which LibTorch holds as code but not as headers.
find_path(GLOO_INCLUDE_DIR gloo/context.h)
if(NOT GLOO_INCLUDE_DIR)
  ocrdet_trainer_lacks("header of Gloo" "install libgloo-dev")
endif()

# at::parallel_for lies in headers, and works with one thread where the compiler is not told of OpenMP. The flag alone, not
# the library's path: libgomp.so.1 is then the one beside LibTorch where there is one.
find_package(OpenMP QUIET COMPONENTS CXX)
if(NOT OpenMP_CXX_FOUND)
  ocrdet_trainer_lacks("OpenMP" "take GCC, or install libomp-dev")
endif()

add_library(libtorch INTERFACE)
target_compile_options(libtorch INTERFACE ${OpenMP_CXX_FLAGS})
target_link_options(libtorch INTERFACE ${OpenMP_CXX_FLAGS})
target_link_libraries(libtorch INTERFACE ${TORCH_LIBRARIES})
target_include_directories(libtorch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS} ${GLOO_INCLUDE_DIR})
target_compile_definitions(libtorch INTERFACE USE_C10D_GLOO)
set(OCRDET_TRAIN_ENABLED ON)
message(STATUS "LibTorch ${Torch_VERSION}: ocrdet-train is built.")
