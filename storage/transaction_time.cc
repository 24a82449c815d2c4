#include "storage/transaction_time.h"

#include <chrono>
#include <tuple>

#include "base/status_macros.h"
#include "storage/session.h"

namespace broadcast::storage {
namespace {

constexpr Sql kPostgresTime{
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"};

}  // namespace

TransactionTime::TransactionTime(const Clock* clock,
                                 absl::Duration postgres_offset)
    : clock_(clock),
      postgres_offset_us_(absl::ToInt64Microseconds(postgres_offset)) {}

void TransactionTime::SetPostgresOffset(absl::Duration offset) {
  postgres_offset_us_ = absl::ToInt64Microseconds(offset);
}

absl::Duration TransactionTime::postgres_offset() const {
  return absl::Microseconds(postgres_offset_us_.load());
}

absl::StatusOr<absl::Time> TransactionTime::Ask(Session& session) {
  if (session.backend() == Backend::kSqlite) return NotBefore(clock_->Now());
  int64_t micros = 0;
  RETURN_IF_ERROR(session
                      .Run(kPostgresTime, {},
                           ColumnTypesOf<std::tuple<int64_t>>(),
                           [&](Row& row) {
                             row(micros);
                             return absl::OkStatus();
                           })
                      .status());
  return NotBefore(absl::FromUnixMicros(micros) + postgres_offset());
}

absl::Time TransactionTime::latest() const {
  absl::MutexLock lock(&mu_);
  return absl::FromUnixMicros(latest_us_);
}

absl::Time TransactionTime::NotBefore(absl::Time time) {
  const SteadyTime now = clock_->Steady();
  absl::MutexLock lock(&mu_);
  // Microseconds are what is stored, so that what a body decides by is what
  // it will read again.
  const int64_t asked = absl::ToUnixMicros(time);
  if (asked >= latest_us_) {
    latest_us_ = asked;
    told_ = now;
  } else {
    const auto gone =
        std::chrono::duration_cast<std::chrono::microseconds>(now - told_);
    if (const int64_t step = gone.count() * 9 / 10; step > 0) {
      latest_us_ += step;
      told_ = now;
    }
  }
  return absl::FromUnixMicros(latest_us_);
}

}  // namespace broadcast::storage
