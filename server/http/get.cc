#include "http/get.h"

#include "absl/strings/str_cat.h"
#include "http/curl_handles.h"

namespace broadcast::http {
namespace {

struct Body {
  std::string bytes;
  size_t most;
};

size_t Append(char* data, size_t size, size_t count, void* to) {
  Body& body = *static_cast<Body*>(to);
  if (body.bytes.size() + size * count > body.most) return 0;
  body.bytes.append(data, size * count);
  return size * count;
}

}  // namespace

bool IsSafeUrl(const std::string& text) {
  const UrlHandle url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return false;
  }
  const std::string scheme = PartOf(url.get(), CURLUPART_SCHEME);
  const std::string host = PartOf(url.get(), CURLUPART_HOST);
  return scheme == "https" ||
         (scheme == "http" &&
          (host == "localhost" || host == "[::1]" || host == "127.0.0.1"));
}

absl::StatusOr<std::string> Get(const std::string& url,
                                const GetOptions& options) {
  if (!IsSafeUrl(url)) {
    return absl::InvalidArgumentError("the URL does not begin with https://");
  }
  const EasyHandle curl(InitializeLibrary() ? curl_easy_init() : nullptr);
  if (curl == nullptr) return absl::UnavailableError("libcurl does not start");
  Body body{.most = options.most_bytes};
  CURL* const handle = curl.get();
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                   absl::ToInt64Milliseconds(options.timeout));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Append);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
  if (!options.ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());
    // Else the folder of the system's authorities counts beside the file.
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  const CURLcode done = curl_easy_perform(handle);
  if (done == CURLE_SSL_CACERT_BADFILE) {
    return absl::InvalidArgumentError(
        "the file of authorities cannot be read; it must be PEM");
  }
  if (done != CURLE_OK) {
    return absl::UnavailableError(curl_easy_strerror(done));
  }
  long code = 0;  // NOLINT(google-runtime-int): the library's type
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code);
  if (code != 200) {
    return absl::UnavailableError(absl::StrCat("it answered HTTP ", code));
  }
  return std::move(body.bytes);
}

}  // namespace broadcast::http
