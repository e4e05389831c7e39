#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace gloo {
class Context;
namespace transport {
class UnboundBuffer;
}
}  // namespace gloo

namespace lockstep {

// Ranks that are connected pairwise over Gloo's TCP transport. Gloo moves bytes here, it never adds. Addresses are
// exchanged by the caller. Once a call failed, the communicator is dead: every further call fails at once.
class Communicator {
 public:
  Communicator(int rank, int worldSize, const std::string& host, int64_t timeoutMs);
  ~Communicator();
  int rank() const { return rank_; }
  int worldSize() const { return worldSize_; }

  // This rank's address blob. Starts listening. Blocks.
  std::vector<char> address();
  // Connects to all ranks; `addresses[i]` is rank i's blob. Blocks until connected or the deadline has passed.
  void connect(std::vector<std::vector<char>> addresses);
  void close();
  // Leaves a group that this rank cannot go on with: the others see their connections end now, not at their deadline.
  // Buffers stay valid until they are destroyed.
  void abandon();

  std::unique_ptr<gloo::transport::UnboundBuffer> buffer(void* data, size_t bytes);
  std::chrono::milliseconds timeout() const { return timeout_; }
  void check() const;
  // Runs `body`; a Gloo error makes the communicator dead and becomes NativeError infrastructure.peer-lost.
  template <class F>
  void guarded(F body);

 private:
  class AddressStore;
  void join();
  void disconnect();

  int rank_, worldSize_;
  std::string host_;
  std::chrono::milliseconds timeout_;
  std::shared_ptr<AddressStore> store_;
  std::shared_ptr<gloo::Context> context_;
  std::thread connector_;
  std::mutex ending_;  // `close` may come while `connect` waits for the connector
  std::string connectError_;
  std::atomic<bool> connected_{false};
  std::atomic<bool> dead_{false};
};

// One message to and from every peer, over buffers that live as long as the exchange. Messages of one slot arrive in order.
class Exchange {
 public:
  struct Side {
    char* data = nullptr;
    size_t bytes = 0;
  };
  // `send[p]` and `receive[p]` for every rank p; those of the own rank are ignored, as are empty ones.
  Exchange(Communicator& communicator, uint64_t slot, const std::vector<Side>& send, const std::vector<Side>& receive);
  ~Exchange();
  // Announces that this rank is ready to receive. Early, so that the peers' data need not wait for a handshake.
  void post();
  // Sends, then waits for everything. Throws infrastructure.peer-lost at the deadline or when a peer is gone.
  void finish();

 private:
  Communicator& communicator_;
  uint64_t slot_;
  std::vector<std::unique_ptr<gloo::transport::UnboundBuffer>> send_, receive_;
};

}  // namespace lockstep
