#include "auth/authenticator.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "support/fake_clock.h"
#include "token_fixture.h"

namespace broadcast::auth {
namespace {

using test::Header;
using test::IsOk;
using test::Jwks;
using test::Must;
using test::Signed;
using test::SigningKey;

// A source whose keys the test changes.
class GivenKeys final : public KeySource {
 public:
  explicit GivenKeys(const std::string* jwks) : jwks_(jwks) {}
  std::string name() const override { return "given"; }
  absl::StatusOr<std::vector<KeyPointer>> Load() override {
    return KeysFromJwks(*jwks_);
  }

 private:
  const std::string* const jwks_;
};

class AuthenticatorTest : public TokenTest {
 protected:
  AuthenticatorTest() : clock_(Now()), jwks_(Jwks(Secret().Jwk())) {
    std::vector<std::unique_ptr<KeySource>> sources;
    sources.push_back(std::make_unique<GivenKeys>(&jwks_));
    ring_ = Must(KeyRing::Open(std::move(sources), {}, &clock_, &log_));
    authenticator_.emplace(ring_.get(), Policy(), Identities(), &clock_);
  }

  static std::map<std::string, Principal> Identities() {
    return {{"spiffe://house/sync",
             {.name = "sync",
              .scope = storage::Scope::OneClient(kClient),
              .permissions = Permissions::FromScopes("broadcast:sync")}},
            {"operator",
             {.name = "operator",
              .scope = storage::Scope::AllClients(),
              .permissions = Permissions::FromScopes("admin")}}};
  }

  // Who calls with these; the reason or problem of who is refused.
  std::string Who(std::optional<std::string> authorization,
                  const std::vector<std::string>& names = {}) {
    const auto certificate_names = [&] {
      ++certificates_read_;
      return names;
    };
    const auto known = authenticator_->Authenticate(
        {.authorization = authorization.has_value()
                              ? std::optional<absl::string_view>(*authorization)
                              : std::nullopt,
         .certificate_names = certificate_names});
    if (known.ok()) return (*known)->name;
    if (ReasonOf(known.status()) == "TOKEN_MISSING") return "TOKEN_MISSING";
    return absl::StrCat("refused: ", ProblemOf(known.status()));
  }
  static std::string Bearer(absl::string_view token) {
    return absl::StrCat("Bearer ", token);
  }

