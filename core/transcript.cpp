#include "core/transcript.hpp"

namespace failover::core {

std::string_view to_string(RowKind kind) {
  switch (kind) {
    case RowKind::prompt:
      return "prompt";
    case RowKind::reply:
      return "reply";
    case RowKind::tool_result:
      return "tool_result";
    case RowKind::api_error:
      return "api_error";
    case RowKind::notice:
      return "notice";
  }
  return "";
}

std::string project_directory(std::string_view cwd) {
  std::string name(cwd);
  for (char& c : name) {
    bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9')) c = '-';
  }
  return name;
}

}  // namespace failover::core
