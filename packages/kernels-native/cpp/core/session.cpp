// Making a session: batch shapes, kernels of every thread, the team of threads.
#include <algorithm>

#include "../dnn/layout.hpp"
#include "error.hpp"
#include "session-parts.hpp"

namespace lockstep {

Session::Session(SessionConfig config, std::shared_ptr<Communicator> communicator)
    : config_(std::move(config)),
      table_(kernelsFor(config_.plan.isa)),
      communicator_(std::move(communicator)),
      order_(config_.order, config_.train ? config_.train->count : 1, std::max<uint64_t>(1, config_.window), config_.orderKey),
      barrier_(config_.threads) {
  const Plan& plan = config_.plan;
  if (config_.threads < 1 || config_.lanes < 1 || config_.lanes > int(kMaxLanes) || config_.evaluationLanes < 1 || config_.evaluationLanes > int(kMaxLanes) || (config_.lanes & (config_.lanes - 1)) ||
      (config_.evaluationLanes & (config_.evaluationLanes - 1)) || config_.worldSize < 1 || config_.rank < 0 || config_.rank >= config_.worldSize ||
      int64_t(config_.worldSize) * config_.threads > config_.lanes || config_.batch < 1 || config_.evaluationBatch < 1)
    fail("internal", "session: lanes must be a power of two and at least ranks x threads");
  if (config_.worldSize > 1 && (!communicator_ || communicator_->worldSize() != config_.worldSize || communicator_->rank() != config_.rank))
    fail("internal", "session: more than one rank needs a communicator of that size");
  if (plan.parameterElements % 16 || plan.statisticElements % 16) fail("internal", "plan: vectors must be padded to 16 values");
  if (config_.train) train_ = std::make_unique<Shard>(*config_.train);
  if (config_.validation) validation_ = std::make_unique<Shard>(*config_.validation);

  vectorElements_ = plan.parameterElements + plan.statisticElements;
  parameters_ = Memory(plan.parameterElements * 4);
  prepared_ = Memory(plan.preparedBytes);
  buffers_ = Memory(plan.bufferElements * 4);
  for (int i = 0; i < config_.optimizer.slots(); i++) slotsState_.emplace_back(plan.parameterElements * 4);

  std::vector<int64_t> batches, evaluationBatches;
  if (train_) {
    batches.push_back(std::min<int64_t>(config_.batch, int64_t(train_->count())));
    if (const int64_t last = int64_t(train_->count()) % config_.batch) batches.push_back(last);
  }
  if (validation_) {
    evaluationBatches.push_back(std::min<int64_t>(config_.evaluationBatch, int64_t(validation_->count())));
    if (const int64_t last = int64_t(validation_->count()) % config_.evaluationBatch) evaluationBatches.push_back(last);
  }
  buildGroup(training_, config_.lanes, true, batches);
  buildGroup(evaluating_, config_.evaluationLanes, false, evaluationBatches);
  gradients_ = Memory(std::max<size_t>(1, lanesHere(training_)) * vectorElements_ * 4);

  slots_.resize(size_t(config_.threads));
  try {
    for (int t = 0; t < config_.threads; t++) {
      threads_.emplace_back([this, t] {
        enterNumericThread();
        uint64_t seen = 0;
        for (;;) {
          const std::function<void(int)>* job;
          {
            std::unique_lock<std::mutex> lock(mutex_);
            wake_.wait(lock, [&] { return quit_ || jobId_ != seen; });
            if (quit_) return;
            seen = jobId_;
            job = job_;
          }
          (*job)(t);
          {
            std::lock_guard<std::mutex> lock(mutex_);
            if (--running_ == 0) done_.notify_all();
          }
        }
      });
    }
    onTeam([this](int t) { buildSlot(slots_[size_t(t)]); });
  } catch (...) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      quit_ = true;
      wake_.notify_all();
    }
    for (auto& thread : threads_) thread.join();
    throw;
  }
}

Session::~Session() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    quit_ = true;
    wake_.notify_all();
  }
  for (auto& thread : threads_) thread.join();
}

