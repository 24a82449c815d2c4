#include "auth/strict_json.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "base/utf8.h"

namespace broadcast::auth {
namespace {

using nlohmann::json;

constexpr size_t kMostDepth = 8;

// Refuses while the text is read, before anything deep is built.
class Reader : public json::json_sax_t {
 public:
  bool null() override { return Add(nullptr); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(number_integer_t value) override { return Add(value); }
  bool number_unsigned(number_unsigned_t value) override { return Add(value); }
  bool number_float(number_float_t value, const string_t&) override {
    return Add(value);
  }
  bool string(string_t& value) override { return Add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(json::object()); }
  bool start_array(size_t) override { return Open(json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& value) override {
    key_ = value;
    return !open_.back()->contains(key_);
  }
  bool parse_error(size_t, const std::string&,
                   const nlohmann::detail::exception&) override {
    return false;
  }

  json Take() { return std::move(root_); }

 private:
  json* Place(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[key_] = std::move(value));
  }

  bool Add(json value) {
    // Only an object may stand by itself.
    if (open_.empty()) return false;
    Place(std::move(value));
    return true;
  }

  bool Open(json value) {
    if (open_.size() == kMostDepth) return false;
    if (open_.empty() && !value.is_object()) return false;
    open_.push_back(Place(std::move(value)));
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  json root_;
  // Containers not yet closed. Elements are added to the last one only, so
  // none of these moves.
  std::vector<json*> open_;
  std::string key_;
};

}  // namespace

std::optional<json> ParseObject(absl::string_view text) {
  // The library skips a byte order mark, and takes a zero for the end.
  if (!IsUtf8(text) || absl::StartsWith(text, "\xef\xbb\xbf") ||
      absl::StrContains(text, '\0')) {
    return std::nullopt;
  }
  Reader reader;
  if (!json::sax_parse(text.begin(), text.end(), &reader)) return std::nullopt;
  return reader.Take();
}

std::optional<std::string> TextAt(const json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

}  // namespace broadcast::auth
