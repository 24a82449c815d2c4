#include "new_entries.h"

#include <chrono>
#include <cstdio>

namespace broadcast::bench {
namespace {

uint64_t Seed() {
  std::random_device random;
  return (uint64_t{random()} << 32) | random();
}

std::string Hex(uint64_t value, int digits) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text(static_cast<size_t>(digits), '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
    *digit = kHex[value & 0xf];
    value >>= 4;
  }
  return text;
}

std::string Uuid(uint64_t high, uint64_t low) {
  std::string text = Hex(high, 16);
  text.insert(12, "-").insert(8, "-").push_back('-');
  return text + Hex(low, 16).insert(4, "-");
}

uint64_t Variant(uint64_t random) {
  return (random & 0x3fff'ffff'ffff'ffff) | 0x8000'0000'0000'0000;
}

}  // namespace

NewEntries::NewEntries(int64_t pairs_per_client)
    : pairs_per_client_(pairs_per_client),
      random_(Seed()),
      ordered_(static_cast<uint64_t>(
                   std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count())
               << 12) {}

NewEntry NewEntries::Next() {
  if (made_++ % pairs_per_client_ == 0) client_id_ = RandomId();
  const std::string name = Hex(random_(), 16);
  return {.client_id = client_id_,
          .open_address = "open-" + name,
          .closed_address = "closed-" + name,
          .request_id = RandomId()};
}

std::string NewEntries::RandomId() {
  return Uuid((random_() & ~uint64_t{0xf000}) | 0x4000, Variant(random_()));
}

std::string NewEntries::OrderedId() {
  // 48 bits of milliseconds, the version, 12 bits that count.
  const uint64_t value = ++ordered_;
  return Uuid((value >> 12 << 16) | 0x7000 | (value & 0xfff),
              Variant(random_()));
}

std::string NewEntries::Hash() {
  std::string text;
  for (int i = 0; i < 4; ++i) text += Hex(random_(), 16);
  return text;
}

std::string SeededEntryId(int64_t number) {
  char id[64];
  std::snprintf(id, sizeof(id), "01970004-0000-7000-8000-%012lld",
                static_cast<long long>(number));
  return id;
}

std::string SeededLargeClientId() {
  return "01970001-0000-7000-8000-000000000000";
}

}  // namespace broadcast::bench
