// Secrets kept in files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

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

TEST_F(SecretFileTest, SourcesAreReadWhereTheyAre) {
  std::map<std::string, std::string> variables = {
      {"A", "hunter2"}, {"B", "hunter2\n"}, {"C", ""}, {"D", "hunter2\nx"}};
  const auto getenv =
      [&](absl::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  using Kind = SecretSource::Kind;
  EXPECT_THAT(ReadSecret({Kind::kFile, File("hunter2\n")}, getenv),
              IsOkAndHolds("hunter2"));
  EXPECT_THAT(ReadSecret({Kind::kEnvironment, "A"}, getenv),
              IsOkAndHolds("hunter2"));
  EXPECT_THAT(ReadSecret({Kind::kEnvironment, "B"}, getenv),
              IsOkAndHolds("hunter2"));
  for (const char* name : {"C", "None"}) {
    EXPECT_THAT(ReadSecret({Kind::kEnvironment, name}, getenv),
                StatusIs(absl::StatusCode::kNotFound, HasSubstr(name)));
  }
  EXPECT_THAT(ReadSecret({}, getenv), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ReadSecret({Kind::kFile, dir_.File("none")}, getenv),
              StatusIs(kInvalid, HasSubstr("cannot be read")));
  EXPECT_THAT(ReadSecret({Kind::kEnvironment, "D"}, getenv),
              StatusIs(kInvalid, AllOf(HasSubstr("D: holds several lines"),
                                       Not(HasSubstr("hunter2")))));
}

TEST_F(SecretFileTest, DirectoriesHaveSecretsByName) {
  File("hunter2");
  EXPECT_EQ(SecretIn(dir_.path(), "secret").name, dir_.File("secret"));
  EXPECT_EQ(SecretIn(dir_.path(), "secret").kind, SecretSource::Kind::kFile);
  EXPECT_EQ(SecretIn(dir_.path(), "none").kind, SecretSource::Kind::kNone);
  EXPECT_EQ(SecretIn("", "secret").kind, SecretSource::Kind::kNone);
}

TEST_F(SecretFileTest, DirectoryHasThePasswordThatNothingElseTells) {
  Settings settings;
  settings.secrets_directory = dir_.path();
  settings.database = "postgresql://u@h/d";
  EXPECT_THAT(Must(DatabaseLocation(settings)).conninfo,
              Not(HasSubstr("password")));
  std::ofstream(dir_.File("database_password")) << "mounted";
  EXPECT_THAT(Must(DatabaseLocation(settings)).conninfo,
              HasSubstr("password='mounted'"));
  settings.database = "postgresql://u:old@h/d";
  EXPECT_THAT(Must(DatabaseLocation(settings)).conninfo,
              HasSubstr("password='old'"));
  settings.database_password_file = File("new");
  EXPECT_THAT(Must(DatabaseLocation(settings)).conninfo,
              HasSubstr("password='new'"));

  settings.database = "postgresql://u@h/d";
  settings.database_password_file.clear();
  std::ofstream(dir_.File("database_password"));
  EXPECT_THAT(DatabaseLocation(settings),
              StatusIs(kInvalid, HasSubstr("secrets_directory: ")));
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
