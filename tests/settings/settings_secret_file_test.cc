// Secrets kept in files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "settings/secret_file.h"
#include "settings/settings.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace broadcast {
namespace {

using test::IsOkAndHolds;
using test::Must;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class SecretFileTest : public testing::Test {
 protected:
  std::string File(const std::string& content) {
    std::ofstream(dir_.File("secret"), std::ios::binary) << content;
    return dir_.File("secret");
  }

  const test::TempDir dir_;
};

TEST_F(SecretFileTest, LosesOnlyItsLineEnd) {
  EXPECT_THAT(ReadSecretFile(File("hunter2")), IsOkAndHolds("hunter2"));
  EXPECT_THAT(ReadSecretFile(File(" hunter2 \n")), IsOkAndHolds(" hunter2 "));
  EXPECT_THAT(ReadSecretFile(File("hunter2\r\n")), IsOkAndHolds("hunter2"));
  EXPECT_THAT(ReadSecretFile(File(std::string(4096, 'x'))),
              IsOkAndHolds(std::string(4096, 'x')));
}

TEST_F(SecretFileTest, RefusesOthersWithoutSayingWhatTheyHold) {
  for (const std::string& content :
       {std::string(), std::string("\n"), std::string("hunter2\n\n"),
        std::string("hunter2\nuser"), std::string("hunter2\0", 8),
        std::string(4097, 'x')}) {
    EXPECT_THAT(ReadSecretFile(File(content)),
                StatusIs(kInvalid, AllOf(HasSubstr("secret: "),
                                         Not(HasSubstr("hunter2")))));
  }
  EXPECT_THAT(ReadSecretFile(dir_.File("none")),
              StatusIs(kInvalid, HasSubstr("cannot be read")));
  EXPECT_THAT(ReadSecretFile(dir_.path()),
              StatusIs(kInvalid, HasSubstr("cannot be read")));
}

TEST_F(SecretFileTest, GivesTheDatabaseItsPassword) {
  Settings settings;
  settings.database = "postgresql://u:old@h/d";
  settings.database_password_file = File("new\n");
  EXPECT_THAT(Must(DatabaseLocation(settings)).conninfo,
              AllOf(HasSubstr("password='new'"), Not(HasSubstr("old"))));
  settings.database_password_file = dir_.File("none");
  EXPECT_THAT(DatabaseLocation(settings),
              StatusIs(kInvalid, HasSubstr("database_password_file: ")));
}

}  // namespace
}  // namespace broadcast
