# layer(NAME DIR <folder> SOURCES <files> [DEPS <layers>] [PRIVATE <targets>]
#       [PUBLIC <targets>])
#
# One static library a layer. Its include root holds nothing but the layer
# itself, so that a file that includes a layer it does not depend on fails to
# compile: "storage/entries.h" is found only by those who link `storage`.
# A layer can only depend on layers declared before it.
function(layer name)
  cmake_parse_arguments(arg "" "DIR" "SOURCES;DEPS;PRIVATE;PUBLIC" ${ARGN})
  get_filename_component(folder ${arg_DIR} NAME)
  set(root ${CMAKE_BINARY_DIR}/layers/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${arg_DIR} ${root}/${folder} SYMBOLIC)
  foreach(dep ${arg_DEPS})
    if(NOT TARGET ${dep})
      message(FATAL_ERROR "layer ${name}: ${dep} is not declared above it")
    endif()
  endforeach()
  if(NOT arg_SOURCES)  # headers only
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${root})
    target_link_libraries(${name} INTERFACE ${arg_DEPS} ${arg_PUBLIC})
    return()
  endif()
  list(TRANSFORM arg_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/${arg_DIR}/)
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${root})
  target_link_libraries(${name} PUBLIC ${arg_DEPS} ${arg_PUBLIC}
                        PRIVATE ${arg_PRIVATE})
endfunction()
