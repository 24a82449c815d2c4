// Who may call what, and how often: tokens, scopes, pace.

#include "rpc/admission.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "admission_fixture.h"
#include "base/scope_names.h"
#include "broadcast/v1/authorization.pb.h"
#include "support/status_matchers.h"

namespace broadcast::test {
namespace {

using google::protobuf::MethodDescriptor;
using testing::AllOf;
using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::Le;
using testing::Optional;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const char* service : {v1::BroadcastService::service_full_name(),
                              v1::ClientService::service_full_name(),
                              v1::ChannelService::service_full_name(),
                              v1::FeedService::service_full_name(),
                              v1::AdminService::service_full_name(),
                              v1::OperationService::service_full_name(),
                              v1::EventService::service_full_name()}) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
            service);
    for (int i = 0; i < descriptor->method_count(); ++i) {
      methods.push_back(descriptor->method(i));
    }
  }
  return methods;
}

std::string RequiredScope(const MethodDescriptor* method) {
  return method->options().GetExtension(v1::required_scope);
}

INSTANTIATE_TEST_SUITE_P(Backends, AdmissionTest, Backends(), BackendName);

TEST_P(AdmissionTest, EveryMethodSaysWhoMayCallIt) {
  for (const MethodDescriptor* method : AllMethods()) {
    const std::string scope = RequiredScope(method);
    EXPECT_TRUE(scope == "any" || IsScopeName(scope)) << method->full_name();
    EXPECT_TRUE(
        rpc::RequiredScopeOf({.service = method->service()->full_name().c_str(),
                              .method = method->name().c_str(),
                              .event = nullptr})
            .has_value())
        << method->full_name();
    const bool reads = absl::StartsWith(method->name(), "Get") ||
                       absl::StartsWith(method->name(), "List") ||
                       absl::StartsWith(method->name(), "Watch") ||
                       absl::StartsWith(method->name(), "Check");
    if (!reads) {
      EXPECT_TRUE(scope == "admin" || absl::StartsWith(scope, "broadcast:") ||
                  absl::EndsWith(scope, ":write"))
          << method->full_name();
    }
  }
  EXPECT_THAT(AllMethods(), SizeIs(Gt(20U)));
}

TEST_P(AdmissionTest, AServerWithAMethodThatDoesNotSayIsNotStarted) {
  EXPECT_THAT(calls().CheckMethods(), IsOk());
  const rpc::RpcName forgotten = {.service = "broadcast.v1.AdminService",
                                  .method = "Forgotten",
                                  .event = nullptr};
  EXPECT_FALSE(calls().MethodOf(forgotten).required.has_value());
  EXPECT_THAT(calls().CheckMethods(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("broadcast.v1.AdminService.Forgotten")));
  EXPECT_THAT(
      rpc::GrpcServer::Start({.registry = &test().registry()}, &calls()),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("required_scope")));
  // Of a package without the option, however well it is known.
  EXPECT_FALSE(rpc::RequiredScopeOf({.service = "grpc.health.v1.Health",
                                     .method = "Check",
                                     .event = nullptr})
                   .has_value());
}

TEST_P(AdmissionTest, WithoutATokenNothingIsTold) {
  for (const MethodDescriptor* method : AllMethods()) {
    const Failure failure = CallEmpty(method);
    EXPECT_EQ(failure.code, grpc::StatusCode::UNAUTHENTICATED)
        << method->full_name();
    EXPECT_EQ(failure.reason, "TOKEN_MISSING") << method->full_name();
  }
}

TEST_P(AdmissionTest, WithABadTokenNothingIsTold) {
  for (const MethodDescriptor* method : AllMethods()) {
    CallWith("no.good.token");
    const Failure failure = CallEmpty(method);
    EXPECT_EQ(failure.code, grpc::StatusCode::UNAUTHENTICATED)
        << method->full_name();
    EXPECT_EQ(failure.reason, "TOKEN_INVALID") << method->full_name();
    EXPECT_THAT(failure.metadata, ElementsAre(Pair("problem", "malformed")));
  }
  CallAs(1);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
  clock().Advance(absl::Hours(2));
  EXPECT_THAT(Call(v1::GetServerInfoRequest()).failure().metadata,
              ElementsAre(Pair("problem", "expired")));
}

