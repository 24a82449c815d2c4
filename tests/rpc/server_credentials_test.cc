// TLS: which files are refused at the start, and real handshakes, with and
// without certificates of clients.

#include "rpc/server_credentials.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "rpc_fixture.h"
#include "support/certificates.h"
#include "support/status_matchers.h"

namespace broadcast::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class TlsFiles {
 public:
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.File(name), std::ios::binary) << text;
    return folder_.File(name);
  }
  std::string Path(const std::string& name) const { return folder_.File(name); }

 private:
  const TempDir folder_;
};

class TlsFilesTest : public testing::Test {
 protected:
  // Whether the server would start with `options_`.
  absl::Status Check() const { return rpc::ReadTlsFiles(options_).status(); }

  const TlsFiles files_;
  const CertificateAuthority authority_;
  const Certificate server_ = authority_.IssueForServer();
  rpc::TlsOptions options_ = {
      .certificate_file = files_.Write("tls.crt", server_.certificate),
      .key_file = files_.Write("tls.key", server_.key),
      .client_ca_file = files_.Write("ca.crt", authority_.pem())};
};

TEST_F(TlsFilesTest, GoodFilesAreAccepted) {
  EXPECT_THAT(Check(), IsOk());
  options_.client_ca_file.clear();
  EXPECT_THAT(Check(), IsOk());
  // With the chain behind it.
  files_.Write("tls.crt", absl::StrCat(server_.certificate, authority_.pem()));
  EXPECT_THAT(Check(), IsOk());
  EXPECT_THAT(rpc::MakeServerCredentials({}, nullptr, nullptr), IsOk());
}

TEST_F(TlsFilesTest, AMissingFileIsRefusedWithItsOption) {
  const rpc::TlsOptions good = options_;
  const std::string missing = files_.Path("missing");
  options_.certificate_file = missing;
  EXPECT_THAT(Check(), StatusIs(kInvalid, AllOf(StartsWith("tls_certificate: "),
                                                HasSubstr(missing))));
  options_ = good;
  options_.key_file = missing;
  EXPECT_THAT(Check(), StatusIs(kInvalid, AllOf(StartsWith("tls_key: "),
                                                HasSubstr(missing))));
  options_ = good;
  options_.client_ca_file = missing;
  EXPECT_THAT(Check(), StatusIs(kInvalid, AllOf(StartsWith("tls_client_ca: "),
                                                HasSubstr(missing))));
}

TEST_F(TlsFilesTest, GarbageIsRefusedWithItsOption) {
  for (const std::string& garbage :
       {std::string(), std::string("garbage"),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END "
                    "CERTIFICATE-----\n")}) {
    const rpc::TlsOptions good = options_;
    options_.certificate_file = files_.Write("garbage", garbage);
    EXPECT_THAT(Check(), StatusIs(kInvalid, StartsWith("tls_certificate: ")));
    options_ = good;
    options_.key_file = files_.Path("garbage");
    EXPECT_THAT(Check(), StatusIs(kInvalid, StartsWith("tls_key: ")));
    options_ = good;
    options_.client_ca_file = files_.Path("garbage");
    EXPECT_THAT(Check(), StatusIs(kInvalid, StartsWith("tls_client_ca: ")));
    options_ = good;
  }
  // Each in the other's place.
  std::swap(options_.certificate_file, options_.key_file);
  EXPECT_THAT(Check(), StatusIs(kInvalid, StartsWith("tls_certificate: ")));
}

TEST_F(TlsFilesTest, AKeyOfAnotherCertificateIsRefused) {
  files_.Write("tls.key", authority_.IssueForServer().key);
  EXPECT_THAT(Check(), StatusIs(kInvalid, AllOf(StartsWith("tls_key: "),
                                                HasSubstr("matches"))));
}

// And nobody is asked for its pass phrase.
TEST_F(TlsFilesTest, AnEncryptedKeyIsRefused) {
  files_.Write("tls.key", server_.encrypted_key);
  EXPECT_THAT(Check(), StatusIs(kInvalid, AllOf(StartsWith("tls_key: "),
                                                HasSubstr("unencrypted"))));
}

TEST_F(TlsFilesTest, AnExpiredCertificateIsRefused) {
  const Certificate expired = authority_.Issue({.common_name = "server.test",
                                                .begins = -absl::Hours(2),
                                                .ends = -absl::Hours(1)});
  files_.Write("tls.crt", expired.certificate);
  files_.Write("tls.key", expired.key);
  EXPECT_THAT(Check(), StatusIs(kInvalid, AllOf(StartsWith("tls_certificate: "),
                                                HasSubstr("expired"))));
}

// A server that knows the certificates of two clients.
class TlsTest : public RpcTest {
 protected:
  void SetUp() override {
    UseServerOf(authority_);
    files_.Write("ca.crt", authority_.pem());
    tls_.certificate_file = files_.Path("tls.crt");
    tls_.key_file = files_.Path("tls.key");
    tls_.reload_interval = absl::Seconds(1);
    RpcTest::SetUp();
  }

