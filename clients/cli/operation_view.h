// Operations for people. Any thread.
#ifndef BROADCASTD_CLI_OPERATION_VIEW_H_
#define BROADCASTD_CLI_OPERATION_VIEW_H_

#include <string>
#include <vector>

#include "broadcast/v1/operation.pb.h"
#include "cli/cli_session.h"
#include "cli/progress_text.h"
#include "cli/text_table.h"

namespace broadcast::cli {

ProgressCounts CountsOf(const v1::Operation& operation);

Color ColorOf(v1::Operation::State state);

std::vector<Column> OperationColumns();

std::vector<Cell> OperationRow(const Session& session,
                               const v1::Operation& operation);

// All that is known of one.
std::string OperationText(Session& session, const v1::Operation& operation);

// What came of one that has finished: a sentence, and of Sync and its kin what
// was done to messages.
std::string OutcomeText(const v1::Operation& operation);

// How to follow an operation that goes on without us.
std::string WatchHint(const std::string& operation_id);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_OPERATION_VIEW_H_
