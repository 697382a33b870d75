# OpenCV's modules one by one: Debian's OpenCVConfig.cmake comes only with libopencv-dev, which drags in GDAL, DICOM and
# some 140 shared libraries that this program must not load (docs/design.md).

find_path(OPENCV_INCLUDE_DIR opencv2/core.hpp PATHS /usr/include/opencv4 PATH_SUFFIXES opencv4 REQUIRED)

function(ocrdet_find_opencv)
  foreach(module ${ARGN})
    if(TARGET opencv_${module})
      continue()
    endif()
    find_library(OPENCV_${module}_LIBRARY opencv_${module} REQUIRED)
    add_library(opencv_${module} UNKNOWN IMPORTED GLOBAL)
    set_target_properties(opencv_${module} PROPERTIES
      IMPORTED_LOCATION ${OPENCV_${module}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${OPENCV_INCLUDE_DIR})
  endforeach()
endfunction()
