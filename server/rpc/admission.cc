#include "rpc/admission.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"

namespace broadcast::rpc {
namespace {

constexpr char kAuthorization[] = "authorization";

std::optional<absl::string_view> AuthorizationOf(
    const grpc::CallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(kAuthorization);
  if (found == metadata.end()) return std::nullopt;
  // Of two, whoever stands before us may have looked at the other one.
  if (metadata.count(kAuthorization) > 1) return "";
  return absl::string_view(found->second.data(), found->second.size());
}

// The names in a certificate that gRPC has verified; none without one. The
// common name counts only in a certificate without others (RFC 6125): an
// authority that looks at those need not look at it.
std::vector<std::string> CertificateNamesOf(
    const grpc::CallbackServerContext& context) {
  std::vector<std::string> names;
  const auto connection = context.auth_context();
  if (connection == nullptr || !connection->IsPeerAuthenticated()) return names;
  const auto add = [&](const char* property) {
    for (const grpc::string_ref& name :
         connection->FindPropertyValues(property)) {
      names.emplace_back(name.data(), name.size());
    }
  };
  add(GRPC_PEER_URI_PROPERTY_NAME);
  add(GRPC_PEER_DNS_PROPERTY_NAME);
  if (connection->FindPropertyValues(GRPC_X509_SAN_PROPERTY_NAME).empty()) {
    add(GRPC_X509_CN_PROPERTY_NAME);
  }
  return names;
}

const auth::PrincipalPointer& Nobody() {
  static const auto& nobody =
      *new auth::PrincipalPointer(std::make_shared<const auth::Principal>(
          auth::Principal{.name = "",
                          .scope = storage::Scope::OneClient("nobody"),
                          .permissions = {}}));
  return nobody;
}

const auth::PrincipalPointer& Local() {
  static const auto& local = *new auth::PrincipalPointer(
      std::make_shared<const auth::Principal>(auth::Principal::Local()));
  return local;
}

// A caller who is not known has cost up to eight signatures.
constexpr int kCallsOfAFailure = 20;

// The network of an IPv6 host: whoever has one address has all of its /64.
std::string NetworkOf(std::string host) {
  host = host.substr(0, host.find("%25"));  // without its zone
  in6_addr address{};
  if (inet_pton(AF_INET6, host.c_str(), &address) != 1) return host;
  std::fill(address.s6_addr + 8, address.s6_addr + 16, 0);
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(AF_INET6, &address, text, sizeof(text));
  return text;
}

}  // namespace

std::string AddressOf(const std::string& peer) {
  if (!absl::StartsWith(peer, "ip")) return "unix:";
  absl::string_view rest = absl::string_view(peer).substr(0, peer.rfind(':'));
  if (!absl::ConsumePrefix(&rest, "ipv6:")) return std::string(rest);
  absl::ConsumePrefix(&rest, "%5B") || absl::ConsumePrefix(&rest, "[");
  absl::ConsumeSuffix(&rest, "%5D") || absl::ConsumeSuffix(&rest, "]");
  return absl::StrCat("ipv6:", NetworkOf(std::string(rest)));
}

Admission::Admission(auth::Authenticator* authenticator, const Options& options,
                     const Clock* clock)
    : authenticator_(authenticator),
      clock_(clock),
      principals_(authenticator == nullptr ? 0 : options.principal_rate),
      addresses_(authenticator == nullptr ? 0 : options.address_rate) {}

Admission::Verdict Admission::Admit(const grpc::CallbackServerContext& context,
                                    const Method& method) {
  if (!method.required.has_value()) {
    return {Nobody(), error::ScopeMissing("(undeclared)")};
  }
  if (authenticator_ == nullptr) return {Local(), absl::OkStatus()};
  const SteadyTime now = clock_->Steady();
  std::string address;
  if (addresses_.rate() > 0) {
    address = AddressOf(context.peer());
    const absl::Duration wait = addresses_.Take(address, now);
    if (wait > absl::ZeroDuration()) {
      return {Nobody(), error::RateLimited("address", addresses_.rate(), wait)};
    }
  }
  auto known = authenticator_->Authenticate(
      {.authorization = AuthorizationOf(context),
       .certificate_names = [&] { return CertificateNamesOf(context); }});
  if (!known.ok()) {
    addresses_.Charge(address, kCallsOfAFailure, now);
    return {Nobody(), known.status()};
  }
  if (principals_.rate() > 0) {
    const absl::Duration wait = principals_.Take((*known)->RateKey(), now);
    if (wait > absl::ZeroDuration()) {
      return {*std::move(known),
              error::RateLimited("principal", principals_.rate(), wait)};
    }
  }
  if (!(*known)->permissions.Include(*method.required)) {
    return {*std::move(known), error::ScopeMissing(method.required->name())};
  }
  return {*std::move(known), absl::OkStatus()};
}

}  // namespace broadcast::rpc
