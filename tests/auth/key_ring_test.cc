#include "auth/key_ring.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "signer.h"
#include "support/answer.h"
#include "support/fake_clock.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace broadcast::auth {
namespace {

using test::Eventually;
using test::Header;
using test::IsOk;
using test::Jwks;
using test::Must;
using test::Signed;
using test::SigningKey;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// Answers what the test says, from any thread.
class FakeSource final : public KeySource {
 public:
  using Answer = absl::StatusOr<std::vector<KeyPointer>>;
  explicit FakeSource(const Answer* answer) : answer_(answer) {}

  std::string name() const override { return "fake_source"; }
  Answer Load() override { return *answer_; }

 private:
  const Answer* const answer_;
};

class KeyRingTest : public testing::Test {
 protected:
  void Write(const std::string& text) const {
    std::ofstream(Path(), std::ios::binary) << text;
  }
  std::string Path() const { return folder_.File("keys"); }

  absl::StatusOr<std::unique_ptr<KeyRing>> Open(KeyRing::Options options = {}) {
    std::vector<std::unique_ptr<KeySource>> sources;
    sources.push_back(KeyFiles(Path()));
    return KeyRing::Open(std::move(sources), options, &clock_, &log_);
  }
  absl::StatusOr<std::unique_ptr<KeyRing>> OpenFake(
      const FakeSource::Answer& answer) {
    std::vector<std::unique_ptr<KeySource>> sources;
    sources.push_back(std::make_unique<FakeSource>(&answer));
    return KeyRing::Open(std::move(sources), {}, &clock_, &log_);
  }

  // Whether the ring's keys verify what `signer` signs.
  bool Knows(const KeyRing& ring, const SigningKey& signer) const {
    const std::string token = Signed(signer, "ES256", Header("ES256"), "{}");
    const ParsedJws parsed = ParseJws(token);
    const KeySetPointer keys = ring.keys().keys;
    for (const auto* entry : keys->Candidates(*parsed.jws, clock_.Now())) {
      if (entry->key->Verify(*parsed.jws)) return true;
    }
    return false;
  }

