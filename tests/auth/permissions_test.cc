#include "auth/permissions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/scope_names.h"

namespace broadcast::auth {
namespace {

bool Has(const Permissions& permissions, absl::string_view scope) {
  return permissions.Include(*Permission::Parse(scope));
}

TEST(PermissionsTest, EachScopeIsItselfAndNoOther) {
  for (const absl::string_view held : ScopeNames()) {
    const Permissions permissions = Permissions::FromScopes(held);
    for (const absl::string_view wanted : ScopeNames()) {
      EXPECT_EQ(Has(permissions, wanted), held == wanted)
          << held << " for " << wanted;
    }
    EXPECT_TRUE(Has(permissions, "any")) << held;
  }
}

TEST(PermissionsTest, AdminImpliesNothing) {
  const Permissions admin = Permissions::FromScopes("admin");
  EXPECT_TRUE(Has(admin, "admin"));
  EXPECT_FALSE(Has(admin, "entries:read"));
  EXPECT_FALSE(Has(admin, "clients:write"));
}

TEST(PermissionsTest, AnyIsContentWithNothing) {
  EXPECT_TRUE(Has(Permissions(), "any"));
  EXPECT_FALSE(Has(Permissions(), "entries:read"));
}

TEST(PermissionsTest, AllHasEveryScope) {
  for (const absl::string_view scope : ScopeNames()) {
    EXPECT_TRUE(Has(Permissions::All(), scope)) << scope;
  }
}

TEST(PermissionsTest, UnknownNamesAreSkipped) {
  const Permissions permissions = Permissions::FromScopes(
      "openid  entries:read profile * any entries entries: :read ENTRIES:WRITE "
      "admin, clients:read\tclients:write \xff");
  for (const absl::string_view scope : ScopeNames()) {
    EXPECT_EQ(Has(permissions, scope), scope == "entries:read") << scope;
  }
}

TEST(PermissionsTest, ScopesAddUp) {
  Permissions permissions = Permissions::FromScopes("entries:read");
  permissions.Add(Permissions::FromScopes("admin feeds:write"));
  EXPECT_TRUE(Has(permissions, "entries:read"));
  EXPECT_TRUE(Has(permissions, "admin"));
  EXPECT_TRUE(Has(permissions, "feeds:write"));
  EXPECT_FALSE(Has(permissions, "feeds:read"));
}

TEST(PermissionsTest, NoOtherNameIsAPermission) {
  EXPECT_EQ(Permission::Parse("entries:read")->name(), "entries:read");
  EXPECT_EQ(Permission::Parse("any")->name(), "any");
  for (const char* name : {"", " ", "Any", "all", "*", "entries", "admin "}) {
    EXPECT_FALSE(Permission::Parse(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace broadcast::auth
