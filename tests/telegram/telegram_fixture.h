// A platform within the test's process, asked through real HTTP. Its thread
// ends with the test.
#ifndef BROADCASTD_TELEGRAM_TELEGRAM_FIXTURE_H_
#define BROADCASTD_TELEGRAM_TELEGRAM_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "raw_http.h"
#include "telegram/fake_options.h"
#include "telegram/fake_server.h"

namespace broadcast::test {

using Json = nlohmann::json;

inline constexpr char kToken[] = "123:secret";
inline constexpr int64_t kBot = 123;
inline constexpr int64_t kUser = 42;
inline constexpr int64_t kGroup = -77;
inline constexpr int64_t kSupergroup = -1002000000002;
inline constexpr int64_t kChannel = -1001000000001;

class TelegramTest : public ::testing::Test {
 protected:
  explicit TelegramTest(telegram::FakeOptions options = {})
      : server_(WithWorld(std::move(options)), clock_) {
    const absl::Status started = server_.Start();
    EXPECT_TRUE(started.ok()) << started;
    thread_ = std::thread([this] { server_.Run(); });
    http_ = std::make_unique<RawHttp>(server_.port());
  }

  ~TelegramTest() override {
    server_.Stop();
    thread_.join();
  }

  int port() const { return server_.port(); }
  RawHttp& http() { return *http_; }

  // The whole answer.
  RawAnswer Ask(const std::string& method, const Json& fields,
                const std::string& token = kToken) {
    return http_->Post(absl::StrCat("/bot", token, "/", method),
                       "application/json",
                       fields.is_null() ? "{}" : fields.dump());
  }
  // Its body.
  Json Call(const std::string& method, const Json& fields,
            const std::string& token = kToken) {
    const RawAnswer answer = Ask(method, fields, token);
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    const Json body = Json::parse(answer.body);
    EXPECT_EQ(answer.status, body["ok"] ? 200 : body["error_code"].get<int>());
    return body;
  }
  // The description of a failure, with its code before it.
  std::string Refusal(const std::string& method, const Json& fields,
                      const std::string& token = kToken) {
    const Json body = Call(method, fields, token);
    if (body["ok"]) return "ok";
    return absl::StrCat(body["error_code"].get<int>(), " ",
                        body["description"].get<std::string>());
  }
  int64_t Send(int64_t chat, const std::string& text) {
    const Json sent = Call("sendMessage", {{"chat_id", chat}, {"text", text}});
    EXPECT_TRUE(sent["ok"]) << sent;
    return sent["result"]["message_id"];
  }

  Json Admin(const std::string& path, const Json& body) {
    const RawAnswer answer =
        http_->Post("/admin/" + path, "application/json", body.dump());
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json::parse(answer.body);
  }
  Json Look(const std::string& path) {
    const RawAnswer answer = http_->Get("/admin/" + path);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json::parse(answer.body);
  }
  Json Messages(int64_t chat) {
    return Look(absl::StrCat("chats/", chat, "/messages"));
  }

 private:
  static telegram::FakeOptions WithWorld(telegram::FakeOptions options) {
    if (options.bots.empty()) options.bots = {kToken, "456:other"};
    options.chats.push_back(absl::StrCat("id=", kUser));
    options.chats.push_back(absl::StrCat("id=", kGroup));
    options.chats.push_back(
        absl::StrCat("id=", kSupergroup, ",type=supergroup"));
    options.chats.push_back(absl::StrCat("id=", kChannel, ",username=news"));
    return options;
  }

  const SystemClock clock_;
  telegram::FakeServer server_;
  std::thread thread_;
  std::unique_ptr<RawHttp> http_;
};

// One without limits, for what has nothing to do with them.
class UnlimitedTelegramTest : public TelegramTest {
 protected:
  UnlimitedTelegramTest()
      : TelegramTest(telegram::FakeOptions{.limits = false}) {}
};

}  // namespace broadcast::test

#endif  // BROADCASTD_TELEGRAM_TELEGRAM_FIXTURE_H_
