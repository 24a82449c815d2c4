// What all lists of the contract have in common: filter, order, pages. One
// thread.
#ifndef BROADCASTD_CLI_LIST_PAGES_H_
#define BROADCASTD_CLI_LIST_PAGES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/arguments.h"
#include "cli/cli_session.h"
#include "cli/exit_status.h"
#include "cli/return_status.h"
#include "cli/text_table.h"

namespace broadcast::cli {

// The options of a list as its request.
template <typename Request>
absl::StatusOr<Request> ListRequest(const Arguments& arguments) {
  Request request;
  request.set_filter(arguments.Get("filter"));
  request.set_order_by(arguments.Get("order-by"));
  request.set_page_token(arguments.Get("page-token"));
  CLI_ASSIGN_OR_RETURN(const auto size, arguments.Count("page-size", 1, 1000));
  // All pages are fetched in few calls.
  const int64_t usual = arguments.Has("all") ? 1000 : 0;
  request.set_page_size(static_cast<int32_t>(size.value_or(usual)));
  return request;
}

// Prints one page, or with --all every page. `items` returns the resources of a
// response, `row` the cells of one.
template <typename Stub, typename Request, typename Response, typename Items,
          typename Row>
absl::StatusOr<ExitStatus> ListPages(
    Session& session, const Arguments& arguments,
    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                 Response*),
    std::vector<Column> columns, Items items, Row row) {
  CLI_ASSIGN_OR_RETURN(Request request, ListRequest<Request>(arguments));
  TextTable table(std::move(columns));
  Response pages;
  for (;;) {
    CLI_ASSIGN_OR_RETURN(Response page, session.Call(method, request));
    const std::string token = page.next_page_token();
    for (const auto& item : items(page)) {
      if (session.is_table()) table.Add(row(item));
      if (session.output() == Output::kJsonLines) session.PrintJson(item);
    }
    const bool found = !items(page).empty();
    if (session.output() == Output::kJson) pages.MergeFrom(page);
    pages.set_next_page_token(token);
    request.set_page_token(token);
    // With a filter, a page may be empty although there is more.
    if (token.empty() || (found && !arguments.Has("all"))) break;
    if (!session.console().Flush()) break;
  }
  if (session.is_table() && !table.empty()) {
    session.console().Print(table.Text(session.console().palette()));
  }
  if (session.output() == Output::kJson) session.PrintJson(pages);
  if (session.is_table() && table.empty()) session.console().Note("none");
  if (session.output() != Output::kJson && !pages.next_page_token().empty()) {
    session.console().Note(absl::StrCat(
        "there are more: --all, or --page-token=", pages.next_page_token()));
  }
  return kExitDone;
}

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_LIST_PAGES_H_
