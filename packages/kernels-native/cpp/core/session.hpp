#pragma once
#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "../comm/communicator.hpp"
#include "barrier.hpp"
#include "kernel.hpp"
#include "memory.hpp"
#include "order.hpp"
#include "plan.hpp"
#include "shard.hpp"
#include "tree.hpp"

namespace lockstep {

struct OptimizerConfig {
  bool adam = false;
  float momentum = 0, weightDecay = 0;
  double beta1 = 0.9, beta2 = 0.999;
  float epsilon = 1e-8f;
  int slots() const { return adam ? 2 : momentum != 0 ? 1 : 0; }
};

struct SessionConfig {
  Plan plan;
  int lanes = 1, evaluationLanes = 1;
  int rank = 0, worldSize = 1, threads = 1;
  int64_t batch = 1, evaluationBatch = 1;
  std::optional<Shard::Fields> train, validation;
  std::vector<float> scale, shift;  // per channel
  Order::Mode order = Order::Mode::global;
  uint64_t window = 1;
  PhiloxKey orderKey{};
  OptimizerConfig optimizer;
  // How the gradient exchange cuts its work: 0 decides by size, 1 every rank finishes everything, 2 every rank finishes its shard.
  int exchangeMode = 0;
};

struct BurstOutcome {
  int stepsDone = 0;
  int control = 0;
  std::vector<double> losses, correct, samples;
  bool nonFinite = false;
  bool nonFiniteGradient = false;
  int64_t nonFiniteStep = -1;
  std::string nonFiniteNode;
  int nonFiniteOrder = -1;
};

class Session {
 public:
  Session(SessionConfig config, std::shared_ptr<Communicator> communicator);
  ~Session();

  BurstOutcome train(uint32_t epoch, int64_t firstStepInEpoch, int64_t firstStep, const std::vector<float>& rates);
  BurstOutcome evaluate(int64_t firstBatch, int64_t batches);
  // [count, classes] log-probabilities of normalised samples.
  std::vector<float> predict(const float* samples, int64_t count);
  // Gradients (padded, in plan layout) of one synthetic lane through every training variant, one after the other.
  std::vector<float> probe();
  void requestControl(int word);

  // Canonical values. `slot` -1 is the parameter itself.
  std::vector<float> readParameter(size_t index, int slot);
  void writeParameter(size_t index, int slot, const float* values, size_t count);
  std::vector<float> readBuffer(size_t index);
  void writeBuffer(size_t index, const float* values, size_t count);
  const SessionConfig& config() const { return config_; }

 private:
  struct Program {  // a variant, bound to one thread's arena
    std::vector<std::unique_ptr<Kernel>> kernels;
  };
  struct Slot {
    Memory arena;
    std::vector<Program> programs;
    std::vector<std::unique_ptr<Kernel>> prepare;
    std::vector<uint64_t> sampleIndices;
    std::vector<float> temporary;
    std::vector<double> temporarySums;
    dnnl::engine engine;
    dnnl::stream stream;
  };
  // Everything about a true batch size that does not change from step to step.
  struct BatchShape {
    int64_t batch = 0;
    std::vector<int64_t> begin;     // [lanes + 1]
    std::vector<int> variant;       // per lane, -1 where empty
    std::vector<int> prepare;       // prepared parameters that this rank's lanes read
    std::vector<Tree> blockTrees;   // this rank's complete subtrees over its lanes
    std::vector<Tree> blockStatisticTrees;
    std::unique_ptr<Tree> upper, upperStatistics, sums;
    double statisticSamples = 0;
  };
  struct Member {  // what a rank contributes
    int begin = 0, end = 0;
    std::vector<Subtree> blocks;
  };
  struct Group {  // the lanes of training, or of evaluation
    int lanes = 1;
    bool training = true;
    std::vector<Member> members;
    std::map<int64_t, BatchShape> shapes;
    std::vector<double> laneSums;  // [lanes * 2]
    std::unique_ptr<Exchange> exchange, gather;
    std::vector<std::vector<double>> header;  // evaluation: per rank, control and lane sums
  };

