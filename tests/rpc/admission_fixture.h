// A server that asks for tokens, and callers who have them. Derive a fixture
// from AdmissionTest, or from TenancyTest for two clients with data, as from
// RpcTest. The test owns it; one thread at a time.
#ifndef BROADCASTD_RPC_ADMISSION_FIXTURE_H_
#define BROADCASTD_RPC_ADMISSION_FIXTURE_H_

#include <google/protobuf/descriptor.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "auth/authenticator.h"
#include "auth/mint_token.h"
#include "base/scope_names.h"
#include "rpc/admission.h"
#include "rpc_fixture.h"
#include "support/status_matchers.h"

namespace broadcast::test {

using google::protobuf::MethodDescriptor;

inline constexpr char kSecret[] = "a secret of thirty-two bytes, or more";

// Every scope that there is, but for one.
inline std::string ScopesExcept(const std::string& missing) {
  std::vector<std::string> scopes;
  for (const absl::string_view scope : ScopeNames()) {
    if (scope != missing) scopes.emplace_back(scope);
  }
  return absl::StrJoin(scopes, " ");
}

class AdmissionTest : public RpcTest {
 protected:
  std::unique_ptr<rpc::Admission> MakeAdmission() override {
    std::vector<std::unique_ptr<auth::KeySource>> sources;
    sources.push_back(auth::SharedSecret([] { return std::string(kSecret); }));
    keys_ = Must(
        auth::KeyRing::Open(std::move(sources), {}, &clock(), &test().log()));
    authenticator_ = std::make_unique<auth::Authenticator>(
        keys_.get(), TokenPolicy(), std::map<std::string, auth::Principal>(),
        &clock());
    return std::make_unique<rpc::Admission>(authenticator_.get(), limits_,
                                            &clock());
  }

  static auth::TokenPolicy TokenPolicy() {
    return {.algorithms = {auth::Algorithm::kHs256}};
  }

  // Calls from now on are those of client number `client`, or of one who sees
  // them all, with `scopes`.
  void CallAs(int client, const std::string& scopes = ScopesExcept("")) {
    CallAs("", client, scopes);
  }
  void CallAs(const std::string& subject, int client,
              const std::string& scopes = ScopesExcept("")) {
    CallWith(Must(
        auth::MintToken({.subject = absl::StrCat("caller ", subject),
                         .client_id = client == kAll ? "" : ClientId(client),
                         .scopes = scopes,
                         .issue_time = clock().Now(),
                         .expire_time = clock().Now() + absl::Hours(1)},
                        TokenPolicy(), kSecret)));
  }
  void CallWith(const std::string& token) {
    ForgetMetadata();
    SendMetadata("authorization", absl::StrCat("Bearer ", token));
  }

  // What `method` answers to a request that holds nothing; a stream, to one
  // whose first field makes it end.
  Failure CallEmpty(const MethodDescriptor* method) {
    return FailureOf(CallRaw(
        absl::StrCat("/", method->service()->full_name(), "/", method->name()),
        method->server_streaming() ? "\x0a\x01x" : ""));
  }

  // Serves anew with these limits.
  void Limit(const rpc::Admission::Options& limits) {
    limits_ = limits;
    Serve();
  }

  // Calls until one fails, at most `most` times.
  Reply<v1::GetServerInfoResponse> CallUntilLimited(int most = 200) {
    Reply<v1::GetServerInfoResponse> reply;
    for (int i = 0; i < most; ++i) {
      reply = Call(v1::GetServerInfoRequest());
      if (!reply.ok()) break;
    }
    return reply;
  }

  static constexpr int kAll = 0;

 private:
  rpc::Admission::Options limits_;
  std::unique_ptr<auth::KeyRing> keys_;
  std::unique_ptr<auth::Authenticator> authenticator_;
};

// Client 1 has what is its own; what client 2 has does not exist for it.
class TenancyTest : public AdmissionTest {
 protected:
  void SetUp() override {
    AdmissionTest::SetUp();
    Plant(raw(), {.client = 1, .pairs = 3});
    Plant(raw(), {.client = 2, .pairs = 3});
    CallAs(1);
  }

  // The same request, once of another client and once of nobody.
  template <typename Request>
  void ExpectMissing(Request request,
                     void (Request::*set_id)(const std::string&),
                     const std::string& foreign, const std::string& own,
                     const char* reason) {
    const int64_t rows = AllRows();
    (request.*set_id)(foreign);
    const Failure failure = Call(request).failure();
    EXPECT_EQ(failure.code, grpc::StatusCode::NOT_FOUND)
        << Request::descriptor()->name() << ": " << failure.message;
    EXPECT_EQ(failure.reason, reason) << Request::descriptor()->name();
    const std::string nobodys = "00000000-0000-7000-8009-000000000000";
    (request.*set_id)(nobodys);
    const Failure missing = Call(request).failure();
    EXPECT_EQ(missing.reason, failure.reason);
    EXPECT_EQ(missing.metadata.size(), failure.metadata.size());
    EXPECT_EQ(missing.detail_bytes, failure.detail_bytes);
    EXPECT_EQ(AllRows(), rows);
    // Its own is there.
    (request.*set_id)(own);
    EXPECT_NE(Call(request).failure().reason, reason)
        << Request::descriptor()->name();
  }

  std::vector<std::string> RowsOfClientTwo() {
    std::vector<std::string> rows;
    for (const char* table :
         {"clients", "channels", "channel_pairs", "entries"}) {
      rows.push_back(absl::StrCat(RowsOf(raw(), 2)));
      rows.push_back(absl::StrCat(raw().Number(
          absl::StrCat("SELECT count(*) FROM ", table, " WHERE client_id = '",
                       ClientId(2), "'"))));
    }
    for (const char* table : {"clients", "channels", "entries"}) {
      rows.push_back(absl::StrCat(raw().Number(
          absl::StrCat("SELECT sum(revision) FROM ", table,
                       " WHERE client_id = '", ClientId(2), "'"))));
    }
    return rows;
  }
};

}  // namespace broadcast::test

#endif  // BROADCASTD_RPC_ADMISSION_FIXTURE_H_
