#include "session.hpp"

#include <immintrin.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "../dnn/layout.hpp"
#include "../dnn/primitive.hpp"
#include "error.hpp"

namespace lockstep {
namespace {

constexpr size_t kMaxLanes = 1024;
constexpr size_t kChunk = 2048;  // floats; shards are unions of chunks

struct Stop {};  // another thread failed; its error is the one to report

void enterNumericThread() {
  omp_set_num_threads(1);
  _mm_setcsr(_mm_getcsr() | 0x8040);  // flush denormals to zero, read them as zero
}

void addDoubles(const double* a, const double* b, double* out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = a[i] + b[i];
}

// x^n by repeated squaring: a pure function of its arguments, no libm.
double power(double x, int64_t n) {
  double y = 1;
  for (; n; n >>= 1) {
    if (n & 1) y = y * x;
    x = x * x;
  }
  return y;
}

}  // namespace

Session::Session(SessionConfig config, std::shared_ptr<Communicator> communicator)
    : config_(std::move(config)),
      table_(kernelsFor(config_.plan.isa)),
      communicator_(std::move(communicator)),
      order_(config_.order, config_.train ? config_.train->count : 1, std::max<uint64_t>(1, config_.window), config_.orderKey),
      barrier_(config_.threads) {
  const Plan& plan = config_.plan;
  if (config_.threads < 1 || config_.lanes < 1 || config_.lanes > int(kMaxLanes) || config_.evaluationLanes > int(kMaxLanes) || (config_.lanes & (config_.lanes - 1)) || config_.worldSize < 1 ||
      config_.worldSize * config_.threads > config_.lanes || config_.batch < 1 || config_.evaluationBatch < 1)
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
  try {
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

// A message: control word, a spare value and the sender's lane sums in float64; then its blocks of gradients; then its
// blocks of batch statistics.
size_t Session::headerBytes(const Member& m) { return (2 + size_t(m.end - m.begin) * 2) * 8; }
float* Session::messageBody(const Member& m, const Memory& message) { return reinterpret_cast<float*>(message.data() + headerBytes(m)); }

// The parameters that a rank's owner finishes, as [from, to) in floats.
std::pair<size_t, size_t> Session::range(int rank) const {
  const size_t all = config_.plan.parameterElements;
  if (direct_) return {0, all};
  const size_t chunks = (all + kChunk - 1) / kChunk, w = size_t(config_.worldSize), r = size_t(rank);
  return {std::min(all, r * chunks / w * kChunk), std::min(all, (r + 1) * chunks / w * kChunk)};
}

void Session::buildExchange() {
  const Plan& plan = config_.plan;
  const size_t W = size_t(config_.worldSize), self = size_t(config_.rank);
  // Two ranks move the same bytes either way; small vectors are bound by latency. Else every rank finishes a shard.
  direct_ = config_.exchangeMode == 1 || (config_.exchangeMode == 0 && (W == 2 || plan.parameterElements * 4 * (W - 1) <= (size_t(1) << 19)));
  const auto bytes = [&](size_t from, size_t owner) {
    const auto& m = training_.members[from];
    const auto [lo, hi] = range(int(owner));
    return headerBytes(m) + m.blocks.size() * ((hi - lo) + plan.statisticElements) * 4;
  };
  std::vector<Exchange::Side> send(W), receive(W);
  for (size_t p = 0; p < W; p++) {
    sendMessages_.emplace_back(direct_ && p ? 0 : bytes(self, p));
    receiveMessages_.emplace_back(p == self ? 0 : bytes(p, self));
  }
  for (size_t p = 0; p < W; p++) {
    send[p] = {sendMessages_[direct_ ? 0 : p].data(), bytes(self, p)};
    receive[p] = {receiveMessages_[p].data(), receiveMessages_[p].bytes()};
  }
  training_.exchange = std::make_unique<Exchange>(*communicator_, 1, send, receive);
  if (!direct_) {
    reduced_ = Memory(plan.parameterElements * 4);
    std::vector<Exchange::Side> out(W), in(W);
    for (size_t p = 0; p < W; p++) {
      const auto [lo, hi] = range(int(p));
      const auto [ownLo, ownHi] = range(int(self));
      in[p] = {reinterpret_cast<char*>(reduced_.floats() + lo), (hi - lo) * 4};
      out[p] = {reinterpret_cast<char*>(reduced_.floats() + ownLo), (ownHi - ownLo) * 4};
    }
    training_.gather = std::make_unique<Exchange>(*communicator_, 2, out, in);
  }
  std::vector<Exchange::Side> out(W), in(W);
  for (size_t p = 0; p < W; p++) {
    const auto& m = evaluating_.members[p];
    evaluating_.header.emplace_back(2 + size_t(m.end - m.begin) * 2);
  }
  for (size_t p = 0; p < W; p++) {
    in[p] = {reinterpret_cast<char*>(evaluating_.header[p].data()), evaluating_.header[p].size() * 8};
    out[p] = {reinterpret_cast<char*>(evaluating_.header[self].data()), evaluating_.header[self].size() * 8};
  }
  evaluating_.exchange = std::make_unique<Exchange>(*communicator_, 3, out, in);
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

// Runs `body`; an error is kept for the caller of the team, and everyone leaves at the next meeting.
template <class F>
void Session::guarded(F body) {
  try {
    body();
  } catch (const Stop&) {
    throw;
  } catch (...) {
    failed_.store(true);
    std::lock_guard<std::mutex> lock(errorMutex_);
    if (!error_) error_ = std::current_exception();
  }
}

// A meeting point of the team. What was decided before it is agreed on here, so that all threads leave together.
void Session::meet() {
  barrier_.wait([this] {
    agreed_.failed = failed_.load();
    agreed_.leave = lossBroken_ || control_ || gradientBroken_.load();
  });
  if (agreed_.failed) throw Stop{};
}

void Session::fillLane(Slot& slot, const VariantPlan& variant, const Shard& shard, LaneRun& run, uint32_t epoch, int64_t firstPosition, bool shuffled) {
  const Plan& plan = config_.plan;
  const auto& input = variant.tensors[size_t(variant.input)];
  float* x = reinterpret_cast<float*>(slot.arena.data() + input.offset);
  int32_t* labels = reinterpret_cast<int32_t*>(slot.arena.data() + variant.tensors[size_t(variant.label)].offset);
  size_t elements = 1;
  for (auto d : plan.sampleShape) elements *= size_t(d);
  const size_t channels = config_.scale.size(), plane = elements / channels;
  for (int64_t i = 0; i < run.count; i++) {
    const uint64_t position = uint64_t(firstPosition + i);
    const uint64_t index = shuffled ? order_.sampleAt(epoch, position) : position;
    slot.sampleIndices[size_t(i)] = index;
    const int32_t label = shard.label(index);
    if (label < 0 || label >= plan.classes)
      fail("data.label-out-of-range", "sample " + std::to_string(index) + " has label " + std::to_string(label) + ", expected 0 to " + std::to_string(plan.classes - 1));
    labels[i] = label;
    const uint8_t* sample = shard.sample(index);
    for (size_t c = 0; c < channels; c++) {
      float* out = x + size_t(i) * elements + c * plane;
      if (shard.float32())
        table_.normaliseFloats(reinterpret_cast<const float*>(sample) + c * plane, config_.scale[c], config_.shift[c], out, plane);
      else
        table_.normaliseBytes(sample + c * plane, config_.scale[c], config_.shift[c], out, plane);
    }
  }
}

void Session::runLane(Slot& slot, int variant, const LaneRun& run) {
  for (auto& kernel : slot.programs[size_t(variant)].kernels) kernel->run(run);
}

void Session::prepareParameters(int thread, const std::vector<int>& needed) {
  for (size_t i = size_t(thread); i < needed.size(); i += size_t(config_.threads)) slots_[size_t(thread)].prepare[size_t(needed[i])]->run(LaneRun{});
}

bool Session::updateChunk(const float* gradient, size_t offset, size_t count, float rate, int64_t globalStep) {
  const auto& o = config_.optimizer;
  float* w = parameters_.floats() + offset;
  if (o.adam) {
    const double c1 = 1 - power(o.beta1, globalStep + 1), c2 = 1 - power(o.beta2, globalStep + 1);
    return table_.adam(w, slotsState_[0].floats() + offset, slotsState_[1].floats() + offset, gradient, count, float(double(rate) / c1), float(o.beta1),
                       float(o.beta2), float(1 - o.beta1), float(1 - o.beta2), float(std::sqrt(c2)), o.epsilon, o.weightDecay);
  }
  if (slotsState_.empty()) return table_.sgdPlain(w, gradient, count, rate, o.weightDecay);
  return table_.sgd(w, slotsState_[0].floats() + offset, gradient, count, rate, o.momentum, o.weightDecay);
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

// Lane sums and control words of all ranks, from the messages that have arrived.
void Session::readHeaders(Group& group) {
  for (int r = 0; r < config_.worldSize; r++) {
    if (r == config_.rank) continue;
    const double* header = group.training ? reinterpret_cast<const double*>(receiveMessages_[size_t(r)].data()) : group.header[size_t(r)].data();
    control_ = std::max(control_, int(header[0]));
    const auto& m = group.members[size_t(r)];
    std::memcpy(group.laneSums.data() + size_t(m.begin) * 2, header + 2, size_t(m.end - m.begin) * 16);
  }
}

// Running statistics: the tree sum of the lanes' contributions, over their true sample count.
void Session::updateBuffers(const Group& group, const BatchShape& shape, Slot& slot) {
  const Plan& plan = config_.plan;
  if (!plan.statisticElements || shape.statisticSamples == 0) return;
  const size_t S = plan.statisticElements, self = size_t(config_.rank);
  const auto add = [this](const float* a, const float* b, float* out, size_t n) { table_.add(a, b, out, n); };
  std::array<const float*, kMaxLanes> leaves;
  const float* total;
  if (config_.worldSize == 1) {
    for (int i = 0; i < group.lanes; i++) leaves[size_t(i)] = gradients_.floats() + size_t(i) * vectorElements_ + plan.parameterElements;
    total = shape.blockStatisticTrees[0].run(leaves.data(), slot.temporary.data(), S, add);
  } else {
    const auto [lo, hi] = range(config_.rank);
    size_t i = 0;
    for (size_t r = 0; r < group.members.size(); r++) {
      const auto& m = group.members[r];
      const float* body = messageBody(m, r == self ? sendMessages_[direct_ ? 0 : self] : receiveMessages_[r]);
      for (size_t b = 0; b < m.blocks.size(); b++) leaves[i++] = body + m.blocks.size() * (hi - lo) + b * S;
    }
    total = shape.upperStatistics->run(leaves.data(), slot.temporary.data(), S, add);
  }
  const float samples = float(shape.statisticSamples);
  for (const auto& buffer : plan.buffers) {
    float* out = buffers_.floats() + buffer.offset;
    const float keep = float(1 - buffer.momentum), take = float(buffer.momentum);
    for (size_t i = 0; i < buffer.elements; i++) out[i] = keep * out[i] + take * (total[buffer.statistic + i] / samples);
  }
}

void Session::reduceAndUpdate(int thread, Group& group, const BatchShape& shape, int64_t globalStep, float rate, BurstOutcome& outcome, int64_t k) {
  const Plan& plan = config_.plan;
  Slot& slot = slots_[size_t(thread)];
  const auto& self = group.members[size_t(config_.rank)];
  const size_t P = plan.parameterElements, S = plan.statisticElements, T = size_t(config_.threads);
  const auto add = [this](const float* a, const float* b, float* out, size_t n) { table_.add(a, b, out, n); };
  const auto chunksOf = [&](size_t lo, size_t hi) {
    const size_t chunks = (hi - lo + kChunk - 1) / kChunk;
    return std::pair<size_t, size_t>{lo + chunks * size_t(thread) / T * kChunk, std::min(hi, lo + chunks * (size_t(thread) + 1) / T * kChunk)};
  };
  const auto forChunks = [&](size_t lo, size_t hi, auto body) {
    const auto [from, to] = chunksOf(lo, hi);
    for (size_t at = from; at < to; at += kChunk) body(at, std::min(kChunk, to - at));
  };
  std::array<const float*, kMaxLanes> pointers;
  const auto laneLeaves = [&](const Subtree& block, size_t offset) {
    for (int i = 0; i < block.lanes; i++) pointers[size_t(i)] = gradients_.floats() + size_t(block.first - self.begin + i) * vectorElements_ + offset;
    return pointers.data();
  };
  // Verdict on the loss: every thread sums the lanes itself; one of them writes it down.
  const auto verdict = [&] {
    std::vector<const double*>& leaves = sumLeaves_[size_t(thread)];
    for (int i = 0; i < group.lanes; i++) leaves[size_t(i)] = group.laneSums.data() + size_t(i) * 2;
    const double* total = shape.sums->run(leaves.data(), slot.temporarySums.data(), 2, addDoubles);
    if (thread == 0) outcome.losses[size_t(k)] = total[0], outcome.correct[size_t(k)] = total[1], outcome.samples[size_t(k)] = double(shape.batch);
    return total[0] - total[0] == 0;
  };

  if (config_.worldSize == 1) {
    if (!verdict()) {
      if (thread == 0) lossBroken_ = true;
      return;
    }
    forChunks(0, P, [&](size_t at, size_t n) {
      const float* sum = shape.blockTrees[0].run(laneLeaves(self.blocks[0], at), slot.temporary.data(), n, add);
      if (!updateChunk(sum, at, n, rate, globalStep)) gradientBroken_.store(true, std::memory_order_relaxed);
    });
    if (thread == config_.threads - 1) updateBuffers(group, shape, slot);
    return;
  }

  // Sums of this rank's complete subtrees go into the messages.
  const size_t W = size_t(config_.worldSize), R = size_t(config_.rank);
  for (size_t owner = 0; owner < (direct_ ? 1 : W); owner++) {
    const auto [lo, hi] = range(int(owner));
    float* body = messageBody(self, sendMessages_[owner]);
    for (size_t b = 0; b < self.blocks.size(); b++)
      if (!shape.blockTrees[b].empty())
        forChunks(lo, hi, [&, lo = lo, hi = hi](size_t at, size_t n) {
          const float* sum = shape.blockTrees[b].run(laneLeaves(self.blocks[b], at), slot.temporary.data(), n, add);
          std::memcpy(body + b * (hi - lo) + (at - lo), sum, n * 4);
        });
    if (thread == 0) {
      double* head = reinterpret_cast<double*>(sendMessages_[owner].data());
      head[0] = control_;
      head[1] = 0;
      std::memcpy(head + 2, group.laneSums.data() + size_t(self.begin) * 2, size_t(self.end - self.begin) * 16);
      if (S)
        for (size_t b = 0; b < self.blocks.size(); b++)
          if (!shape.blockStatisticTrees[b].empty()) {
            const float* sum = shape.blockStatisticTrees[b].run(laneLeaves(self.blocks[b], P), slot.temporary.data(), S, add);
            std::memcpy(body + self.blocks.size() * (hi - lo) + b * S, sum, S * 4);
          }
    }
  }
  meet();
  if (thread == 0) {
    guarded([&] {
      group.exchange->finish();
      readHeaders(group);
    });
  }
  meet();
  if (!verdict()) {  // the same on every rank: nobody updates
    if (thread == 0) lossBroken_ = true;
    return;
  }
  // The upper tree, over all ranks' subtrees.
  const auto [lo, hi] = range(config_.rank);
  const auto blockLeaves = [&, lo = lo, hi = hi](size_t at) {
    size_t i = 0;
    for (size_t r = 0; r < W; r++) {
      const auto& m = group.members[r];
      const float* body = messageBody(m, r == R ? sendMessages_[direct_ ? 0 : R] : receiveMessages_[r]);
      for (size_t b = 0; b < m.blocks.size(); b++) pointers[i++] = body + b * (hi - lo) + (at - lo);
    }
    return pointers.data();
  };
  if (direct_) {
    forChunks(0, P, [&](size_t at, size_t n) {
      const float* sum = shape.upper->run(blockLeaves(at), slot.temporary.data(), n, add);
      if (!updateChunk(sum, at, n, rate, globalStep)) gradientBroken_.store(true, std::memory_order_relaxed);
    });
  } else {
    forChunks(lo, hi, [&](size_t at, size_t n) {
      const float* sum = shape.upper->run(blockLeaves(at), slot.temporary.data(), n, add);
      std::memcpy(reduced_.floats() + at, sum, n * 4);
    });
    meet();
    if (thread == 0) {
      guarded([&] { group.gather->finish(); });
    }
    meet();
    forChunks(0, P, [&](size_t at, size_t n) {
      if (!updateChunk(reduced_.floats() + at, at, n, rate, globalStep)) gradientBroken_.store(true, std::memory_order_relaxed);
    });
  }
  if (thread == config_.threads - 1) updateBuffers(group, shape, slot);
}

void Session::burst(int thread, Group& group, BurstOutcome& outcome, uint32_t epoch, int64_t firstStepInEpoch, int64_t firstStep, int64_t steps,
                    const std::vector<float>* rates) {
  Slot& slot = slots_[size_t(thread)];
  const Shard& shard = group.training ? *train_ : *validation_;
  const int64_t batch = group.training ? config_.batch : config_.evaluationBatch, count = int64_t(shard.count());
  const auto& self = group.members[size_t(config_.rank)];
  const int local = self.end - self.begin;
  const std::vector<int>* preparedFor = nullptr;
  for (int64_t k = 0; k < steps; k++) {
    const int64_t first = (firstStepInEpoch + k) * batch;
    const BatchShape& shape = group.shapes.at(std::min(batch, count - first));
    if (thread == 0) {
      nextLane_.store(0);
      control_ = controlRequest_.load();
      if (group.exchange) {
        guarded([&] {
          group.exchange->post();
          if (group.gather) group.gather->post();
        });
      }
    }
    if (group.training || preparedFor != &shape.prepare) prepareParameters(thread, shape.prepare);
    preparedFor = &shape.prepare;
    meet();
    guarded([&] {
      for (int i; (i = nextLane_.fetch_add(1)) < local;) {
        const int lane = self.begin + i;
        const int variant = shape.variant[size_t(lane)];
        double* sums = group.laneSums.data() + size_t(lane) * 2;
        if (variant < 0) {
          sums[0] = sums[1] = 0;
          continue;
        }
        LaneRun run;
        run.gradients = gradients_.floats() + size_t(group.training ? i : 0) * vectorElements_;
        run.sums = sums;
        run.count = shape.begin[size_t(lane) + 1] - shape.begin[size_t(lane)];
        run.gradientScale = 1.f / float(shape.batch);
        run.step = uint32_t(firstStep + k);
        run.sampleIndices = slot.sampleIndices.data();
        fillLane(slot, config_.plan.variants[size_t(variant)], shard, run, epoch, first + shape.begin[size_t(lane)], group.training);
        runLane(slot, variant, run);
      }
    });
    meet();
    if (group.training) {
      reduceAndUpdate(thread, group, shape, firstStep + k, (*rates)[size_t(k)], outcome, k);
    } else if (thread == 0) {
      guarded([&] {
        if (group.exchange) {
          auto& header = group.header[size_t(config_.rank)];
          header[0] = control_;
          std::memcpy(header.data() + 2, group.laneSums.data() + size_t(self.begin) * 2, size_t(local) * 16);
          group.exchange->finish();
          readHeaders(group);
        }
        auto& leaves = sumLeaves_[0];
        for (int i = 0; i < group.lanes; i++) leaves[size_t(i)] = group.laneSums.data() + size_t(i) * 2;
        const double* total = shape.sums->run(leaves.data(), slot.temporarySums.data(), 2, addDoubles);
        outcome.losses[size_t(k)] = total[0], outcome.correct[size_t(k)] = total[1], outcome.samples[size_t(k)] = double(shape.batch);
      });
    }
    meet();
    if (thread == 0 && lossBroken_) {
      outcome.nonFinite = true;
      outcome.nonFiniteStep = firstStep + k;
    } else if (thread == 0) {
      outcome.stepsDone = int(k + 1);
      outcome.control = control_;
      if (gradientBroken_.load()) {
        outcome.nonFinite = outcome.nonFiniteGradient = true;
        outcome.nonFiniteStep = firstStep + k;
      }
    }
    if (agreed_.leave) return;
  }
}

BurstOutcome Session::train(uint32_t epoch, int64_t firstStepInEpoch, int64_t firstStep, const std::vector<float>& rates) {
  if (!train_) fail("internal", "this session has no training data");
  const int64_t steps = int64_t(rates.size()), count = int64_t(train_->count());
  if (steps < 1 || firstStepInEpoch < 0 || firstStep < 0 || firstStepInEpoch + steps > (count + config_.batch - 1) / config_.batch)
    fail("internal", "burst: steps outside the epoch");
  // The ranks are connected by now; a session may be made, and its numeric class probed, before that.
  if (config_.worldSize > 1 && !training_.exchange) buildExchange();
  BurstOutcome outcome;
  for (auto* v : {&outcome.losses, &outcome.correct, &outcome.samples}) v->assign(size_t(steps), 0);
  lossBroken_ = false;
  gradientBroken_.store(false);
  sumLeaves_.assign(size_t(config_.threads), std::vector<const double*>(size_t(std::max(training_.lanes, evaluating_.lanes))));
  onTeam([&](int t) { burst(t, training_, outcome, epoch, firstStepInEpoch, firstStep, steps, &rates); });
  clearControl(outcome.control);
  if (outcome.nonFinite && !outcome.nonFiniteGradient) {
    const int64_t first = (firstStepInEpoch + (outcome.nonFiniteStep - firstStep)) * config_.batch;
    locateNonFinite(training_, training_.shapes.at(std::min(config_.batch, count - first)), outcome, epoch, first, outcome.nonFiniteStep);
  } else if (outcome.nonFinite) {
    for (size_t i = 0; i < config_.plan.parameters.size(); i++) {
      const auto& p = config_.plan.parameters[i];
      if (table_.allFinite(parameters_.floats() + p.offset, p.elements)) continue;
      outcome.nonFiniteNode = p.name.substr(0, p.name.rfind('.'));
      outcome.nonFiniteOrder = int(i);
      break;
    }
  }
  return outcome;
}

BurstOutcome Session::evaluate(int64_t firstBatch, int64_t batches) {
  if (!validation_) fail("internal", "this session has no validation data");
  const int64_t count = int64_t(validation_->count());
  if (batches < 1 || firstBatch < 0 || firstBatch + batches > (count + config_.evaluationBatch - 1) / config_.evaluationBatch)
    fail("internal", "evaluation: batches outside the split");
  // The ranks are connected by now; a session may be made, and its numeric class probed, before that.
  if (config_.worldSize > 1 && !training_.exchange) buildExchange();
  BurstOutcome outcome;
  for (auto* v : {&outcome.losses, &outcome.correct, &outcome.samples}) v->assign(size_t(batches), 0);
  lossBroken_ = false;
  gradientBroken_.store(false);
  sumLeaves_.assign(size_t(config_.threads), std::vector<const double*>(size_t(std::max(training_.lanes, evaluating_.lanes))));
  onTeam([&](int t) { burst(t, evaluating_, outcome, 0, firstBatch, 0, batches, nullptr); });
  clearControl(outcome.control);
  return outcome;
}

// Runs the step's forward pass of this rank's lanes again, looking for the first kernel whose output is not finite.
void Session::locateNonFinite(Group& group, const BatchShape& shape, BurstOutcome& outcome, uint32_t epoch, int64_t firstPosition, int64_t globalStep) {
  const auto& self = group.members[size_t(config_.rank)];
  onTeam([&](int thread) {
    if (thread != 0) return;
    Slot& slot = slots_[0];
    std::vector<double> sums(2);
    for (int lane = self.begin; lane < self.end; lane++) {
      const int index = shape.variant[size_t(lane)];
      if (index < 0) continue;
      const auto& variant = config_.plan.variants[size_t(index)];
      LaneRun run;
      run.gradients = gradients_.floats();
      run.sums = sums.data();
      run.count = shape.begin[size_t(lane) + 1] - shape.begin[size_t(lane)];
      run.gradientScale = 1.f / float(shape.batch);
      run.step = uint32_t(globalStep);
      run.sampleIndices = slot.sampleIndices.data();
      fillLane(slot, variant, *train_, run, epoch, firstPosition + shape.begin[size_t(lane)], true);
      for (int c = 0; c < variant.forwardCalls; c++) {
        slot.programs[size_t(index)].kernels[size_t(c)]->run(run);
        if (outcome.nonFiniteOrder >= 0 && c >= outcome.nonFiniteOrder) break;
        const auto& call = variant.calls[size_t(c)];
        const auto y = call.args.find("y");
        if (y == call.args.end()) continue;
        const auto& t = variant.tensors[size_t(y->second)];
        if (t.region != Region::arena || table_.allFinite(reinterpret_cast<const float*>(slot.arena.data() + t.offset), t.bytes / 4)) continue;
        outcome.nonFiniteNode = call.node;
        outcome.nonFiniteOrder = c;
        break;
      }
    }
  });
}

std::vector<float> Session::predict(const float* samples, int64_t count) {
  const Plan& plan = config_.plan;
  int best = -1;
  for (size_t i = 0; i < plan.variants.size(); i++)
    if (!plan.variants[i].training && (best < 0 || plan.variants[i].batch > plan.variants[size_t(best)].batch)) best = int(i);
  if (best < 0) fail("internal", "the plan has no evaluation variant");
  const auto& variant = plan.variants[size_t(best)];
  size_t elements = 1;
  for (auto d : plan.sampleShape) elements *= size_t(d);
  std::vector<float> out(size_t(count * plan.classes));
  onTeam([&](int thread) {
    prepareParameters(thread, variant.prepare);
    meet();
    if (thread != 0) return;
    Slot& slot = slots_[0];
    std::vector<double> sums(2);
    float* x = reinterpret_cast<float*>(slot.arena.data() + variant.tensors[size_t(variant.input)].offset);
    int32_t* label = reinterpret_cast<int32_t*>(slot.arena.data() + variant.tensors[size_t(variant.label)].offset);
    const float* y = reinterpret_cast<const float*>(slot.arena.data() + variant.tensors[size_t(variant.output)].offset);
    for (int64_t at = 0; at < count; at += variant.batch) {
      const int64_t n = std::min(variant.batch, count - at);
      std::memset(x, 0, size_t(variant.batch) * elements * 4);
      std::memset(label, 0, size_t(variant.batch) * 4);
      std::memcpy(x, samples + size_t(at) * elements, size_t(n) * elements * 4);
      LaneRun run;
      run.sums = sums.data();
      run.count = variant.batch;
      run.sampleIndices = slot.sampleIndices.data();
      runLane(slot, best, run);
      std::memcpy(out.data() + size_t(at * plan.classes), y, size_t(n * plan.classes) * 4);
    }
  });
  return out;
}

std::vector<float> Session::probe() {
  const Plan& plan = config_.plan;
  std::vector<float> out;
  onTeam([&](int thread) {
    for (size_t v = 0; v < plan.variants.size(); v++) {
      const auto& variant = plan.variants[v];
      prepareParameters(thread, variant.prepare);
      meet();
      if (thread == 0) {
        Slot& slot = slots_[0];
        std::vector<double> sums(2);
        size_t elements = size_t(variant.batch);
        for (auto d : plan.sampleShape) elements *= size_t(d);
        float* x = reinterpret_cast<float*>(slot.arena.data() + variant.tensors[size_t(variant.input)].offset);
        int32_t* label = reinterpret_cast<int32_t*>(slot.arena.data() + variant.tensors[size_t(variant.label)].offset);
        for (size_t e = 0; e < elements; e++) x[e] = float(philox({0x70726f62u, 0x65u}, {uint32_t(e), uint32_t(v), 0, 0})[0] >> 8) * 1.1920929e-7f - 1.f;
        for (int64_t i = 0; i < variant.batch; i++) label[i] = int32_t(i % plan.classes), slot.sampleIndices[size_t(i)] = uint64_t(i);
        LaneRun run;
        run.gradients = gradients_.floats();
        run.sums = sums.data();
        run.count = variant.batch;
        run.gradientScale = 1.f / float(variant.batch);
        run.sampleIndices = slot.sampleIndices.data();
        runLane(slot, int(v), run);
        if (variant.training) {
          out.insert(out.end(), run.gradients, run.gradients + vectorElements_);
        } else {
          const float* y = reinterpret_cast<const float*>(slot.arena.data() + variant.tensors[size_t(variant.output)].offset);
          out.insert(out.end(), y, y + variant.batch * plan.classes);
        }
        out.push_back(float(sums[0]));
      }
      meet();
    }
  });
  return out;
}

std::vector<float> Session::readParameter(size_t index, int slot) {
  const auto& p = config_.plan.parameters.at(index);
  const Memory& from = slot < 0 ? parameters_ : slotsState_.at(size_t(slot));
  uint64_t count = 1;
  for (auto d : p.shape) count *= uint64_t(d);
  std::vector<float> out(count);
  const std::string plain = plainLayout(p.shape.size());
  if (p.layout == plain) {
    std::memcpy(out.data(), from.floats() + p.offset, count * 4);
    return out;
  }
  omp_set_num_threads(1);
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  dnnl::memory a(descriptorOf(p.shape, p.layout), engine, from.floats() + p.offset), b(descriptorOf(p.shape, plain), engine, out.data());
  dnnl::reorder(a, b).execute(stream, a, b);
  stream.wait();
  return out;
}

void Session::writeParameter(size_t index, int slot, const float* values, size_t count) {
  const auto& p = config_.plan.parameters.at(index);
  const Memory& to = slot < 0 ? parameters_ : slotsState_.at(size_t(slot));
  uint64_t expected = 1;
  for (auto d : p.shape) expected *= uint64_t(d);
  if (count != expected) fail("internal", p.name + ": expected " + std::to_string(expected) + " values, got " + std::to_string(count));
  const std::string plain = plainLayout(p.shape.size());
  if (p.layout == plain) {
    std::memcpy(to.floats() + p.offset, values, count * 4);
    return;
  }
  omp_set_num_threads(1);
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  dnnl::memory a(descriptorOf(p.shape, plain), engine, const_cast<float*>(values)), b(descriptorOf(p.shape, p.layout), engine, to.floats() + p.offset);
  dnnl::reorder(a, b).execute(stream, a, b);
  stream.wait();
}

std::vector<float> Session::readBuffer(size_t index) {
  const auto& b = config_.plan.buffers.at(index);
  return std::vector<float>(buffers_.floats() + b.offset, buffers_.floats() + b.offset + b.elements);
}

void Session::writeBuffer(size_t index, const float* values, size_t count) {
  const auto& b = config_.plan.buffers.at(index);
  if (count != b.elements) fail("internal", b.name + ": expected " + std::to_string(b.elements) + " values, got " + std::to_string(count));
  std::memcpy(buffers_.floats() + b.offset, values, count * 4);
}

}  // namespace lockstep
