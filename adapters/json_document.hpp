#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace failover::adapters {

/// A value inside a JsonDocument, which must outlive it. Each question is answered with nothing where the value is of
/// another kind.
class JsonNode {
 public:
  JsonNode() = default;

  [[nodiscard]] bool is_null() const;
  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::optional<std::uint64_t> natural() const;
  [[nodiscard]] std::optional<double> number() const;
  [[nodiscard]] std::optional<std::string_view> text() const;

  /// Elements of an array.
  [[nodiscard]] std::optional<std::size_t> length() const;
  [[nodiscard]] JsonNode element(std::size_t index) const;  ///< within length()

  /// Members of an object.
  [[nodiscard]] std::optional<std::size_t> members() const;
  [[nodiscard]] std::optional<JsonNode> member(std::string_view name) const;

 private:
  friend class JsonDocument;
  explicit JsonNode(void const* value) : value_(value) {}

  void const* value_ = nullptr;  ///< the JSON library's, whose name stands in the .cpp only
};

/// A parsed JSON text.
class JsonDocument {
 public:
  /// invalid for what is no JSON.
  [[nodiscard]] static core::Result<JsonDocument> parse(std::string_view text);

  [[nodiscard]] JsonNode root() const { return JsonNode{value_.get()}; }

 private:
  explicit JsonDocument(std::shared_ptr<void const> value) : value_(std::move(value)) {}

  std::shared_ptr<void const> value_;
};

/// Appends a text as JSON. JSON knows UTF-8 only, file names know bytes: what is no UTF-8 is written as
/// {"hex": "…"}.
void append_json(std::string& out, std::string_view text);

/// Appends the shortest number that reads back as the same; `null` for what is no number.
void append_json(std::string& out, double number);

/// The same number as a text, and back: JSON libraries may round in the last digit (Boost 1.81 does).
[[nodiscard]] std::string number_text(double number);
[[nodiscard]] std::optional<double> number_in(std::string_view text);

/// The text that append_json() wrote, either way; nothing for anything else.
[[nodiscard]] std::optional<std::string> text_of(JsonNode const& node);

}  // namespace failover::adapters
