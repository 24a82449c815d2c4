#include "http/transfer.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "http/retry_after.h"

namespace broadcast::http {
namespace {

constexpr long kBufferBytes = 16 << 10;  // NOLINT(google-runtime-int)

Transfer& Self(void* self) { return *static_cast<Transfer*>(self); }

// 0 for what is no status line of HTTP/1.
int StatusOf(absl::string_view line) {
  const size_t space = line.find(' ');
  int status = 0;
  if (space == line.npos ||
      !absl::SimpleAtoi(line.substr(space + 1, 3), &status)) {
    return 0;
  }
  return status;
}

}  // namespace

Transfer::Transfer(Post post, std::function<void(Response)> done,
                   const TransferOptions* options, const Clock* clock)
    : post_(std::move(post)),
      done_(std::move(done)),
      options_(options),
      clock_(clock) {}

bool Transfer::Prepare() {
  response_.failure = CheckUrl();
  if (response_.failure != Failure::kNone) return false;
  easy_.reset(InitializeLibrary() ? curl_easy_init() : nullptr);
  if (easy_ == nullptr) {
    response_.failure = Failure::kInternal;
    return false;
  }
  SetDestination();
  SetRequest();
  SetAnswer();
  return true;
}

Failure Transfer::CheckUrl() const {
  const UrlHandle url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, post_.url.c_str(),
                   CURLU_DISALLOW_USER) != CURLUE_OK ||
      !post_.destinations->AllowsScheme(PartOf(url.get(), CURLUPART_SCHEME))) {
    return Failure::kUrl;
  }
  std::string host = PartOf(url.get(), CURLUPART_HOST);
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    host = host.substr(1, host.size() - 2);
  }
  const std::optional<IpAddress> address = ParseIpAddress(host);
  if (!address.has_value()) return Failure::kNone;  // known once resolved
  int port = PartOf(url.get(), CURLUPART_SCHEME) == "http" ? 80 : 443;
  const std::string written = PartOf(url.get(), CURLUPART_PORT);
  if (!written.empty() && !absl::SimpleAtoi(written, &port)) {
    return Failure::kUrl;
  }
  return post_.destinations->Allows(*address, static_cast<uint16_t>(port))
             ? Failure::kNone
             : Failure::kBlocked;
}

void Transfer::SetDestination() {
  CURL* const handle = easy_.get();
  curl_easy_setopt(handle, CURLOPT_URL, post_.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR,
                   post_.destinations->http() ? "https,http" : "https");
  curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NETRC, CURL_NETRC_IGNORED);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &OnOpenSocket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, &OnRequest);
  curl_easy_setopt(handle, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (!options_->ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, options_->ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  // A name that is still being resolved must not hold up everybody.
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
  // What the server is about to close is a request without an answer.
  curl_easy_setopt(handle, CURLOPT_MAXAGE_CONN,
                   absl::ToInt64Seconds(options_->idle));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                   std::max(absl::ToInt64Milliseconds(post_.timeout),
                            int64_t{1}));  // 0 would be forever
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   absl::ToInt64Milliseconds(options_->connect_timeout));
}

void Transfer::AppendHeader(const std::string& header) {
  curl_slist* const list = headers_.release();
  curl_slist* const longer = curl_slist_append(list, header.c_str());
  // Out of memory, which the library will see: the list is what it was.
  headers_.reset(longer != nullptr ? longer : list);
}

void Transfer::SetRequest() {
  CURL* const handle = easy_.get();
  AppendHeader("Expect:");  // no server is asked first, however large the body
  for (const std::string& header : post_.headers) AppendHeader(header);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(handle, CURLOPT_POST, 1L);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, nullptr);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(post_.body.size()));
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, &OnRead);
  curl_easy_setopt(handle, CURLOPT_READDATA, this);
  curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, &OnSeek);
  curl_easy_setopt(handle, CURLOPT_SEEKDATA, this);
  curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE, kBufferBytes);
  // The library's own sums count some bytes of a head as body; what it tells
  // here has left. The texts are dropped: they hold the URL.
  curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, &OnDebug);
  curl_easy_setopt(handle, CURLOPT_DEBUGDATA, this);
  curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);
}

void Transfer::SetAnswer() {
  CURL* const handle = easy_.get();
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, kBufferBytes);
  curl_easy_setopt(handle, CURLOPT_PRIVATE, this);
}

size_t Transfer::OnRead(char* to, size_t size, size_t count, void* self) {
  Transfer& transfer = Self(self);
  const size_t bytes =
      std::min(size * count, transfer.post_.body.size() - transfer.body_read_);
  std::memcpy(to, transfer.post_.body.data() + transfer.body_read_, bytes);
  transfer.body_read_ += bytes;
  return bytes;
}

