# cf_embed(<out-variable> files...): one generated .cpp that holds the files' text, found by stem
# through adapters/embedded.hpp.
function(cf_embed out)
  set(generated ${CMAKE_BINARY_DIR}/generated/embedded_agents.cpp)
  set(entries "")
  foreach(file ${ARGN})
    get_filename_component(stem ${file} NAME_WE)
    file(READ ${file} text)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    string(APPEND entries "    {\"${stem}\", R\"embedded(${text})embedded\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
"#include \"adapters/embedded.hpp\"

namespace failover::adapters {

std::map<std::string, std::string> const& embedded_agents() {
  static std::map<std::string, std::string> const agents{
@entries@  };
  return agents;
}

}  // namespace failover::adapters
")
  set(${out} ${generated} PARENT_SCOPE)
endfunction()
