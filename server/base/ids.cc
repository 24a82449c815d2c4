#include "base/ids.h"

namespace broadcast {
namespace {

constexpr absl::string_view kHex = "0123456789abcdef";
constexpr uint32_t kSequenceLimit = 1 << 12;

void AppendHex(uint64_t value, int digits, std::string& out) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    out.push_back(kHex[(value >> shift) & 0xf]);
  }
}

}  // namespace

bool IsUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : kHex.find(text[i]) == kHex.npos) return false;
  }
  return true;
}

IdSource::IdSource(const Clock* clock, uint64_t seed)
    : clock_(clock), random_(seed) {}

std::string IdSource::Next() {
  int64_t ms;
  uint32_t sequence;
  uint64_t tail;
  {
    absl::MutexLock lock(&mu_);
    const int64_t now_ms = absl::ToUnixMillis(clock_->Now());
    if (now_ms > last_ms_) {
      last_ms_ = now_ms;
      sequence_ = static_cast<uint32_t>(random_() % (kSequenceLimit / 2));
    } else if (++sequence_ == kSequenceLimit) {
      // More than a millisecond holds, or a clock that went back: borrow the
      // next millisecond, so that order and uniqueness stay.
      ++last_ms_;
      sequence_ = 0;
    }
    ms = last_ms_;
    sequence = sequence_;
    tail = random_();
  }
  std::string id;
  id.reserve(36);
  AppendHex(static_cast<uint64_t>(ms) >> 16, 8, id);
  id.push_back('-');
  AppendHex(static_cast<uint64_t>(ms) & 0xffff, 4, id);
  id.push_back('-');
  AppendHex(0x7000U | sequence, 4, id);
  id.push_back('-');
  AppendHex(0x8000U | ((tail >> 48) & 0x3fff), 4, id);
  id.push_back('-');
  AppendHex(tail & 0xffffffffffff, 12, id);
  return id;
}

}  // namespace broadcast
