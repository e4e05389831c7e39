#include "communicator.hpp"

#include <gloo/common/error.h>
#include <gloo/rendezvous/context.h>
#include <gloo/rendezvous/store.h>
#include <gloo/transport/tcp/device.h>
#include <gloo/transport/unbound_buffer.h>

#include <sched.h>

#include <algorithm>

#include "../core/error.hpp"

namespace lockstep {

// The store that Gloo's full-mesh set-up asks for: hands this rank's blob out, waits until the caller brings the others'.
// Addresses stand under a rank's plain number. Some versions also compare host names, under other keys: nobody needs the
// answer here, so they get an empty one.
class Communicator::AddressStore : public gloo::rendezvous::Store {
 public:
  // `timeout` bounds the wait for the other ranks' addresses, whatever Gloo asks for.
  explicit AddressStore(std::chrono::milliseconds timeout) : timeout_(timeout) {}
  void set(const std::string& key, const std::vector<char>& data) override {
    if (!isAddress(key)) return;
    std::lock_guard<std::mutex> lock(mutex_);
    own_ = data;
    published_ = true;
    changed_.notify_all();
  }
  std::vector<char> get(const std::string& key) override {
    if (!isAddress(key)) return std::vector<char>(1, '\0');
    std::lock_guard<std::mutex> lock(mutex_);
    return addresses_.at(size_t(std::stoul(key)));
  }
  void wait(const std::vector<std::string>& keys) override { wait(keys, kDefaultTimeout); }
  void wait(const std::vector<std::string>& keys, const std::chrono::milliseconds&) override {
    if (std::none_of(keys.begin(), keys.end(), isAddress)) return;
    std::unique_lock<std::mutex> lock(mutex_);
    if (!changed_.wait_for(lock, timeout_, [&] { return closed_ || !addresses_.empty(); }) || closed_)
      throw ::gloo::IoException("no addresses of the other ranks arrived");
  }
  std::vector<char> own() {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!changed_.wait_for(lock, timeout_, [&] { return closed_ || published_; }) || closed_) fail("infrastructure.peer-lost", "could not open a Gloo endpoint in time");
    return own_;
  }
  void bring(std::vector<std::vector<char>> addresses) {
    std::lock_guard<std::mutex> lock(mutex_);
    addresses_ = std::move(addresses);
    changed_.notify_all();
  }
  void close() {
    std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  static bool isAddress(const std::string& key) { return !key.empty() && key.find_first_not_of("0123456789") == std::string::npos; }

  const std::chrono::milliseconds timeout_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<char> own_;
  std::vector<std::vector<char>> addresses_;
  bool published_ = false, closed_ = false;
};

Communicator::Communicator(int rank, int worldSize, const std::string& host, int64_t timeoutMs)
    : rank_(rank), worldSize_(worldSize), host_(host), timeout_(timeoutMs), store_(std::make_shared<AddressStore>(timeout_)) {
  if (worldSize < 2 || rank < 0 || rank >= worldSize || timeoutMs < 1) fail("internal", "communicator: rank, world size or timeout out of range");
}

Communicator::~Communicator() { close(); }

std::vector<char> Communicator::address() {
  if (!connector_.joinable() && !context_) {
    connector_ = std::thread([this] {
      try {
        // Gloo's event thread inherits this policy: it must not preempt a lane that is inside a send. It would find the
        // connection locked, and poll for a whole time slice while the lane waits for the core.
        const sched_param parameters{};
        sched_setscheduler(0, SCHED_BATCH, &parameters);
        gloo::transport::tcp::attr attr;
        attr.hostname = host_;
        std::shared_ptr<gloo::transport::Device> device = gloo::transport::tcp::CreateDevice(attr);
        auto context = std::make_shared<gloo::rendezvous::Context>(rank_, worldSize_);
        // Gloo waits five times this long for a connection. Every other wait is given its deadline.
        context->setTimeout(std::max(timeout_ / 5, std::chrono::milliseconds(1)));
        context->connectFullMesh(*store_, device);
        context_ = context;
      } catch (const std::exception& e) {
        connectError_ = e.what();
        store_->close();
      }
    });
  }
  return store_->own();
}

void Communicator::join() {
  if (connector_.joinable()) connector_.join();
}

void Communicator::connect(std::vector<std::vector<char>> addresses) {
  if (dead_) fail("infrastructure.peer-lost", "this communicator is closed");
  if (int(addresses.size()) != worldSize_) fail("internal", "communicator: expected an address of every rank");
  store_->bring(std::move(addresses));
  std::lock_guard<std::mutex> lock(ending_);
  join();
  if (dead_ || !connectError_.empty() || !context_) {
    dead_ = true;
    fail("infrastructure.peer-lost", "could not connect to the other ranks: " + connectError_);
  }
  connected_ = true;
}

void Communicator::disconnect() {
  if (context_ && connected_) {
    try {
      context_->closeConnections();
    } catch (const std::exception&) {
      // The connections of a dead group may already be gone.
    }
  }
  connected_ = false;
}

void Communicator::abandon() {
  dead_ = true;
  std::lock_guard<std::mutex> lock(ending_);
  disconnect();
}

void Communicator::close() {
  dead_ = true;
  store_->close();
  std::lock_guard<std::mutex> lock(ending_);
  join();
  disconnect();
  context_.reset();
}

void Communicator::check() const {
  if (dead_ || !connected_) fail("infrastructure.peer-lost", "this communicator is dead: an earlier call failed");
}

std::unique_ptr<gloo::transport::UnboundBuffer> Communicator::buffer(void* data, size_t bytes) {
  check();
  return context_->createUnboundBuffer(data, bytes);
}

template <class F>
void Communicator::guarded(F body) {
  check();
  try {
    body();
  } catch (const std::exception& e) {
    dead_ = true;
    fail("infrastructure.peer-lost", std::string("lost another rank: ") + e.what());
  }
}

Exchange::Exchange(Communicator& communicator, uint64_t slot, const std::vector<Side>& send, const std::vector<Side>& receive)
    : communicator_(communicator), slot_(slot), send_(send.size()), receive_(receive.size()) {
  for (size_t p = 0; p < send.size(); p++) {
    if (int(p) == communicator.rank()) continue;
    if (send[p].bytes) send_[p] = communicator.buffer(send[p].data, send[p].bytes);
    if (receive[p].bytes) receive_[p] = communicator.buffer(receive[p].data, receive[p].bytes);
  }
}

Exchange::~Exchange() = default;

void Exchange::post() {
  communicator_.guarded([&] {
    for (size_t p = 0; p < receive_.size(); p++)
      if (receive_[p]) receive_[p]->recv(int(p), slot_);
  });
}

void Exchange::finish() {
  communicator_.guarded([&] {
    const auto deadline = std::chrono::steady_clock::now() + communicator_.timeout();
    const auto remaining = [&] {  // never below 1 ms: Gloo reads -1 as "no deadline of its own"
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      return std::max(left, std::chrono::milliseconds(1));
    };
    // Each rank starts with its successor, so that no receiver gets everything at once.
    const size_t n = send_.size(), self = size_t(communicator_.rank());
    for (size_t k = 1; k < n; k++) {
      const size_t p = (self + k) % n;
      if (send_[p]) send_[p]->send(int(p), slot_);
    }
    for (size_t k = 1; k < n; k++) {
      const size_t p = (self + n - k) % n;
      if (receive_[p] && !receive_[p]->waitRecv(remaining())) throw std::runtime_error("a receive was aborted");
    }
    for (size_t k = 1; k < n; k++) {
      const size_t p = (self + k) % n;
      if (send_[p] && !send_[p]->waitSend(remaining())) throw std::runtime_error("a send was aborted");
    }
  });
}

}  // namespace lockstep
