#include "support/temp_dir.h"

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace broadcast::test {
namespace {

std::string Make() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "broadcastd_test.XXXXXX")
          .string();
  if (mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("cannot make a temporary folder");
  }
  return pattern;
}

}  // namespace

TempDir::TempDir() : path_(Make()) {}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::File(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

}  // namespace broadcast::test
