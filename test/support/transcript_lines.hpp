#pragma once

#include <string>

/// Rows as an agent writes them to its transcript, without what no reader looks at.
namespace failover::test {

inline std::string row_head(std::string const& type, std::string const& uuid) {
  return R"({"parentUuid":null,"isSidechain":false,"type":")" + type + R"(","uuid":")" + uuid +
         R"(","timestamp":"2026-11-22T19:35:49.712Z","cwd":"/home/dev/project","sessionId":"c-1","version":"2.1.330",)";
}

inline std::string prompt_line(std::string const& uuid, std::string const& text = "go on") {
  return row_head("user", uuid) + R"("message":{"role":"user","content":")" + text + "\"}}\n";
}

inline std::string reply_line(std::string const& uuid) {
  return row_head("assistant", uuid) +
         R"("message":{"model":"claude-opus-5-5","role":"assistant","content":[{"type":"text","text":"Done."}]}})" +
         "\n";
}

/// A row that decides nothing.
inline std::string attachment_line(std::size_t bytes) {
  return R"({"parentUuid":null,"attachment":{"type":"environment","text":")" + std::string(bytes, 'x') +
         "\"},\"type\":\"attachment\",\"uuid\":\"a\"}\n";
}

}  // namespace failover::test
