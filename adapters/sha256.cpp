#include "adapters/sha256.hpp"

#include "core/expects.hpp"

#include <array>

#include <openssl/evp.h>

namespace failover::adapters {

struct Sha256::Context {
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  Context() = default;
  Context(Context const&) = delete;
  Context& operator=(Context const&) = delete;
  ~Context() { EVP_MD_CTX_free(digest); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  EXPECTS(context_->digest != nullptr && EVP_DigestInit_ex(context_->digest, EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  EXPECTS(EVP_DigestUpdate(context_->digest, bytes.data(), bytes.size()) == 1);
}

std::string Sha256::result() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int length = 0;
  EXPECTS(EVP_DigestFinal_ex(context_->digest, bytes.data(), &length) == 1);
  std::string text;
  for (unsigned int index = 0; index < length; ++index) {
    text.push_back("0123456789abcdef"[bytes[index] >> 4]);
    text.push_back("0123456789abcdef"[bytes[index] & 15]);
  }
  return text;
}

}  // namespace failover::adapters