  void Configure(rpc::GrpcServer::Options& options) override {
    options.tls = tls_;
  }
  using RpcTest::Configure;

  std::unique_ptr<rpc::Admission> MakeAdmission() override {
    if (tls_.client_ca_file.empty()) return RpcTest::MakeAdmission();
    authenticator_ = std::make_unique<auth::Authenticator>(
        nullptr, auth::TokenPolicy(),
        std::map<std::string, auth::Principal>{
            {"spiffe://house/reader",
             {.name = "reader",
              .scope = storage::Scope::OneClient(ClientId(1)),
              .permissions = auth::Permissions::FromScopes("channels:read")}},
            {"operator",
             {.name = "operator",
              .scope = storage::Scope::AllClients(),
              .permissions = auth::Permissions::FromScopes("admin")}}},
        &clock());
    return std::make_unique<rpc::Admission>(
        authenticator_.get(), rpc::Admission::Options(), &clock());
  }

  // Serves anew, with the certificates of clients.
  void AskForCertificates(bool required) {
    tls_.client_ca_file = files_.Path("ca.crt");
    tls_.client_certificate_required = required;
    Serve();
  }

  void UseServerOf(const CertificateAuthority& authority) {
    const Certificate server = authority.IssueForServer();
    files_.Write("tls.crt", server.certificate);
    files_.Write("tls.key", server.key);
  }

  // A connection of its own, which trusts `trusted`.
  std::shared_ptr<grpc::Channel> Connect(const CertificateAuthority& trusted,
                                         const Certificate& client = {}) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = trusted.pem();
    options.pem_cert_chain = client.certificate;
    options.pem_private_key = client.key;
    return Connect(grpc::SslCredentials(options));
  }
  std::shared_ptr<grpc::Channel> Connect(
      const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(
        absl::StrCat("127.0.0.1:", server().port()), credentials, arguments);
  }

  static Failure ListAccounts(const std::shared_ptr<grpc::Channel>& channel) {
    return Ask(channel, &v1::AdminService::Stub::ListAccounts,
               v1::ListAccountsRequest());
  }
  static Failure GetServerInfo(const std::shared_ptr<grpc::Channel>& channel) {
    return Ask(channel, &v1::AdminService::Stub::GetServerInfo,
               v1::GetServerInfoRequest());
  }

  Certificate ClientNamed(const std::string& common_name,
                          const std::string& names = "") const {
    return authority_.Issue({.common_name = common_name, .names = names});
  }

  const TlsFiles files_;
  const CertificateAuthority authority_;
  const CertificateAuthority stranger_;
  rpc::TlsOptions tls_;

 private:
  template <typename Request, typename Response>
  static Failure Ask(const std::shared_ptr<grpc::Channel>& channel,
                     grpc::Status (v1::AdminService::Stub::*method)(
                         grpc::ClientContext*, const Request&, Response*),
                     const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         absl::ToChronoSeconds(kLongWait));
    Response response;
    const auto stub = v1::AdminService::NewStub(channel);
    return FailureOf(((*stub).*method)(&context, request, &response));
  }

  std::unique_ptr<auth::Authenticator> authenticator_;
};

MATCHER(IsServed, "") {
  *result_listener << "which has code " << arg.code << ": " << arg.message;
  return arg.code == grpc::StatusCode::OK;
}
MATCHER(FindsNobody, "") {
  *result_listener << "which has code " << arg.code << ": " << arg.message;
  return arg.code == grpc::StatusCode::UNAVAILABLE && arg.reason.empty();
}
MATCHER_P(IsRefusedFor, reason, "") {
  *result_listener << "which has code " << arg.code << ": " << arg.message;
  return arg.reason == reason;
}

INSTANTIATE_TEST_SUITE_P(Backends, TlsTest,
                         testing::Values(storage::Backend::kSqlite),
                         BackendName);

TEST_P(TlsTest, WhoTrustsTheServersAuthorityIsServed) {
  EXPECT_THAT(GetServerInfo(Connect(authority_)), IsServed());
  EXPECT_THAT(GetServerInfo(Connect(stranger_)), FindsNobody());
  EXPECT_THAT(GetServerInfo(Connect(grpc::InsecureChannelCredentials())),
              FindsNobody());
  // A certificate that nobody asks for does no harm.
  EXPECT_THAT(GetServerInfo(Connect(authority_, ClientNamed("operator"))),
              IsServed());
}

TEST_P(TlsTest, AServerDoesNotStartWithWrongFiles) {
  rpc::GrpcServer::Options options{
      .clock = &clock(), .log = &test().log(), .registry = &test().registry()};
  options.tls = tls_;
  options.tls.key_file =
      files_.Write("other.key", stranger_.IssueForServer().key);
  EXPECT_THAT(rpc::GrpcServer::Start(options, &calls()),
              StatusIs(kInvalid, StartsWith("tls_key: ")));
}

