#include "storage/location.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/status_matchers.h"

namespace broadcast::storage {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(LocationTest, SqliteTakesTheRestAsAPath) {
  const auto location = Location::Parse("sqlite:./data/a b:c.db", "");
  ASSERT_THAT(location, IsOk());
  EXPECT_EQ(location->backend, Backend::kSqlite);
  EXPECT_EQ(location->path, "./data/a b:c.db");
}

TEST(LocationTest, SqliteNeedsAFile) {
  EXPECT_THAT(Location::Parse("sqlite:", ""),
              StatusIs(kInvalid, HasSubstr("sqlite:PATH")));
  EXPECT_THAT(Location::Parse("sqlite::memory:", ""), StatusIs(kInvalid));
}

TEST(LocationTest, APostgresUrlBecomesConninfo) {
  for (const char* scheme : {"postgresql", "postgres"}) {
    const auto location = Location::Parse(
        std::string(scheme) + "://me@db.example:5433/broadcasts", "");
    ASSERT_THAT(location, IsOk());
    EXPECT_EQ(location->backend, Backend::kPostgres);
    EXPECT_THAT(
        location->conninfo,
        AllOf(HasSubstr("user='me'"), HasSubstr("host='db.example'"),
              HasSubstr("port='5433'"), HasSubstr("dbname='broadcasts'"),
              HasSubstr("connect_timeout='3'"),
              HasSubstr("application_name='broadcastd'"),
              Not(HasSubstr("password"))));
  }
}

TEST(LocationTest, WhatTheUrlSaysWinsOverDefaults) {
  const auto location = Location::Parse(
      "postgresql://h/d?connect_timeout=9&application_name=mine", "");
  ASSERT_THAT(location, IsOk());
  EXPECT_THAT(location->conninfo, AllOf(HasSubstr("connect_timeout='9'"),
                                        Not(HasSubstr("connect_timeout='3'")),
                                        HasSubstr("application_name='mine'")));
}

TEST(LocationTest, AGivenPasswordReplacesTheOneOfTheUrl) {
  const auto location =
      Location::Parse("postgresql://me:old@h/d", R"(ne'w\ p)");
  ASSERT_THAT(location, IsOk());
  EXPECT_THAT(location->conninfo, AllOf(HasSubstr(R"(password='ne\'w\\ p')"),
                                        Not(HasSubstr("old"))));
}

TEST(LocationTest, AnEscapedPasswordIsDecoded) {
  const auto location = Location::Parse("postgresql://me:a%40b%2F@h/d", "");
  ASSERT_THAT(location, IsOk());
  EXPECT_THAT(location->conninfo, HasSubstr("password='a@b/'"));
}

TEST(LocationTest, OtherTextIsRefusedWithoutRepeatingIt) {
  for (const char* text :
       {"", "hunter2", "mysql://me:hunter2@h/d", "/var/lib/hunter2.db",
        "postgresql://me:hunter2@h/%zz", "postgresql://h/d?hunter2=1"}) {
    EXPECT_THAT(Location::Parse(text, ""),
                StatusIs(kInvalid, Not(HasSubstr("hunter2"))))
        << text;
  }
}

TEST(LocationTest, RedactionHidesEveryPassword) {
  EXPECT_THAT(RedactLocation("postgresql://me:hunter2@h/d"),
              AllOf(HasSubstr("password='***'"), HasSubstr("host='h'"),
                    Not(HasSubstr("hunter2"))));
  EXPECT_THAT(RedactLocation("postgresql://h/d?password=hunter2"),
              Not(HasSubstr("hunter2")));
  EXPECT_THAT(RedactLocation("postgresql://h/d?sslpassword=hunter2"),
              Not(HasSubstr("hunter2")));
  EXPECT_THAT(RedactLocation("postgresql://me:hunter2@h/%zz"),
              Not(HasSubstr("hunter2")));
  EXPECT_EQ(RedactLocation("sqlite:data/a.db"), "sqlite:data/a.db");
}

TEST(LocationTest, APasswordInAUrlIsNoticed) {
  EXPECT_TRUE(LocationHasPassword("postgresql://me:hunter2@h/d"));
  EXPECT_TRUE(LocationHasPassword("postgresql://h/d?password=hunter2"));
  EXPECT_FALSE(LocationHasPassword("postgresql://me@h/d"));
  EXPECT_FALSE(LocationHasPassword("sqlite:password=hunter2"));
}

}  // namespace
}  // namespace broadcast::storage
