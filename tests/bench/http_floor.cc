// POSTs by the server's own HTTP client, as fast as a sink answers them, and
// with nothing around them. What deliveries over HTTP are compared with.

#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "commands.h"
#include "http/transport.h"
#include "stopwatch.h"

namespace broadcast::bench {
namespace {

class Loop {
 public:
  Loop(http::Transport* transport, std::string url, double warmup,
       double seconds)
      : transport_(transport),
        url_(std::move(url)),
        begin_(SteadyClock::now() + SecondsOf(warmup)),
        end_(begin_ + SecondsOf(seconds)) {
    http::Destinations::Options options;
    options.anywhere = true;
    options.http = true;
    auto made = http::Destinations::Create(options);
    if (!made.ok()) Die("no destinations");
    destinations_ =
        std::make_shared<const http::Destinations>(*std::move(made));
  }

  // Returns when all that were outstanding are answered.
  void Run(int64_t outstanding) {
    {
      absl::MutexLock lock(&mu_);
      outstanding_ = outstanding;
    }
    for (int64_t i = 0; i < outstanding; ++i) Next();
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(
        +[](int64_t* left) { return *left == 0; }, &outstanding_));
  }

  int64_t ok() const { return ok_; }
  int64_t failed() const { return failed_; }

 private:
  void Next() {
    const int64_t number = ++started_;
    http::Post post;
    post.url = url_;
    post.headers = {"Content-Type: application/json"};
    post.body = R"({"chat_id":-100)" + std::to_string(1'000'000 + number) +
                R"(,"text":"Delivery )" + std::to_string(number) + R"("})";
    post.timeout = absl::Seconds(30);
    post.destinations = destinations_;
    transport_->Start(std::move(post), [this](const http::Response& response) {
      Count(response);
    });
  }

  void Count(const http::Response& response) {
    const SteadyTime now = SteadyClock::now();
    if (response.failure != http::Failure::kNone || response.status != 200) {
      ++failed_;
    } else if (now >= begin_ && now < end_) {
      ++ok_;
    }
    if (now < end_) {
      Next();
      return;
    }
    absl::MutexLock lock(&mu_);
    --outstanding_;
  }

  http::Transport* const transport_;
  const std::string url_;
  const SteadyTime begin_;
  const SteadyTime end_;
  std::shared_ptr<const http::Destinations> destinations_;
  std::atomic<int64_t> started_ = 0;
  std::atomic<int64_t> ok_ = 0;
  std::atomic<int64_t> failed_ = 0;

  absl::Mutex mu_;
  int64_t outstanding_ ABSL_GUARDED_BY(mu_) = 0;
};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) /
             1e6;
}

}  // namespace

int HttpFloor(Flags& flags) {
  const std::string url = flags.Text("url");
  const int64_t outstanding = flags.Number("outstanding", 64);
  const double seconds = flags.Seconds("seconds", 5);
  const double warmup = flags.Seconds("warmup", 1);
  flags.Done();
  const SystemClock clock;
  http::Transport::Options options;
  auto transport = http::Transport::Create(options, &clock);
  if (!transport.ok()) Die("there is no HTTP client");
  Loop loop(transport->get(), url, warmup, seconds);
  loop.Run(outstanding);
  const double rate = static_cast<double>(loop.ok()) / seconds;
  const nlohmann::ordered_json result = {
      {"rate", rate},
      {"ok", loop.ok()},
      {"errors", loop.failed()},
      {"cpu_us", CpuSeconds() * 1e6 / (rate * (seconds + warmup))},
  };
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace broadcast::bench