TEST_P(AdmissionTest, OneTokenIsSentOnce) {
  CallAs(1);
  SendMetadata("authorization", "Bearer of.another.token");
  EXPECT_THAT(Call(v1::GetServerInfoRequest()).failure().metadata,
              ElementsAre(Pair("problem", "malformed")));
  CallWith("of.another.token");
  SendMetadata("authorization", "");
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), FailsWith("TOKEN_INVALID"));
}

TEST_P(AdmissionTest, EveryMethodAsksForItsScopeAndForNoOther) {
  for (const MethodDescriptor* method : AllMethods()) {
    const std::string scope = RequiredScope(method);
    if (scope == "any") {
      CallAs(kAll, "");
      EXPECT_EQ(CallEmpty(method).code, grpc::StatusCode::OK);
      continue;
    }
    CallAs(kAll, ScopesExcept(scope));
    const Failure failure = CallEmpty(method);
    EXPECT_EQ(failure.code, grpc::StatusCode::PERMISSION_DENIED)
        << method->full_name();
    EXPECT_EQ(failure.reason, "SCOPE_MISSING") << method->full_name();
    EXPECT_THAT(failure.metadata, ElementsAre(Pair("scope", scope)));
    CallAs(kAll, scope);
    const grpc::StatusCode code = CallEmpty(method).code;
    EXPECT_TRUE(code == grpc::StatusCode::OK ||
                code == grpc::StatusCode::INVALID_ARGUMENT)
        << method->full_name() << " answers " << code;
  }
}

TEST_P(AdmissionTest, WhoLacksTheScopeLearnsNothingOfWhatIsThere) {
  Plant(raw(), {.client = 1, .pairs = 1});
  CallAs(1, ScopesExcept("entries:read"));
  v1::GetEntryRequest request;
  request.set_entry_id(EntryId(1, 0));
  const Failure there = Call(request).failure();
  request.set_entry_id(EntryId(1, 5));
  const Failure missing = Call(request).failure();
  request.set_entry_id("no id at all");
  const Failure malformed = Call(request).failure();
  EXPECT_EQ(there.reason, "SCOPE_MISSING");
  for (const Failure& other : {missing, malformed}) {
    EXPECT_EQ(there.reason, other.reason);
    EXPECT_EQ(there.message, other.message);
    EXPECT_EQ(there.metadata, other.metadata);
    EXPECT_EQ(there.detail_bytes, other.detail_bytes);
  }
  CallAs(1, ScopesExcept("entries:write"));
  v1::DeleteEntryRequest remove;
  remove.set_entry_id(EntryId(1, 0));
  EXPECT_THAT(Call(remove), FailsWith("SCOPE_MISSING"));
  remove.set_entry_id(EntryId(1, 5));
  EXPECT_THAT(Call(remove), FailsWith("SCOPE_MISSING"));
  EXPECT_EQ(Count("entries"), 1);
}

class PaceTest : public AdmissionTest {};

INSTANTIATE_TEST_SUITE_P(Backends, PaceTest,
                         testing::Values(storage::Backend::kSqlite),
                         BackendName);