int Session::variantFor(int64_t batch, bool training) const {
  const auto& variants = config_.plan.variants;
  for (size_t i = 0; i < variants.size(); i++)
    if (variants[i].batch == batch && variants[i].training == training) return int(i);
  fail("internal", "the plan has no variant for a lane of " + std::to_string(batch) + " samples");
}

void Session::buildGroup(Group& group, int lanes, bool training, const std::vector<int64_t>& batches) {
  group.lanes = lanes;
  group.training = training;
  for (int r = 0; r < config_.worldSize; r++) {
    Member m;
    m.begin = int(int64_t(r) * lanes / config_.worldSize);
    m.end = int(int64_t(r + 1) * lanes / config_.worldSize);
    m.blocks = completeSubtrees(m.begin, m.end);
    group.members.push_back(std::move(m));
  }
  group.laneSums.assign(size_t(lanes) * 2, 0);
  for (auto batch : batches) group.shapes.emplace(batch, makeShape(group, batch));
}

Session::BatchShape Session::makeShape(const Group& group, int64_t batch) const {
  BatchShape s;
  s.batch = batch;
  const int L = group.lanes;
  std::vector<bool> present, statistics;
  for (int i = 0; i <= L; i++) s.begin.push_back(int64_t(i) * batch / L);
  for (int i = 0; i < L; i++) {
    const int64_t n = s.begin[size_t(i) + 1] - s.begin[size_t(i)];
    s.variant.push_back(n ? variantFor(n, group.training) : -1);
    present.push_back(n > 0);
    // A lane of one sample normalises by the running statistics and contributes none.
    statistics.push_back(n > 1);
    if (n > 1) s.statisticSamples += double(n);
  }
  const Member& self = group.members[size_t(config_.rank)];
  for (int i = self.begin; i < self.end; i++) {
    if (s.variant[size_t(i)] < 0) continue;
    for (int p : config_.plan.variants[size_t(s.variant[size_t(i)])].prepare)
      if (std::find(s.prepare.begin(), s.prepare.end(), p) == s.prepare.end()) s.prepare.push_back(p);
  }
  const auto leavesOf = [](Subtree block) {
    std::vector<Subtree> leaves;
    for (int i = 0; i < block.lanes; i++) leaves.push_back({block.first + i, 1});
    return leaves;
  };
  const auto slice = [](const std::vector<bool>& all, Subtree block) {
    return std::vector<bool>(all.begin() + block.first, all.begin() + block.first + block.lanes);
  };
  for (const auto& block : self.blocks) {
    s.blockTrees.emplace_back(leavesOf(block), slice(present, block), block);
    s.blockStatisticTrees.emplace_back(leavesOf(block), slice(statistics, block), block);
  }
  std::vector<Subtree> blocks;
  std::vector<bool> blockPresent, blockStatistics;
  for (const auto& member : group.members)
    for (const auto& block : member.blocks) {
      blocks.push_back(block);
      const auto a = slice(present, block), b = slice(statistics, block);
      blockPresent.push_back(std::find(a.begin(), a.end(), true) != a.end());
      blockStatistics.push_back(std::find(b.begin(), b.end(), true) != b.end());
    }
  const Subtree root{0, L};
  s.upper = std::make_unique<Tree>(blocks, blockPresent, root);
  s.upperStatistics = std::make_unique<Tree>(blocks, blockStatistics, root);
  s.sums = std::make_unique<Tree>(leavesOf(root), present, root);
  return s;
}

