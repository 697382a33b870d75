# ocrdet_embed(TARGET FILE NAME): makes FILE's bytes part of TARGET, as `extern const std::span<const std::byte> NAME` in
# namespace ocrdet (declare it where it is used). Its array has a name of its own: sources may be compiled together.
function(ocrdet_embed target file name)
  set(source ${CMAKE_BINARY_DIR}/embedded/${name}.cpp)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  if(NOT EXISTS ${source} OR ${file} IS_NEWER_THAN ${source} OR
     ${CMAKE_CURRENT_FUNCTION_LIST_FILE} IS_NEWER_THAN ${source})
    file(READ ${file} digits HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${digits}")
    file(WRITE ${source} "#include <cstddef>\n#include <span>\n\nnamespace ocrdet {\n\n"
      "static const unsigned char ${name}Bytes[] = {${bytes}};\n"
      "extern const std::span<const std::byte> ${name};\n"
      "const std::span<const std::byte> ${name} = std::as_bytes(std::span(${name}Bytes));\n\n}  // namespace ocrdet\n")
  endif()
  target_sources(${target} PRIVATE ${source})
endfunction()