TEST_P(TlsTest, ARequiredCertificateIsOfTheAuthority) {
  AskForCertificates(/*required=*/true);
  EXPECT_THAT(GetServerInfo(Connect(authority_, ClientNamed("operator"))),
              IsServed());
  EXPECT_THAT(GetServerInfo(Connect(authority_)), FindsNobody());
  EXPECT_THAT(GetServerInfo(Connect(
                  authority_, stranger_.Issue({.common_name = "operator"}))),
              FindsNobody());
  EXPECT_THAT(GetServerInfo(Connect(
                  authority_, authority_.Issue({.common_name = "operator",
                                                .begins = -absl::Hours(2),
                                                .ends = -absl::Hours(1)}))),
              FindsNobody());
  EXPECT_THAT(GetServerInfo(Connect(grpc::InsecureChannelCredentials())),
              FindsNobody());
}

TEST_P(TlsTest, AnOptionalCertificateIsOfTheAuthorityTooIfThereIsOne) {
  AskForCertificates(/*required=*/false);
  EXPECT_THAT(GetServerInfo(Connect(authority_, ClientNamed("operator"))),
              IsServed());
  EXPECT_THAT(GetServerInfo(Connect(authority_)),
              IsRefusedFor("TOKEN_MISSING"));
  EXPECT_THAT(GetServerInfo(Connect(
                  authority_, stranger_.Issue({.common_name = "operator"}))),
              FindsNobody());
}

TEST_P(TlsTest, TheNamesOfACertificateAreAnIdentity) {
  AskForCertificates(/*required=*/true);
  // By a URI, a DNS name, and the common name.
  EXPECT_THAT(ListAccounts(Connect(
                  authority_, ClientNamed("x", "URI:spiffe://house/reader"))),
              IsServed());
  EXPECT_THAT(
      ListAccounts(Connect(
          authority_, ClientNamed("", "DNS:a.test,URI:spiffe://house/reader"))),
      IsServed());
  EXPECT_THAT(ListAccounts(Connect(authority_, ClientNamed("operator"))),
              IsRefusedFor("SCOPE_MISSING"));
  EXPECT_THAT(
      ListAccounts(Connect(authority_, ClientNamed("x", "DNS:operator"))),
      IsRefusedFor("SCOPE_MISSING"));
  // The alternative names come first.
  EXPECT_THAT(
      ListAccounts(Connect(
          authority_, ClientNamed("operator", "URI:spiffe://house/reader"))),
      IsServed());
}

TEST_P(TlsTest, ACertificateOfNoIdentityIsNobody) {
  AskForCertificates(/*required=*/true);
  for (const Certificate& client :
       {ClientNamed("stranger"), ClientNamed("Operator"), ClientNamed(""),
        // A common name beside others, and names of another kind.
        ClientNamed("operator", "DNS:x.test"),
        ClientNamed("x", "email:operator@x.test,IP:127.0.0.1"),
        ClientNamed("x", "URI:spiffe://house/reader/more"),
        ClientNamed("x", "URI:spiffe://house")}) {
    EXPECT_THAT(GetServerInfo(Connect(authority_, client)),
                IsRefusedFor("TOKEN_MISSING"));
  }
}

TEST_P(TlsTest, NewFilesAreUsedWithoutARestart) {
  AskForCertificates(/*required=*/true);
  const Certificate client = ClientNamed("operator");
  const auto before = Connect(authority_, client);
  EXPECT_THAT(GetServerInfo(before), IsServed());
  UseServerOf(stranger_);
  EXPECT_TRUE(Eventually([&] {
    return GetServerInfo(Connect(stranger_, client)).code ==
           grpc::StatusCode::OK;
  }));
  EXPECT_THAT(GetServerInfo(Connect(authority_, client)), FindsNobody());
  // Who is connected stays so.
  EXPECT_THAT(GetServerInfo(before), IsServed());

  const Certificate other = stranger_.Issue({.common_name = "operator"});
  EXPECT_THAT(GetServerInfo(Connect(stranger_, other)), FindsNobody());
  files_.Write("ca.crt", stranger_.pem());
  EXPECT_TRUE(Eventually([&] {
    return GetServerInfo(Connect(stranger_, other)).code ==
           grpc::StatusCode::OK;
  }));
  EXPECT_THAT(GetServerInfo(Connect(stranger_, client)), FindsNobody());
}

TEST_P(TlsTest, FilesThatGoAwayLeaveTheLastOnesInUse) {
  std::filesystem::remove(files_.Path("tls.crt"));
  std::filesystem::remove(files_.Path("tls.key"));
  const absl::Time end = absl::Now() + absl::Milliseconds(2500);
  while (absl::Now() < end) {
    ASSERT_THAT(GetServerInfo(Connect(authority_)), IsServed());
  }
}

}  // namespace
}  // namespace broadcast::test