  test::FakeClock clock_;
  Log log_{&clock_, Severity::kError};
  std::string jwks_;
  std::unique_ptr<KeyRing> ring_;
  std::optional<Authenticator> authenticator_;
  int certificates_read_ = 0;
};

TEST_F(AuthenticatorTest, ATokenTellsWhoCalls) {
  const std::string token = Token(Claims());
  EXPECT_EQ(Who(Bearer(token)), "caller");
  // And again, as it is remembered.
  EXPECT_EQ(Who(Bearer(token)), "caller");
  EXPECT_EQ(certificates_read_, 0);
}

TEST_F(AuthenticatorTest, NothingIsATokenMissing) {
  EXPECT_EQ(Who(std::nullopt), "TOKEN_MISSING");
  EXPECT_EQ(Who(std::nullopt, {"stranger"}), "TOKEN_MISSING");
  EXPECT_EQ(Who(std::nullopt, {""}), "TOKEN_MISSING");
}

TEST_F(AuthenticatorTest, TheSchemeIsBearerInAnyCase) {
  const std::string token = Token(Claims());
  for (const char* scheme : {"Bearer ", "bearer ", "BEARER ", "bEaReR "}) {
    EXPECT_EQ(Who(absl::StrCat(scheme, token)), "caller") << scheme;
  }
  for (const char* scheme :
       {"", "Bearer", "Bearer\t", " Bearer ", "Bearer  ", "Basic ", "DPoP ",
        "Token ", "BearerX ", "Bearer: "}) {
    EXPECT_EQ(Who(absl::StrCat(scheme, token)), "refused: malformed") << scheme;
  }
  for (const char* alone : {"", " ", "Bearer", "Bearer ", "bearer x"}) {
    EXPECT_EQ(Who(std::string(alone)), "refused: malformed") << alone;
  }
}

TEST_F(AuthenticatorTest, ACertificateTellsWhoCallsWithoutAToken) {
  EXPECT_EQ(Who(std::nullopt, {"operator"}), "operator");
  EXPECT_EQ(Who(std::nullopt, {"stranger", "spiffe://house/sync"}), "sync");
  // The first name that is known counts.
  EXPECT_EQ(Who(std::nullopt, {"spiffe://house/sync", "operator"}), "sync");
  for (const char* name : {"Operator", "operator ", "spiffe://house/sync/",
                           "spiffe://house", "*", ""}) {
    EXPECT_EQ(Who(std::nullopt, {name}), "TOKEN_MISSING") << name;
  }
}

TEST_F(AuthenticatorTest, AnIdentityHasItsScopeAndPermissions) {
  const auto names = [] {
    return std::vector<std::string>{"spiffe://house/sync"};
  };
  const PrincipalPointer sync = Must(authenticator_->Authenticate(
      {.authorization = std::nullopt, .certificate_names = names}));
  EXPECT_EQ(sync->scope.client_id(), kClient);
  EXPECT_TRUE(sync->permissions.Include(*Permission::Parse("broadcast:sync")));
  EXPECT_FALSE(sync->permissions.Include(*Permission::Parse("admin")));
}

TEST_F(AuthenticatorTest, ATokenWinsOverACertificate) {
  EXPECT_EQ(Who(Bearer(Token(Claims())), {"operator"}), "caller");
  EXPECT_EQ(certificates_read_, 0);
}

TEST_F(AuthenticatorTest, ABadTokenIsNotMadeGoodByACertificate) {
  EXPECT_EQ(Who("", {"operator"}), "refused: malformed");
  EXPECT_EQ(Who("Bearer x", {"operator"}), "refused: malformed");
  EXPECT_EQ(Who(Bearer(Token(R"({"exp":1})")), {"operator"}),
            "refused: expired");
  EXPECT_EQ(Who("Basic b3BlcmF0b3I6", {"operator"}), "refused: malformed");
}

TEST_F(AuthenticatorTest, WithoutKeysNoTokenIsGood) {
  Authenticator certificates_only(nullptr, Policy(), Identities(), &clock_);
  const std::string bearer = Bearer(Token(Claims()));
  const auto none = [] { return std::vector<std::string>(); };
  EXPECT_EQ(ProblemOf(certificates_only
                          .Authenticate({.authorization = bearer,
                                         .certificate_names = none})
                          .status()),
            "key");
  const auto operators = [] { return std::vector<std::string>{"operator"}; };
  EXPECT_THAT(certificates_only.Authenticate({.authorization = std::nullopt,
                                              .certificate_names = operators}),
              IsOk());
}

TEST_F(AuthenticatorTest, ARememberedTokenExpires) {
  const std::string bearer = Bearer(Token(Claims()));
  EXPECT_EQ(Who(bearer), "caller");
  clock_.Advance(absl::Hours(1) + kLeeway - absl::Seconds(1));
  EXPECT_EQ(Who(bearer), "caller");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Who(bearer), "refused: expired");
}

TEST_F(AuthenticatorTest, ARememberedTokenEndsWithItsKey) {
  const std::string bearer = Bearer(Token(Claims()));
  EXPECT_EQ(Who(bearer), "caller");
  const SigningKey next = SigningKey::Secret(std::string(40, 'n'));
  jwks_ = Jwks(next.Jwk());
  ring_->Reload();
  EXPECT_EQ(Who(bearer), "caller");  // the overlap
  clock_.Advance(absl::Minutes(5));
  ring_->Reload();
  EXPECT_EQ(Who(bearer), "refused: signature");
  EXPECT_EQ(Who(Bearer(Signed(next, "HS256", Header("HS256"), Claims()))),
            "caller");
}

// However seldom the sources are looked at.
TEST_F(AuthenticatorTest, ARememberedTokenDoesNotOutliveTheOverlap) {
  const std::string bearer = Bearer(Token(Claims()));
  EXPECT_EQ(Who(bearer), "caller");
  jwks_ = Jwks(SigningKey::Secret(std::string(40, 'n')).Jwk());
  ring_->Reload();
  EXPECT_EQ(Who(bearer), "caller");
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(Who(bearer), "refused: signature");
}

TEST_F(AuthenticatorTest, ATokenOfANewKeyIsAcceptedOnceTheKeyIsKnown) {
  const SigningKey next = SigningKey::Ec();
  const std::string bearer = Bearer(
      Signed(next, "ES256", Header("ES256", R"(,"kid":"next")"), Claims()));
  EXPECT_EQ(Who(bearer), "refused: key");
  jwks_ = Jwks(absl::StrCat(Secret().Jwk(), ",", next.Jwk(R"(,"kid":"next")")));
  ring_->Reload();
  EXPECT_EQ(Who(bearer), "caller");
}

TEST_F(AuthenticatorTest, TokensAreRememberedEachForItself) {
  const std::string all = Bearer(Token(Claims()));
  const std::string one = Bearer(Token(absl::StrCat(
      R"({"exp":1900000000,"sub":"one","client_id":")", kClient, "\"}")));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Who(all), "caller");
    EXPECT_EQ(Who(one), "one");
  }
}

}  // namespace
}  // namespace broadcast::auth