int Transfer::OnSeek(void* /*self*/, curl_off_t /*offset*/, int /*origin*/) {
  return CURL_SEEKFUNC_FAIL;
}

int Transfer::OnDebug(CURL* /*handle*/, curl_infotype type, char* /*data*/,
                      size_t size, void* self) {
  const auto bytes = static_cast<int64_t>(size);
  if (type == CURLINFO_HEADER_OUT) Self(self).head_sent_ += bytes;
  if (type == CURLINFO_DATA_OUT) Self(self).body_sent_ += bytes;
  return 0;
}

size_t Transfer::OnHeader(char* data, size_t size, size_t count, void* self) {
  const absl::string_view line(data, size * count);
  return Self(self).ReadHeader(line) ? line.size() : 0;
}

size_t Transfer::OnBody(char* data, size_t size, size_t count, void* self) {
  Transfer& transfer = Self(self);
  std::string& body = transfer.response_.body;
  if (body.size() + size * count > transfer.options_->most_bytes) {
    transfer.too_large_ = true;
    return 0;
  }
  body.append(data, size * count);
  return size * count;
}

curl_socket_t Transfer::OnOpenSocket(void* self, curlsocktype /*purpose*/,
                                     curl_sockaddr* address) {
  Transfer& transfer = Self(self);
  if (!transfer.post_.destinations->Allows(address->addr)) {
    transfer.blocked_ = true;
    return CURL_SOCKET_BAD;
  }
  transfer.connection_tried_ = true;
  return socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
}

int Transfer::OnRequest(void* self, char* peer, char* /*own*/, int peer_port,
                        int /*own_port*/) {
  Transfer& transfer = Self(self);
  const std::optional<IpAddress> address = ParseIpAddress(peer);
  if (!address.has_value() || !transfer.post_.destinations->Allows(
                                  *address, static_cast<uint16_t>(peer_port))) {
    transfer.blocked_ = true;
    return CURL_PREREQFUNC_ABORT;
  }
  if (transfer.body_read_ > 0) return CURL_PREREQFUNC_ABORT;
  transfer.connected_ = true;
  return CURL_PREREQFUNC_OK;
}

bool Transfer::ReadHeader(absl::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > options_->most_bytes) {
    too_large_ = true;
    return false;
  }
  if (absl::StartsWith(line, "HTTP/")) {
    status_ = StatusOf(line);
    head_complete_ = false;
    response_.retry_after.reset();
  } else if (line == "\r\n" || line == "\n") {
    head_complete_ = status_ >= 200;  // else the real one follows
  } else if (absl::StartsWithIgnoreCase(line, "retry-after:")) {
    response_.retry_after =
        ParseRetryAfter(line.substr(line.find(':') + 1), clock_->Now());
  }
  return true;
}

void Transfer::Finish(CURLcode code) {
  response_.phase = ReachedPhase();
  response_.failure = FailureOf(code);
  if (head_complete_) {
    response_.status = status_;
  } else {
    response_.retry_after.reset();
  }
}

void Transfer::Abandon() {
  Finish(CURLE_OK);
  response_.failure = Failure::kCancelled;
}

void Transfer::Answer() {
  const std::function<void(Response)> done = std::move(done_);
  done(std::move(response_));
}

Phase Transfer::ReachedPhase() const {
  if (head_complete_) return Phase::kResponseRead;
  if (body_sent_ >= static_cast<int64_t>(post_.body.size())) {
    return Phase::kRequestSent;
  }
  return connected_ ? Phase::kRequestUnsent : Phase::kNotConnected;
}

Failure Transfer::FailureOf(CURLcode code) const {
  if (too_large_) return Failure::kTooLarge;
  switch (code) {
    case CURLE_OK:
      return head_complete_ ? Failure::kNone : Failure::kLost;
    case CURLE_COULDNT_RESOLVE_HOST:
      return Failure::kResolve;
    case CURLE_COULDNT_CONNECT:
      return blocked_ && !connection_tried_ ? Failure::kBlocked
                                            : Failure::kConnect;
    case CURLE_ABORTED_BY_CALLBACK:
      return blocked_ ? Failure::kBlocked : Failure::kLost;
    case CURLE_OPERATION_TIMEDOUT:
      return Failure::kTimeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
      return Failure::kTls;
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return Failure::kLost;
    case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9, once connected
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      return connected_ ? Failure::kGarbled : Failure::kUrl;
    case CURLE_URL_MALFORMAT:
      return Failure::kUrl;
    default:
      return Failure::kInternal;
  }
}

}  // namespace broadcast::http
