#include "test/support/certificates.hpp"

#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace failover::test {
namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Memory = std::unique_ptr<BIO, Release<BIO_free_all>>;

void require(bool worked, char const* what) {
  if (!worked) throw std::runtime_error(std::string{"OpenSSL: "} + what);
}

Key make_key() {
  std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>> const context{EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nullptr)};
  EVP_PKEY* made = nullptr;
  require(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
              EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.get(), NID_X9_62_prime256v1) == 1 &&
              EVP_PKEY_keygen(context.get(), &made) == 1,
          "making a key");
  return Key{made};
}

std::string text_of(BIO* memory) {
  BUF_MEM* bytes = nullptr;
  BIO_get_mem_ptr(memory, &bytes);
  return {bytes->data, bytes->length};
}

std::string pem_of(X509* certificate) {
  Memory const memory{BIO_new(BIO_s_mem())};
  require(PEM_write_bio_X509(memory.get(), certificate) == 1, "writing a certificate");
  return text_of(memory.get());
}

std::string pem_of(EVP_PKEY* key) {
  Memory const memory{BIO_new(BIO_s_mem())};
  require(PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "writing a key");
  return text_of(memory.get());
}

void extend(X509* certificate, X509* issuer, int kind, std::string const& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>> const extension{
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "adding an extension");
}

void name_it(X509_NAME* name, std::string const& common_name) {
  std::string text = common_name;
  auto* const bytes = reinterpret_cast<unsigned char*>(text.data());
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, static_cast<int>(text.size()), -1, 0) == 1,
          "naming a certificate");
}

Certificate blank(EVP_PKEY* key, long serial, std::string const& name, LeafWishes const& wishes) {
  Certificate made{X509_new()};
  require(made && X509_set_version(made.get(), 2) == 1, "making a certificate");
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), wishes.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), wishes.valid_until);
  name_it(X509_get_subject_name(made.get()), name);
  require(X509_set_pubkey(made.get(), key) == 1, "setting a key");
  return made;
}

}  // namespace

struct Authority::Parts {
  Key key = make_key();
  Certificate certificate = {};
};

Authority::Authority(std::string const& name) : parts_(std::make_unique<Parts>()) {
  parts_->certificate = blank(parts_->key.get(), 1, name, {});
  auto* const own = parts_->certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
  extend(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(own, own, NID_subject_key_identifier, "hash");
  require(X509_sign(own, parts_->key.get(), EVP_sha256()) > 0, "signing");
}

Authority::~Authority() = default;

std::string Authority::certificate() const {
  return pem_of(parts_->certificate.get());
}

Identity Authority::issue(LeafWishes const& wishes) const {
  auto const key = make_key();
  auto const leaf = blank(key.get(), 2, "failover test server", wishes);
  auto* const issuer = parts_->certificate.get();
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer));
  extend(leaf.get(), issuer, NID_subject_alt_name, wishes.names);
  extend(leaf.get(), issuer, NID_ext_key_usage, "serverAuth");
  require(X509_sign(leaf.get(), parts_->key.get(), EVP_sha256()) > 0, "signing");
  return {pem_of(leaf.get()), pem_of(key.get())};
}

}  // namespace failover::test
