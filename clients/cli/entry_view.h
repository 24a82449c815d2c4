// Entries for people. Any thread.
#ifndef BROADCASTD_CLI_ENTRY_VIEW_H_
#define BROADCASTD_CLI_ENTRY_VIEW_H_

#include <string>
#include <vector>

#include "broadcast/v1/entry.pb.h"
#include "cli/cli_session.h"
#include "cli/text_table.h"

namespace broadcast::cli {

std::vector<Column> EntryColumns();

std::vector<Cell> EntryRow(const Session& session, const v1::Entry& entry);

// All that is known of one.
std::string EntryText(Session& session, const v1::Entry& entry);

// `TELEGRAM @news`.
std::string ChannelText(const v1::Channel& channel);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_ENTRY_VIEW_H_
