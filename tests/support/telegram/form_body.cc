#include "telegram/form_body.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace broadcast::telegram {
namespace {

std::string Decode(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out.push_back(' ');
    } else if (text[i] == '%' && i + 2 < text.size() &&
               absl::ascii_isxdigit(text[i + 1]) &&
               absl::ascii_isxdigit(text[i + 2])) {
      out += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

// The value of `name` in a header's parameters: ...; name="value"; ...
std::string HeaderParameter(absl::string_view header, absl::string_view name) {
  for (absl::string_view part : absl::StrSplit(header, ';')) {
    part = absl::StripAsciiWhitespace(part);
    const size_t equals = part.find('=');
    if (equals == part.npos ||
        !absl::EqualsIgnoreCase(part.substr(0, equals), name)) {
      continue;
    }
    absl::string_view value = part.substr(equals + 1);
    absl::ConsumePrefix(&value, "\"");
    absl::ConsumeSuffix(&value, "\"");
    return std::string(value);
  }
  return "";
}

std::string PartName(absl::string_view headers) {
  for (absl::string_view line : absl::StrSplit(headers, "\r\n")) {
    if (absl::StartsWithIgnoreCase(line, "content-disposition:")) {
      return HeaderParameter(line, "name");
    }
  }
  return "";
}

}  // namespace

FormFields ParseUrlEncoded(absl::string_view text) {
  FormFields fields;
  for (absl::string_view pair : absl::StrSplit(text, '&')) {
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    const bool bare = equals == pair.npos;
    fields.emplace_back(Decode(pair.substr(0, equals)),
                        bare ? "" : Decode(pair.substr(equals + 1)));
  }
  return fields;
}

FormFields ParseMultipart(absl::string_view content_type,
                          absl::string_view body) {
  FormFields fields;
  const std::string boundary = HeaderParameter(content_type, "boundary");
  if (boundary.empty()) return fields;
  // The first delimiter may stand at the very beginning.
  const std::string whole = absl::StrCat("\r\n", body);
  const std::string delimiter = absl::StrCat("\r\n--", boundary);
  absl::string_view rest = whole;
  size_t begin = rest.find(delimiter);
  while (begin != rest.npos) {
    rest.remove_prefix(begin + delimiter.size());
    if (absl::StartsWith(rest, "--")) break;
    const size_t end = rest.find(delimiter);
    if (end == rest.npos) break;
    const absl::string_view part = rest.substr(0, end);
    const size_t blank = part.find("\r\n\r\n");
    if (blank != part.npos) {
      std::string name = PartName(part.substr(0, blank));
      if (!name.empty()) {
        fields.emplace_back(std::move(name),
                            std::string(part.substr(blank + 4)));
      }
    }
    begin = end;
  }
  return fields;
}

}  // namespace broadcast::telegram
