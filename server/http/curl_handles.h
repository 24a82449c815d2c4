// libcurl's handles as owners of themselves. Not for other layers.
#ifndef BROADCASTD_HTTP_CURL_HANDLES_H_
#define BROADCASTD_HTTP_CURL_HANDLES_H_

#include <curl/curl.h>

#include <memory>
#include <string>

namespace broadcast::http {

struct CloseEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CloseMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct CloseUrl {
  void operator()(CURLU* handle) const { curl_url_cleanup(handle); }
};
struct CloseList {
  void operator()(curl_slist* handle) const { curl_slist_free_all(handle); }
};

using EasyHandle = std::unique_ptr<CURL, CloseEasy>;
using MultiHandle = std::unique_ptr<CURLM, CloseMulti>;
using UrlHandle = std::unique_ptr<CURLU, CloseUrl>;
using HeaderList = std::unique_ptr<curl_slist, CloseList>;

// Once a process, by whoever comes first; false if the library does not start.
bool InitializeLibrary();

// Empty if there is none.
std::string PartOf(CURLU* url, CURLUPart part);

}  // namespace broadcast::http

#endif  // BROADCASTD_HTTP_CURL_HANDLES_H_
