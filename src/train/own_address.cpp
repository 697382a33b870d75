#include "train/own_address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace ocrdet {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

class Socket {
 public:
  explicit Socket(int family) : handle_(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (handle_ >= 0) close(handle_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int handle() const { return handle_; }

 private:
  int handle_;
};

Addresses lookUp(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int problem = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found); problem != 0)
    throw std::invalid_argument(fmt::format("\"{}\" is no address: {}", host, gai_strerror(problem)));
  return {found, &freeaddrinfo};
}

// Connecting a datagram socket chooses the way, and with it the sender. Empty when there is no way.
std::string senderTo(const addrinfo& address) {
  const Socket sender(address.ai_family);
  sockaddr_storage own{};
  socklen_t length = sizeof own;
  std::array<char, NI_MAXHOST> digits{};
  if (sender.handle() < 0 || connect(sender.handle(), address.ai_addr, address.ai_addrlen) != 0 ||
      getsockname(sender.handle(), reinterpret_cast<sockaddr*>(&own), &length) != 0 ||
      getnameinfo(reinterpret_cast<sockaddr*>(&own), length, digits.data(), digits.size(), nullptr, 0,
                  NI_NUMERICHOST) != 0)
    return {};
  return digits.data();
}

}  // namespace

std::string ownAddressTowards(const std::string& host, std::uint16_t port) {
  const Addresses addresses = lookUp(host, port);
  for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next)
    if (std::string sender = senderTo(*address); !sender.empty()) return sender;
  throw std::invalid_argument(fmt::format("no network leads to \"{}\"", host));
}

}  // namespace ocrdet