void Session::buildSlot(Slot& slot) {
  const Plan& plan = config_.plan;
  slot.engine = dnnl::engine(dnnl::engine::kind::cpu, 0);
  slot.stream = dnnl::stream(slot.engine);
  uint64_t bytes = 0, samples = 1;
  for (const auto& v : plan.variants) bytes = std::max(bytes, v.arenaBytes), samples = std::max(samples, uint64_t(v.batch));
  slot.arena = Memory(bytes);
  slot.sampleIndices.resize(samples);
  const Regions regions{slot.arena.data(), parameters_.data(), prepared_.data(), buffers_.data()};
  const auto inside = [&](const VariantPlan& v, const TensorPlan& t) {
    uint64_t limit = 0;
    switch (t.region) {
      case Region::arena: limit = v.arenaBytes; break;
      case Region::parameters: limit = parameters_.bytes(); break;
      case Region::prepared: limit = prepared_.bytes(); break;
      case Region::gradients: limit = vectorElements_ * 4; break;
      case Region::buffers: limit = buffers_.bytes(); break;
      case Region::sums: limit = 16; break;
    }
    if (t.bytes > limit || t.offset > limit - t.bytes) fail("internal", "plan: tensor " + t.name + " lies outside its region");
    if (t.layout != "bytes" && descriptorOf(t.shape, t.layout).get_size() > t.bytes) fail("internal", "plan: tensor " + t.name + " is larger than its place");
  };
  for (const auto& variant : plan.variants) {
    Program program;
    for (const auto& t : variant.tensors) inside(variant, t);
    for (const auto& call : variant.calls) {
      if (variant.scratchOffset + call.scratchBytes > variant.arenaBytes) fail("internal", "plan: scratch lies outside the arena");
      program.kernels.push_back(makeKernel(slot.engine, slot.stream, table_, variant, call, regions, slot.arena.data() + variant.scratchOffset));
    }
    slot.programs.push_back(std::move(program));
  }
  for (const auto& p : plan.prepare) {
    const auto& parameter = plan.parameters.at(size_t(p.parameter));
    VariantPlan v;
    v.tensors = {{parameter.name, parameter.shape, parameter.layout, Region::parameters, parameter.offset * 4, parameter.elements * 4},
                 {parameter.name, parameter.shape, p.layout, Region::prepared, p.offset, p.bytes}};
    for (const auto& t : v.tensors) inside(v, t);
    CallPlan call;
    call.kernel = "reorder";
    call.args = {{"from", 0}, {"to", 1}};
    slot.prepare.push_back(makeKernel(slot.engine, slot.stream, table_, v, call, regions, nullptr));
  }
  size_t temporaries = 1;
  for (const Group* g : {&training_, &evaluating_})
    for (const auto& [batch, shape] : g->shapes) {
      (void)batch;
      for (const auto& tree : shape.blockTrees) temporaries = std::max(temporaries, size_t(tree.temporaries()));
      for (const auto* tree : {shape.upper.get(), shape.upperStatistics.get(), shape.sums.get()}) temporaries = std::max(temporaries, size_t(tree->temporaries()));
    }
  slot.temporary.resize(temporaries * std::max<size_t>(kChunk, plan.statisticElements));
  slot.temporarySums.resize(temporaries * 2);
}

// Runs `body` on every thread of the team and waits. The first error is thrown here.
void Session::onTeam(const std::function<void(int)>& body) {
  failed_.store(false);
  agreed_ = {};
  error_ = nullptr;
  const std::function<void(int)> job = [&](int t) {
    try {
      guarded([&] { body(t); });
    } catch (const Stop&) {
    }
  };
  {
    std::unique_lock<std::mutex> lock(mutex_);
    job_ = &job;
    running_ = config_.threads;
    jobId_++;
    wake_.notify_all();
    done_.wait(lock, [&] { return running_ == 0; });
  }
  if (error_) std::rethrow_exception(error_);
}

// A meeting point of the team. What was decided before it is agreed on here, so that all threads leave together.
void Session::meet() {
  barrier_.wait([this] {
    agreed_.failed = failed_.load();
    agreed_.leave = lossBroken_ || control_ || gradientBroken_.load();
  });
  if (agreed_.failed) throw Stop{};
}

void Session::requestControl(int word) {
  int now = controlRequest_.load();
  while (now < word && !controlRequest_.compare_exchange_weak(now, word)) {
  }
}

// The request that ended a burst is served; a higher one that came meanwhile stays.
void Session::clearControl(int served) {
  if (served) controlRequest_.compare_exchange_strong(served, 0);
}

}  // namespace lockstep
