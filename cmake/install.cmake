# `cmake --install build --prefix P` puts there:
#
#   bin/ocrdet                 the program
#   lib/libocrdet.so.0         the library, ocrdet::ocrdet: the public interface and nothing else is visible in it
#   lib/ocrdet/                ONNX Runtime, unless it is the system's own (src/runtime/runtime.cpp looks here)
#   include/ocrdet/            the public headers
#   lib/cmake/ocrdet/          find_package(ocrdet)
#   share/ocrdet/models/       trained weights and what they can do (src/cli/shipped_model.cpp looks here)
#   share/doc/ocrdet/          licence and notices
#
# Nothing in the tree knows where it lies: it can be moved.
include(CMakePackageConfigHelpers)

get_property(components GLOBAL PROPERTY OCRDET_COMPONENTS)
list(TRANSFORM components REPLACE "(.+)" "$<TARGET_OBJECTS:ocrdet_\\1>" OUTPUT_VARIABLE objects)
list(TRANSFORM components PREPEND ocrdet_ OUTPUT_VARIABLE libraries)

add_library(ocrdet_library SHARED ${objects})
target_link_libraries(ocrdet_library PRIVATE ${libraries})
target_link_options(ocrdet_library PRIVATE -Wl,--version-script=${CMAKE_CURRENT_LIST_DIR}/libocrdet.map -Wl,--as-needed)
target_include_directories(ocrdet_library INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(ocrdet_library INTERFACE cxx_std_20)
set_target_properties(ocrdet_library PROPERTIES
  OUTPUT_NAME ocrdet EXPORT_NAME ocrdet VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
  LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/libocrdet.map)

install(TARGETS ocrdet RUNTIME)
install(TARGETS ocrdet_library EXPORT ocrdetTargets LIBRARY)
install(DIRECTORY include/ocrdet DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/ocrdet/models
        FILES_MATCHING PATTERN "*.safetensors" PATTERN "*.md")
install(FILES LICENSE THIRD-PARTY-NOTICES.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(ONNXRUNTIME_LIBRARY AND NOT ONNXRUNTIME_LIBRARY MATCHES "^/(usr/)?(local/)?lib")
  file(REAL_PATH ${ONNXRUNTIME_LIBRARY} runtime)
  install(PROGRAMS ${runtime} DESTINATION ${CMAKE_INSTALL_LIBDIR}/ocrdet RENAME libonnxruntime.so)
  cmake_path(GET ONNXRUNTIME_INCLUDE_DIR PARENT_PATH runtime_root)
  install(FILES ${runtime_root}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME LICENSE.onnxruntime OPTIONAL)
endif()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/ocrdet)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ocrdetConfig.cmake.in ${CMAKE_BINARY_DIR}/ocrdetConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/ocrdetConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/ocrdetConfig.cmake ${CMAKE_BINARY_DIR}/ocrdetConfigVersion.cmake
        DESTINATION ${package_folder})
install(EXPORT ocrdetTargets NAMESPACE ocrdet:: DESTINATION ${package_folder})
