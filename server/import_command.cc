#include "import_command.h"

#include "base/limits.h"
#include "base/status_macros.h"
#include "moving/import_files.h"
#include "settings/legacy_settings.h"

namespace broadcast {

absl::StatusOr<std::string> RunImport(const Settings& settings,
                                      const ImportRequest& request,
                                      storage::Database& database,
                                      IdSource& ids) {
  ASSIGN_OR_RETURN(
      const moving::Imported imported,
      moving::ImportFiles(
          database, ids,
          {.messages = request.messages,
           .pairs = request.pairs,
           .dry_run = request.dry_run,
           .policy = {.account = kGroupBotAccount,
                      .default_interval = settings.default_interval,
                      .trigger_cooldown = settings.trigger_cooldown}}));
  return moving::ToText(imported);
}

}  // namespace broadcast
