// A certificate authority and what it issues, made anew in each test. Throws
// if OpenSSL does not. Values; any thread.
#ifndef BROADCASTD_SUPPORT_CERTIFICATES_H_
#define BROADCASTD_SUPPORT_CERTIFICATES_H_

#include <memory>
#include <string>

#include "absl/time/time.h"

struct evp_pkey_st;
struct x509_st;

namespace broadcast::test {

struct CertificateRequest {
  std::string common_name;
  std::string names;  // "URI:spiffe://a/b,DNS:c,IP:127.0.0.1"; may be empty
  // Both from now.
  absl::Duration begins = -absl::Hours(1);
  absl::Duration ends = absl::Hours(1);
};

// Both in PEM.
struct Certificate {
  std::string certificate;
  std::string key;
  std::string encrypted_key;  // by the pass phrase "pass phrase"
};

class CertificateAuthority {
 public:
  CertificateAuthority();

  const std::string& pem() const { return pem_; }
  Certificate Issue(const CertificateRequest& request) const;

  // One for servers on this machine, as "server.test" and by address.
  Certificate IssueForServer() const {
    return Issue({.common_name = "server.test",
                  .names = "DNS:server.test,IP:127.0.0.1"});
  }

 private:
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> certificate_;
  std::string pem_;
};

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_CERTIFICATES_H_
