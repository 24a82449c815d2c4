// Every limit of the service, with its unit. Constants only.
#ifndef BROADCASTD_BASE_LIMITS_H_
#define BROADCASTD_BASE_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace broadcast::limits {

// Requests.
inline constexpr int kRequestIdLength = 36;           // ASCII characters
inline constexpr int kDefaultPageSize = 50;           // rows
inline constexpr int kMaxPageSize = 1000;             // rows
inline constexpr int kMaxRowsExaminedPerPage = 1000;  // rows
inline constexpr int kMaxFilterLength = 2048;         // bytes
inline constexpr int kMaxFilterConditions = 20;
inline constexpr int kMaxBatchEntries = 1000;
inline constexpr int kMaxFieldViolations = 20;       // reported at once
inline constexpr int kMaxReasonLength = 256;         // characters
inline constexpr size_t kMaxMessageBytes = 4 << 20;  // of one request
inline constexpr size_t kMaxStatusMessageBytes = 1024;
inline constexpr size_t kMaxStatusDetailBytes = 6 << 10;

// Resources.
inline constexpr int kMaxTitleLength = 128;  // characters
inline constexpr int kMaxLabels = 32;
inline constexpr int kMaxLabelKeyLength = 63;     // characters
inline constexpr int kMaxLabelValueLength = 256;  // characters
inline constexpr int kMaxAccountNameLength = 63;  // characters
inline constexpr int kMaxUrlLength = 2048;        // bytes
inline constexpr int kMaxLogAddressLength = 128;  // characters
inline constexpr int64_t kDefaultPairQuota = 10;  // pairs a client
inline constexpr int64_t kMaxPairQuota = 1'000'000;
inline constexpr int kMaxFeedChannels = 100;
inline constexpr int kMaxFeedNameLength = 63;     // characters
inline constexpr int kMaxExternalIdLength = 128;  // ASCII characters
inline constexpr int kMaxBatchPosts = 200;
inline constexpr int kMaxBatchMessages = 1000;  // posts times channels
inline constexpr int kMaxImportedPosts = 1000;  // in one message of an import
inline constexpr int kImportStep = 200;         // posts a transaction
inline constexpr int kImportScan = 1000;        // rows looked at at once
inline constexpr int kKeptImports = 20;         // of a feed
inline constexpr int kMaxImportStreams = 64;    // that a process serves at once
inline constexpr absl::Duration kMinInterval = absl::Seconds(60);
inline constexpr absl::Duration kMaxInterval = absl::Hours(24 * 366);
inline constexpr absl::Duration kDefaultInterval = absl::Hours(24);

// How long what is to be sent is tried, from when it was asked for.
inline constexpr absl::Duration kMaxBroadcastTime = absl::Hours(24);
inline constexpr absl::Duration kTriggerTime = absl::Hours(1);
inline constexpr absl::Duration kRetryTime = absl::Hours(1);
inline constexpr absl::Duration kTestTime = absl::Minutes(2);
inline constexpr absl::Duration kMaxJitter = absl::Seconds(30);
inline constexpr int kFiringsPerStep = 250;  // entries a transaction
inline constexpr absl::Duration kPostTime = absl::Hours(24);
inline constexpr absl::Duration kPlanValidity = absl::Minutes(15);
inline constexpr int kExpiriesPerStep = 10;        // posts a transaction
inline constexpr int kMaxRetriedDeliveries = 200;  // by one RetryDeliveries
// Telegram deletes what is younger; what has to wait may be older by then.
inline constexpr absl::Duration kTelegramDeleteWindow = absl::Hours(48);
inline constexpr absl::Duration kDeleteMargin = absl::Minutes(10);

// Content.
inline constexpr int kMaxTextLength = 4096;  // characters
inline constexpr int kMaxButtons = 100;
inline constexpr int kMaxButtonsPerRow = 8;
inline constexpr int kMaxButtonTextLength = 64;  // characters

// Delivery.
inline constexpr absl::Duration kTriggerCooldown = absl::Minutes(5);
inline constexpr absl::Duration kMaxTriggerCooldown = absl::Hours(24);
inline constexpr int kDisableThreshold = 5;  // failures in a row
inline constexpr absl::Duration kResultsRetention = absl::Hours(24 * 7);
inline constexpr absl::Duration kOperationsRetention = absl::Hours(24 * 30);
inline constexpr absl::Duration kEventsRetention = absl::Hours(24 * 7);
inline constexpr absl::Duration kMinRetention = absl::Hours(1);
// Past its last deadline, what nobody has tried to send is ended from outside.
inline constexpr absl::Duration kOverdueGrace = absl::Minutes(1);
inline constexpr int kOverdueOperations = 50;  // a background step
inline constexpr absl::Duration kLaneLease = absl::Seconds(15);
inline constexpr absl::Duration kMinLaneLease = absl::Seconds(2);
inline constexpr absl::Duration kMaxLaneLease = absl::Minutes(1);
inline constexpr int kMaxLanes = 64;             // of one account
inline constexpr int kMaxSendRate = 100000;      // messages a second or minute
inline constexpr int kMaxAttemptPageSize = 100;  // deliveries with attempts
inline constexpr int kMaxPlatformMessageIdLength = 64;  // ASCII characters
inline constexpr int kMaxWatches = 4096;        // that a process serves at once
inline constexpr int kMaxWatchKinds = 20;       // in one filter
inline constexpr int kMaxEventKindLength = 64;  // ASCII characters
inline constexpr int kMaxChecks = 64;           // CheckChannel at once

// Storage.
inline constexpr absl::Duration kRequestIdRetention = absl::Hours(24);
inline constexpr absl::Duration kAuditRetention = absl::Hours(24 * 90);
inline constexpr absl::Duration kMinAuditRetention = absl::Hours(1);
inline constexpr int kMaxPrincipalLength = 256;     // characters, audited
inline constexpr size_t kMaxQueuedRefusals = 2000;  // that wait to be audited
inline constexpr int kRefusalsPerSecond = 20;       // audited of a principal
inline constexpr size_t kMaxQueuedWrites = 8192;
inline constexpr size_t kMaxQueuedReads = 4096;
inline constexpr size_t kMaxGroup = 256;  // bodies a commit
inline constexpr int kChunkRows = 200;    // rows a background step
inline constexpr int kMaxSampleIds = 100;

}  // namespace broadcast::limits

#endif  // BROADCASTD_BASE_LIMITS_H_
