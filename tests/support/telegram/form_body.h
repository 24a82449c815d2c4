// Parameters as browsers write them. Pure; any thread.
#ifndef BROADCASTD_TELEGRAM_FORM_BODY_H_
#define BROADCASTD_TELEGRAM_FORM_BODY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace broadcast::telegram {

using FormFields = std::vector<std::pair<std::string, std::string>>;

// "a=1&b=%20": a query, or a body of application/x-www-form-urlencoded.
FormFields ParseUrlEncoded(absl::string_view text);

// multipart/form-data; the boundary is found in `content_type`. Files come as
// fields. What is no part is skipped.
FormFields ParseMultipart(absl::string_view content_type,
                          absl::string_view body);

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_FORM_BODY_H_
