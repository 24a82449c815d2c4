// The handles of the libraries that verify and sign, released by themselves.
// Private to auth.
#ifndef BROADCASTD_AUTH_JOSE_H_
#define BROADCASTD_AUTH_JOSE_H_

#include <cjose/cjose.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

namespace broadcast::auth {

template <auto kRelease>
struct Releaser {
  template <typename T>
  void operator()(T* handle) const {
    kRelease(handle);
  }
};

using JwkHandle = std::unique_ptr<cjose_jwk_t, Releaser<&cjose_jwk_release>>;
using JwsHandle = std::unique_ptr<cjose_jws_t, Releaser<&cjose_jws_release>>;
using HeaderHandle =
    std::unique_ptr<cjose_header_t, Releaser<&cjose_header_release>>;
using PkeyHandle = std::unique_ptr<EVP_PKEY, Releaser<&EVP_PKEY_free>>;
using DigestHandle = std::unique_ptr<EVP_MD_CTX, Releaser<&EVP_MD_CTX_free>>;
using BioHandle = std::unique_ptr<BIO, Releaser<&BIO_free>>;
using X509Handle = std::unique_ptr<X509, Releaser<&X509_free>>;
using NumberHandle = std::unique_ptr<BIGNUM, Releaser<&BN_free>>;

// Leaves none of OpenSSL's errors behind on this thread, where gRPC would take
// them for those of a connection.
struct ErrorsCleared {
  ErrorsCleared() { ERR_clear_error(); }
  ~ErrorsCleared() { ERR_clear_error(); }
  ErrorsCleared(const ErrorsCleared&) = delete;
  ErrorsCleared& operator=(const ErrorsCleared&) = delete;
};

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_JOSE_H_
