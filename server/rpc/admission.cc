#include "rpc/admission.h"

#include <utility>

#include "absl/strings/str_cat.h"
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

// The names in a certificate that gRPC has verified; none without one.
std::vector<std::string> CertificateNamesOf(
    const grpc::CallbackServerContext& context) {
  std::vector<std::string> names;
  const auto connection = context.auth_context();
  if (connection == nullptr || !connection->IsPeerAuthenticated()) return names;
  for (const char* property :
       {GRPC_X509_SAN_PROPERTY_NAME, GRPC_X509_CN_PROPERTY_NAME}) {
    for (const grpc::string_ref& name :
         connection->FindPropertyValues(property)) {
      names.emplace_back(name.data(), name.size());
    }
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

// Principals of two clients may have one name.
std::string RateKeyOf(const auth::Principal& principal) {
  return absl::StrCat(principal.scope.Key(), " ", principal.name);
}

}  // namespace

std::string AddressOf(const std::string& peer) {
  if (peer.rfind("ip", 0) != 0) return "unix:";
  return peer.substr(0, peer.rfind(':'));
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
  if (addresses_.rate() > 0) {
    const absl::Duration wait = addresses_.Take(AddressOf(context.peer()), now);
    if (wait > absl::ZeroDuration()) {
      return {Nobody(), error::RateLimited("address", addresses_.rate(), wait)};
    }
  }
  auto known = authenticator_->Authenticate(
      {.authorization = AuthorizationOf(context),
       .certificate_names = [&] { return CertificateNamesOf(context); }});
  if (!known.ok()) return {Nobody(), known.status()};
  if (principals_.rate() > 0) {
    const absl::Duration wait = principals_.Take(RateKeyOf(**known), now);
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
