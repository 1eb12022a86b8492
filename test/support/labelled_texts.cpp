#include "test/support/labelled_texts.hpp"

#include "adapters/pattern_file.hpp"
#include "adapters/zone_lookup.hpp"
#include "core/classify.hpp"
#include "core/rfc3339.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include <boost/json.hpp>

namespace failover::test {
namespace {

namespace json = boost::json;

core::WallTime default_now() {
  return core::from_rfc3339("2026-11-22T10:00:00Z").value();
}

std::string text_of(json::object const& object, char const* key) {
  auto const* const value = object.if_contains(key);
  return value && value->is_string() ? std::string{value->get_string()} : std::string{};
}

bool truth_of(json::object const& object, char const* key) {
  auto const* const value = object.if_contains(key);
  return value && value->is_bool() && value->get_bool();
}

Labelled labelled(json::object const& object) {
  Labelled one;
  one.now = default_now();
  one.label = text_of(object, "label");
  one.ambiguous = truth_of(object, "ambiguous");
  one.hard_negative = truth_of(object, "hard_negative");
  if (auto const captured = core::from_rfc3339(text_of(object, "captured_at"))) one.now = *captured;
  auto const* const reset = object.if_contains("reset");
  if (!reset || !reset->is_object()) return one;
  auto const* const check = reset->get_object().if_contains("check");
  if (!check || !check->is_object()) return one;
  one.now = core::from_rfc3339(text_of(check->get_object(), "now")).value();
  one.zone = text_of(check->get_object(), "local_tz");
  one.reset = core::from_rfc3339(text_of(check->get_object(), "at"));
  return one;
}

}  // namespace

std::string file_text(std::string const& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>{in}, {}};
}

namespace {

std::vector<Labelled> labelled_lines(std::string const& path) {
  std::vector<Labelled> all;
  std::istringstream lines{file_text(path)};
  for (std::string line; std::getline(lines, line);) {
    auto const object = json::parse(line).as_object();
    Labelled one = labelled(object);
    one.id = text_of(object, "id");
    one.agent = text_of(object, "agent");
    one.text = text_of(object, "text");
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

std::vector<Labelled> labelled_corpus() {
  return labelled_lines(CF_TEST_DATA "/corpus/panes.jsonl");
}

std::vector<Labelled> labelled_families() {
  return labelled_lines(CF_TEST_DATA "/corpus/families.jsonl");
}

std::vector<Labelled> labelled_second() {
  return labelled_lines(CF_TEST_DATA "/corpus/second.jsonl");
}

std::vector<Labelled> labelled_third() {
  return labelled_lines(CF_TEST_DATA "/corpus/third.jsonl");
}

std::vector<Labelled> labelled_fourth() {
  return labelled_lines(CF_TEST_DATA "/corpus/fourth.jsonl");
}

std::vector<Labelled> labelled_fifth() {
  return labelled_lines(CF_TEST_DATA "/corpus/fifth.jsonl");
}

std::vector<Labelled> labelled_screens() {
  std::vector<Labelled> all;
  auto const labels = json::parse(file_text(CF_TEST_DATA "/screens/labels.json")).as_object();
  for (auto const& [name, value] : labels) {
    Labelled one = labelled(value.as_object());
    one.id = name;
    one.text = file_text(CF_TEST_DATA "/screens/" + one.id);
    all.push_back(std::move(one));
  }
  return all;
}

struct TextReader::Tables {
  std::map<std::string, core::PatternTable> known = {};
  core::ZoneLookup zones = adapters::system_zones();
};

TextReader::TextReader() : tables_(std::make_unique<Tables>()) {}
TextReader::~TextReader() = default;

core::Reading TextReader::read(Labelled const& one) {
  auto table = tables_->known.find(one.agent);
  if (table == tables_->known.end()) {
    auto loaded = adapters::builtin_pattern_table(one.agent);
    if (!loaded) throw std::runtime_error(loaded.error().detail);
    table = tables_->known.emplace(one.agent, std::move(*loaded)).first;
  }
  return core::read_screen(table->second, one.text, one.now, tables_->zones, one.zone);
}

}  // namespace failover::test
