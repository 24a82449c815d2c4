#include "cli/delivery_table.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "broadcast/v1/operation_service.grpc.pb.h"
#include "cli/enum_words.h"
#include "cli/return_status.h"
#include "cli/text_table.h"

namespace broadcast::cli {
namespace {

constexpr int kMostOfAState = 10;

struct Trouble {
  absl::string_view state;  // as a filter spells it
  int64_t count;
};

void Add(const v1::Delivery& delivery, TextTable& table) {
  table.Add({delivery.delivery_id(),
             WordOf(delivery.action()),
             {WordOf(delivery.state()), Color::kRed},
             delivery.channel_id(),
             delivery.reason(),
             delivery.detail()});
}

}  // namespace

absl::StatusOr<std::string> TroubleText(Session& session,
                                        const v1::Operation& operation) {
  const v1::OperationProgress& progress = operation.progress();
  TextTable table({{"DELIVERY ID"},
                   {"ACTION"},
                   {"STATE"},
                   {"CHANNEL ID"},
                   {"REASON"},
                   {"DETAIL"}});
  int64_t hidden = 0;
  for (const Trouble& trouble :
       {Trouble{"FAILED", progress.failed_count()},
        Trouble{"UNKNOWN", progress.unknown_count()},
        Trouble{"EXPIRED", progress.expired_count()}}) {
    if (trouble.count == 0) continue;
    v1::ListDeliveriesRequest request;
    request.set_operation_id(operation.operation_id());
    request.set_page_size(kMostOfAState);
    request.set_filter(absl::StrCat("state = ", trouble.state));
    CLI_ASSIGN_OR_RETURN(
        const v1::ListDeliveriesResponse response,
        session.Call(&v1::OperationService::Stub::ListDeliveries, request));
    for (const v1::Delivery& delivery : response.deliveries()) {
      Add(delivery, table);
    }
    hidden += trouble.count - response.deliveries_size();
  }
  if (table.empty()) return "";
  return absl::StrCat(
      table.Text(session.console().palette()),
      hidden > 0 ? absl::StrCat("… and ", hidden, " more.\n") : "");
}

}  // namespace broadcast::cli