  test::FakeClock clock_;
  Log log_{&clock_, Severity::kError};
  const test::TempDir folder_;
  const SigningKey one_ = SigningKey::Ec();
  const SigningKey two_ = SigningKey::Ec();
};

TEST_F(KeyRingTest, AReloadPicksUpANewKey) {
  Write(Jwks(one_.Jwk()));
  const auto ring = Must(Open());
  const uint64_t generation = ring->keys().generation;
  EXPECT_TRUE(Knows(*ring, one_));
  EXPECT_FALSE(Knows(*ring, two_));
  Write(Jwks(absl::StrCat(one_.Jwk(), ",", two_.Jwk())));
  EXPECT_FALSE(Knows(*ring, two_));
  ring->Reload();
  EXPECT_TRUE(Knows(*ring, one_));
  EXPECT_TRUE(Knows(*ring, two_));
  EXPECT_GT(ring->keys().generation, generation);
}

TEST_F(KeyRingTest, TheGenerationGrowsOnlyWithAChange) {
  Write(Jwks(one_.Jwk()));
  const auto ring = Must(Open());
  const KeyRing::Current first = ring->keys();
  ring->Reload();
  // Another text, the same key.
  Write(one_.PublicPem());
  clock_.Advance(absl::Hours(1));
  ring->Reload();
  EXPECT_EQ(ring->keys().generation, first.generation);
  EXPECT_EQ(ring->keys().keys, first.keys);
  Write(Jwks(one_.Jwk(R"(,"kid":"named")")));
  ring->Reload();
  EXPECT_EQ(ring->keys().generation, first.generation + 1);
  ring->Reload();
  EXPECT_EQ(ring->keys().generation, first.generation + 1);
}

TEST_F(KeyRingTest, TheLastGoodKeysStayWhileTheirFileIsWrong) {
  Write(Jwks(one_.Jwk()));
  const auto ring = Must(Open());
  const uint64_t generation = ring->keys().generation;
  for (const std::string& wrong :
       {std::string("garbage"), std::string(), Jwks(""),
        Jwks(SigningKey::Rsa(1024).Jwk()), two_.PrivatePem(),
        one_.PublicPem().substr(0, 60)}) {
    Write(wrong);
    clock_.Advance(absl::Hours(1));
    ring->Reload();
    EXPECT_TRUE(Knows(*ring, one_)) << wrong;
    EXPECT_EQ(ring->keys().generation, generation) << wrong;
  }
  std::filesystem::remove(Path());
  clock_.Advance(absl::Hours(1));
  ring->Reload();
  EXPECT_TRUE(Knows(*ring, one_));
  std::filesystem::create_directory(Path());
  ring->Reload();
  EXPECT_TRUE(Knows(*ring, one_));
  std::filesystem::remove(Path());
  // And then it is right again.
  Write(Jwks(two_.Jwk()));
  ring->Reload();
  EXPECT_TRUE(Knows(*ring, two_));
}

TEST_F(KeyRingTest, ARemovedKeyStaysForTheOverlap) {
  Write(Jwks(absl::StrCat(one_.Jwk(), ",", two_.Jwk())));
  const auto ring = Must(Open({.overlap = absl::Minutes(5)}));
  Write(Jwks(two_.Jwk()));
  ring->Reload();
  const uint64_t generation = ring->keys().generation;
  EXPECT_TRUE(Knows(*ring, one_));
  clock_.Advance(absl::Minutes(5) - absl::Seconds(1));
  ring->Reload();
  EXPECT_TRUE(Knows(*ring, one_));
  EXPECT_EQ(ring->keys().generation, generation);
  clock_.Advance(absl::Seconds(1));
  // Even before anybody looks at the file again.
  EXPECT_FALSE(Knows(*ring, one_));
  ring->Reload();
  EXPECT_FALSE(Knows(*ring, one_));
  EXPECT_TRUE(Knows(*ring, two_));
  EXPECT_GT(ring->keys().generation, generation);
}

TEST_F(KeyRingTest, AWrongFileIsRefusedWithOptionAndRemedy) {
  EXPECT_THAT(Open(), StatusIs(kInvalid,
                               AllOf(HasSubstr("jwt_keys: "), HasSubstr(Path()),
                                     HasSubstr("cannot be read"))));
  Write("garbage");
  EXPECT_THAT(Open(), StatusIs(kInvalid, AllOf(HasSubstr("jwt_keys: "),
                                               HasSubstr(Path()))));
  Write(one_.PrivatePem());
  EXPECT_THAT(Open(), StatusIs(kInvalid, AllOf(HasSubstr("jwt_keys: "),
                                               HasSubstr("public key"))));
}

TEST_F(KeyRingTest, AProviderOutOfReachIsWaitedFor) {
  FakeSource::Answer answer = absl::UnavailableError("no network");
  const auto ring = Must(OpenFake(answer));
  EXPECT_TRUE(ring->keys().keys->empty());
  const uint64_t generation = ring->keys().generation;
  answer = Must(KeysFromPem(one_.PublicPem()));
  ring->Reload();
  EXPECT_TRUE(Knows(*ring, one_));
  EXPECT_GT(ring->keys().generation, generation);
  answer = absl::UnavailableError("no network");
  clock_.Advance(absl::Hours(24));
  ring->Reload();
  EXPECT_TRUE(Knows(*ring, one_));
}

// Whatever a source calls it.
TEST_F(KeyRingTest, ASourceThatIsWrongInAnotherWayIsRefused) {
  for (const absl::Status& wrong :
       {absl::NotFoundError("the variable is not set"),
        absl::InternalError("broken"), absl::PermissionDeniedError("no")}) {
    const FakeSource::Answer answer = wrong;
    EXPECT_THAT(OpenFake(answer),
                StatusIs(kInvalid, AllOf(HasSubstr("fake_source: "),
                                         HasSubstr(wrong.message()))));
  }
}

TEST_F(KeyRingTest, KeysOfSeveralSourcesAreOneSet) {
  Write(Jwks(one_.Jwk()));
  FakeSource::Answer answer = Must(KeysFromPem(two_.PublicPem()));
  std::vector<std::unique_ptr<KeySource>> sources;
  sources.push_back(KeyFiles(Path()));
  sources.push_back(std::make_unique<FakeSource>(&answer));
  const auto ring = Must(KeyRing::Open(std::move(sources), {}, &clock_, &log_));
  EXPECT_TRUE(Knows(*ring, one_));
  EXPECT_TRUE(Knows(*ring, two_));
  // One that fails keeps its own, and no other from changing.
  answer = absl::UnavailableError("no network");
  const SigningKey three = SigningKey::Ec();
  Write(Jwks(three.Jwk()));
  ring->Reload();
  EXPECT_TRUE(Knows(*ring, two_));
  EXPECT_TRUE(Knows(*ring, three));
}

TEST_F(KeyRingTest, ItsThreadLooksAgainAfterTheInterval) {
  Write(Jwks(one_.Jwk()));
  const auto ring = Must(Open({.reload_interval = absl::Seconds(1)}));
  ring->Start();
  Write(Jwks(two_.Jwk()));
  EXPECT_TRUE(Eventually([&] { return Knows(*ring, two_); }));
  ring->Stop();
}

TEST_F(KeyRingTest, ItsThreadLooksSoonOnceWoken) {
  Write(Jwks(one_.Jwk()));
  const auto ring = Must(Open({.reload_interval = absl::Hours(1)}));
  ring->Start();
  Write(Jwks(two_.Jwk()));
  ring->Wake();
  EXPECT_TRUE(Eventually([&] { return Knows(*ring, two_); }));
}

}  // namespace
}  // namespace broadcast::auth