TEST_P(PaceTest, APrincipalIsSlowedDown) {
  Limit({.principal_rate = 1});
  CallAs("a", 1);
  const auto limited = CallUntilLimited();
  ASSERT_THAT(limited, FailsWith("RATE_LIMITED"));
  EXPECT_THAT(
      limited.failure().metadata,
      UnorderedElementsAre(Pair("of", "principal"), Pair("limit", "1")));
  EXPECT_THAT(limited.failure().retry_after,
              Optional(AllOf(Gt(absl::ZeroDuration()), Le(absl::Seconds(1)))));
  // Others are not: neither another of the client, nor its namesake.
  CallAs("b", 1);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
  CallAs("a", 2);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
  CallAs("a", kAll);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
  // Nor is it, after what it was told to wait.
  clock().AdvanceSteady(*limited.failure().retry_after);
  CallAs("a", 1);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
}

TEST_P(PaceTest, AnotherTokenIsNoOtherPrincipal) {
  Limit({.principal_rate = 1});
  CallAs("a", 1);
  ASSERT_THAT(CallUntilLimited(), FailsWith("RATE_LIMITED"));
  CallAs("a", 1, "entries:read");
  EXPECT_THAT(CallUntilLimited(2), FailsWith("RATE_LIMITED"));
}

TEST_P(PaceTest, ARefusedCallCounts) {
  Limit({.principal_rate = 1});
  CallAs("a", 1, "");
  Reply<v1::ListEntriesResponse> reply;
  for (int i = 0; i < 200; ++i) {
    reply = Call(v1::ListEntriesRequest());
    if (reply.failure().reason != "SCOPE_MISSING") break;
  }
  EXPECT_THAT(reply, FailsWith("RATE_LIMITED"));
}

TEST_P(PaceTest, AnAddressIsSlowedDownWhoeverCallsFromIt) {
  Limit({.address_rate = 2});
  CallAs("a", 1);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
  Reply<v1::GetServerInfoResponse> reply;
  for (int i = 0; i < 200; ++i) {
    CallWith(absl::StrCat("guess.number.", i));
    reply = Call(v1::GetServerInfoRequest());
    if (reply.failure().reason != "TOKEN_INVALID") break;
  }
  ASSERT_THAT(reply, FailsWith("RATE_LIMITED"));
  EXPECT_THAT(reply.failure().metadata,
              UnorderedElementsAre(Pair("of", "address"), Pair("limit", "2")));
  // Who is not known counts twenty times.
  ASSERT_THAT(reply.failure().retry_after,
              Optional(AllOf(Gt(absl::Seconds(5)), Le(absl::Seconds(11)))));
  clock().AdvanceSteady(*reply.failure().retry_after);
  CallAs("a", 1);
  EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
}

TEST_P(PaceTest, ZeroIsNoLimit) {
  Limit({.principal_rate = 0, .address_rate = 0});
  CallAs("a", 1);
  EXPECT_THAT(CallUntilLimited(), Succeeds());
}

TEST(AddressOfTest, AnAddressHasNoPort) {
  EXPECT_EQ(rpc::AddressOf("ipv4:127.0.0.1:5000"), "ipv4:127.0.0.1");
  EXPECT_EQ(rpc::AddressOf("ipv4:1.2.3.4:5"), "ipv4:1.2.3.4");
  EXPECT_EQ(rpc::AddressOf("unix:/run/broadcastd.sock"), "unix:");
  EXPECT_EQ(rpc::AddressOf("unix:"), "unix:");
  EXPECT_EQ(rpc::AddressOf("unknown"), "unix:");
}

// Whoever has one IPv6 address has all of its network.
TEST(AddressOfTest, AnIpv6CallerIsItsNetwork) {
  const std::string network = "ipv6:2001:db8:1:2::";
  for (const char* peer :
       {"ipv6:%5B2001:db8:1:2::7%5D:5000", "ipv6:[2001:db8:1:2:a:b:c:d]:1",
        "ipv6:%5B2001:db8:1:2::7%25eth0%5D:5000"}) {
    EXPECT_EQ(rpc::AddressOf(peer), network) << peer;
  }
  EXPECT_NE(rpc::AddressOf("ipv6:[2001:db8:1:3::7]:1"), network);
}

}  // namespace
}  // namespace broadcast::test
