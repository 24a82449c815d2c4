#include "rpc/convert/content.h"

#include <map>
#include <utility>

#include "content/fields.h"

namespace broadcast::rpc {
namespace {

ParseMode ParseModeFromProto(v1::Content::ParseMode mode,
                             absl::string_view field, Violations& violations) {
  switch (mode) {
    case v1::Content::PARSE_MODE_UNSPECIFIED:
    case v1::Content::PARSE_MODE_NONE:
      return ParseMode::kNone;
    case v1::Content::PARSE_MODE_HTML:
      return ParseMode::kHtml;
    case v1::Content::PARSE_MODE_MARKDOWN_V2:
      return ParseMode::kMarkdownV2;
    default:
      violations.Add(Subfield(field, "parse_mode"),
                     "must be one of PARSE_MODE_NONE, PARSE_MODE_HTML and "
                     "PARSE_MODE_MARKDOWN_V2");
      return ParseMode::kNone;
  }
}

v1::Content::ParseMode ParseModeToProto(ParseMode mode) {
  switch (mode) {
    case ParseMode::kNone:
      return v1::Content::PARSE_MODE_NONE;
    case ParseMode::kHtml:
      return v1::Content::PARSE_MODE_HTML;
    case ParseMode::kMarkdownV2:
      return v1::Content::PARSE_MODE_MARKDOWN_V2;
  }
  return v1::Content::PARSE_MODE_UNSPECIFIED;
}

}  // namespace

storage::StoredContent StoredContentFromProto(const v1::Content& proto,
                                              absl::string_view field,
                                              Violations& violations) {
  Content content{
      .text = proto.text(),
      .parse_mode = ParseModeFromProto(proto.parse_mode(), field, violations),
      .disable_notification = proto.disable_notification(),
      .protect_content = proto.protect_content(),
      .disable_link_preview = proto.disable_link_preview()};
  for (const v1::ButtonRow& row : proto.button_rows()) {
    auto& buttons = content.button_rows.emplace_back();
    for (const v1::Button& button : row.buttons()) {
      buttons.push_back({.text = button.text(), .url = button.url()});
    }
  }
  Validate(content, field, violations);
  if (!violations.empty()) return {};
  std::string document = ToJson(content);
  std::string id = ContentId(document);
  return {.content_id = std::move(id), .body = std::move(document)};
}

void ContentToProto(const Content& content, v1::Content& proto) {
  proto.set_text(content.text);
  proto.set_parse_mode(ParseModeToProto(content.parse_mode));
  for (const auto& row : content.button_rows) {
    v1::ButtonRow& added = *proto.add_button_rows();
    for (const Button& button : row) {
      v1::Button& last = *added.add_buttons();
      last.set_text(button.text);
      last.set_url(button.url);
    }
  }
  proto.set_disable_notification(content.disable_notification);
  proto.set_protect_content(content.protect_content);
  proto.set_disable_link_preview(content.disable_link_preview);
}

void StoredContentToProto(const storage::StoredContent& content,
                          v1::Content& proto) {
  // Only what ToJson made is stored; a document that cannot be read is told as
  // empty content rather than hiding the resource.
  const auto read = FromJson(content.body.value_or(""));
  if (read.ok()) ContentToProto(*read, proto);
}

std::string LabelsFromProto(const ProtoLabels& labels, absl::string_view field,
                            Violations& violations) {
  if (labels.empty()) return "{}";
  return Labels(LabelMap(labels.begin(), labels.end()), field, violations);
}

void LabelsToProto(const std::string& json, ProtoLabels& labels) {
  if (json == "{}") return;
  const auto read = LabelsFromJson(json);
  if (!read.ok()) return;
  for (const auto& [key, value] : *read) labels[key] = value;
}

}  // namespace broadcast::rpc
