#include "http/transport.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "absl/status/status.h"
#include "http/curl_handles.h"
#include "http/transfer.h"

namespace broadcast::http {
namespace {

constexpr absl::Duration kLongestPatience = absl::Seconds(1);
constexpr absl::Duration kLongestGrace = absl::Hours(1);

// OpenSSL writes to connections that may be closed by then.
void BlockSigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

struct Transport::Library {
  MultiHandle multi;
  absl::flat_hash_map<CURL*, Started> running;
};

Transport::Transport(const Options& options, const Clock* clock)
    : clock_(clock),
      options_(std::make_unique<const TransferOptions>(
          TransferOptions{.ca_file = options.ca_file,
                          .connect_timeout = options.connect_timeout,
                          .idle = options.idle,
                          .most_bytes = options.most_response_bytes})),
      library_(std::make_unique<Library>()) {}

absl::StatusOr<std::unique_ptr<Transport>> Transport::Create(
    const Options& options, const Clock* clock) {
  std::unique_ptr<Transport> transport(new Transport(options, clock));
  MultiHandle multi(InitializeLibrary() ? curl_multi_init() : nullptr);
  if (multi == nullptr) return absl::UnavailableError("libcurl does not start");
  // The library's own limits of connections would let a POST wait beyond its
  // timeout.
  const long most =  // NOLINT(google-runtime-int): the library's type
      options.max_idle_connections;
  curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, most);
  transport->library_->multi = std::move(multi);
  absl::MutexLock lock(&transport->join_mu_);
  transport->thread_ = std::thread(&Transport::Run, transport.get());
  return transport;
}

Transport::~Transport() { Stop(absl::ZeroDuration()); }

Transport::Id Transport::Start(Post post, std::function<void(Response)> done) {
  auto transfer = std::make_unique<Transfer>(std::move(post), std::move(done),
                                             options_.get(), clock_);
  Id id;
  {
    absl::MutexLock lock(&mu_);
    id = ++last_id_;
    if (!stopping_) started_.push_back({id, std::exchange(transfer, nullptr)});
  }
  if (transfer == nullptr) {
    Wake();
  } else {
    transfer->Abandon();
    transfer->Answer();
  }
  return id;
}

void Transport::Cancel(Id id) {
  {
    absl::MutexLock lock(&mu_);
    cancelled_.push_back(id);
  }
  Wake();
}

void Transport::Stop(absl::Duration grace) {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    deadline_ = std::min(
        deadline_, clock_->Steady() + absl::ToChronoNanoseconds(
                                          std::min(grace, kLongestGrace)));
  }
  Wake();
  absl::MutexLock lock(&join_mu_);
  if (thread_.joinable()) thread_.join();
}

void Transport::Wake() { curl_multi_wakeup(library_->multi.get()); }

void Transport::Run() {
  BlockSigpipe();
  while (true) {
    std::vector<Started> started;
    std::vector<Id> cancelled;
    bool stopping = false;
    SteadyTime deadline;
    {
      absl::MutexLock lock(&mu_);
      started.swap(started_);
      cancelled.swap(cancelled_);
      stopping = stopping_;
      deadline = deadline_;
    }
    for (Started& next : started) Begin(std::move(next));
    if (!cancelled.empty()) CancelUnbegun(&cancelled);
    if (stopping) CancelUnbegun(nullptr);
    int running = 0;
    curl_multi_perform(library_->multi.get(), &running);
    AnswerFinished();
    if (stopping) {
      if (clock_->Steady() >= deadline) AbandonAll();
      if (library_->running.empty()) return;
    }
    curl_multi_poll(library_->multi.get(), nullptr, 0,
                    static_cast<int>(absl::ToInt64Milliseconds(
                        Patience(deadline, stopping))),
                    nullptr);
  }
}

void Transport::Begin(Started started) {
  Transfer& transfer = *started.transfer;
  if (!transfer.Prepare()) {
    transfer.Answer();
    return;
  }
  CURL* const handle = transfer.handle();
  if (curl_multi_add_handle(library_->multi.get(), handle) != CURLM_OK) {
    transfer.Finish(CURLE_OUT_OF_MEMORY);
    transfer.Answer();
    return;
  }
  library_->running.emplace(handle, std::move(started));
}

void Transport::CancelUnbegun(const std::vector<Id>* ids) {
  std::vector<Started> cancelled;
  for (auto it = library_->running.begin(); it != library_->running.end();) {
    const auto current = it++;
    const Started& started = current->second;
    const bool meant = ids == nullptr || std::find(ids->begin(), ids->end(),
                                                   started.id) != ids->end();
    if (!meant || started.transfer->begun()) continue;
    curl_multi_remove_handle(library_->multi.get(), current->first);
    cancelled.push_back(std::move(current->second));
    library_->running.erase(current);
  }
  for (Started& started : cancelled) {
    started.transfer->Abandon();
    started.transfer->Answer();
  }
}

void Transport::AnswerFinished() {
  int left = 0;
  while (const CURLMsg* const message =
             curl_multi_info_read(library_->multi.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    // Removing the handle frees the message.
    CURL* const handle = message->easy_handle;
    const CURLcode code = message->data.result;
    curl_multi_remove_handle(library_->multi.get(), handle);
    const auto found = library_->running.find(handle);
    const Started started = std::move(found->second);
    library_->running.erase(found);
    started.transfer->Finish(code);
    started.transfer->Answer();
  }
}

void Transport::AbandonAll() {
  for (auto& [handle, started] : library_->running) {
    curl_multi_remove_handle(library_->multi.get(), handle);
    started.transfer->Abandon();
    started.transfer->Answer();
  }
  library_->running.clear();
}

absl::Duration Transport::Patience(SteadyTime deadline, bool stopping) const {
  if (!stopping) return kLongestPatience;
  const absl::Duration left =
      absl::FromChrono(deadline - clock_->Steady()) + absl::Milliseconds(1);
  return std::clamp(left, absl::ZeroDuration(), kLongestPatience);
}

}  // namespace broadcast::http