  void buildGroup(Group& group, int lanes, bool training, const std::vector<int64_t>& batches);
  BatchShape makeShape(const Group& group, int64_t batch) const;
  int variantFor(int64_t batch, bool training) const;
  void buildSlot(Slot& slot);
  void buildExchange();
  void onTeam(const std::function<void(int)>& body);
  void withPeers(const std::function<void(int)>& body);
  void clearControl(int served);
  void meet();
  template <class F>
  void guarded(F body);
  static size_t headerBytes(const Member& m);
  static float* messageBody(const Member& m, const Memory& message);
  void fillLane(Slot& slot, const VariantPlan& variant, const Shard& shard, LaneRun& run, uint32_t epoch, int64_t firstPosition, bool shuffled);
  void runLane(Slot& slot, int variant, const LaneRun& run);
  void prepareParameters(int thread, const std::vector<int>& needed);
  void burst(int thread, Group& group, BurstOutcome& outcome, uint32_t epoch, int64_t firstStepInEpoch, int64_t firstStep, int64_t steps,
             const std::vector<float>* rates);
  void reduceAndUpdate(int thread, Group& group, const BatchShape& shape, int64_t globalStep, float rate, BurstOutcome& outcome, int64_t k);
  template <class F>
  void forChunks(int thread, size_t lo, size_t hi, F body) const;
  const float* sumLanes(Slot& slot, const Tree& tree, const Member& self, const Subtree& block, size_t at, size_t count) const;
  const float* sumRanks(Slot& slot, const Tree& tree, const Group& group, size_t at, size_t count) const;
  bool sumLosses(int thread, const Group& group, const BatchShape& shape, BurstOutcome& outcome, int64_t k);
  void fillMessages(int thread, const Group& group, const BatchShape& shape);
  void updateAlone(int thread, const Group& group, const BatchShape& shape, int64_t globalStep, float rate);
  void updateTogether(int thread, Group& group, const BatchShape& shape, int64_t globalStep, float rate);
  const Memory& ownMessage() const { return sendMessages_[direct_ ? 0 : size_t(config_.rank)]; }
  bool updateChunk(const float* gradient, size_t offset, size_t count, float rate, int64_t globalStep);
  void updateBuffers(const Group& group, const BatchShape& shape, Slot& slot);
  void readHeaders(Group& group);
  void locateNonFinite(Group& group, const BatchShape& shape, BurstOutcome& outcome, uint32_t epoch, int64_t firstPosition, int64_t globalStep);
  std::pair<size_t, size_t> range(int rank) const;
  size_t lanesHere(const Group& g) const { return size_t(g.members[size_t(config_.rank)].end - g.members[size_t(config_.rank)].begin); }

  SessionConfig config_;
  const KernelTable& table_;
  std::shared_ptr<Communicator> communicator_;
  std::unique_ptr<Shard> train_, validation_;
  Order order_;

  Memory parameters_, prepared_, buffers_, gradients_, reduced_;
  std::vector<Memory> slotsState_;
  std::vector<Slot> slots_;
  Group training_, evaluating_;
  size_t vectorElements_ = 0;  // one lane's reduce vector, floats
  bool direct_ = true;

  std::vector<Memory> sendMessages_, receiveMessages_;

  // The team.
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int)>* job_ = nullptr;
  uint64_t jobId_ = 0;
  int running_ = 0;
  bool quit_ = false;
  Barrier barrier_;
  std::atomic<bool> failed_{false};
  struct {
    bool failed = false, leave = false;
  } agreed_;
  std::exception_ptr error_;
  std::mutex errorMutex_;

  // Per step, written by one thread before a barrier.
  std::atomic<int> nextLane_{0};
  std::atomic<int> controlRequest_{0};
  std::atomic<bool> gradientBroken_{false};
  int control_ = 0;
  bool lossBroken_ = false;
  std::vector<std::vector<const double*>> sumLeaves_;  // per thread, scratch
};

}  // namespace lockstep
