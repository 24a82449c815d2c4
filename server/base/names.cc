#include "base/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "base/limits.h"

namespace broadcast {

bool IsName(absl::string_view text, size_t max_length,
            absl::string_view others) {
  return !text.empty() && text.size() <= max_length &&
         absl::ascii_islower(text[0]) &&
         std::all_of(text.begin(), text.end(), [others](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
                  others.find(c) != others.npos;
         });
}

bool IsAccountName(absl::string_view text) {
  return IsName(text, limits::kMaxAccountNameLength, "-_");
}

}  // namespace broadcast
