// From the lanes' sums to the next weights.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "session-parts.hpp"

namespace lockstep {
namespace {

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
      const float* body = messageBody(m, r == self ? ownMessage() : receiveMessages_[r]);
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

// Calls body(at, count) for this thread's chunks of [lo, hi).
template <class F>
void Session::forChunks(int thread, size_t lo, size_t hi, F body) const {
  const size_t chunks = (hi - lo + kChunk - 1) / kChunk, t = size_t(thread), T = size_t(config_.threads);
  const size_t from = lo + chunks * t / T * kChunk, to = std::min(hi, lo + chunks * (t + 1) / T * kChunk);
  for (size_t at = from; at < to; at += kChunk) body(at, std::min(kChunk, to - at));
}

// The sum of one of this rank's complete subtrees over [at, at + count) of the lanes' reduce vectors.
const float* Session::sumLanes(Slot& slot, const Tree& tree, const Member& self, const Subtree& block, size_t at, size_t count) const {
  std::array<const float*, kMaxLanes> lanes;
  for (int i = 0; i < block.lanes; i++) lanes[size_t(i)] = gradients_.floats() + size_t(block.first - self.begin + i) * vectorElements_ + at;
  return tree.run(lanes.data(), slot.temporary.data(), count, [this](const float* a, const float* b, float* out, size_t n) { table_.add(a, b, out, n); });
}

// The sum of all ranks' subtrees over [at, at + count), which lies in the range that this rank finishes.
const float* Session::sumRanks(Slot& slot, const Tree& tree, const Group& group, size_t at, size_t count) const {
  const auto [lo, hi] = range(config_.rank);
  std::array<const float*, kMaxLanes> blocks;
  size_t i = 0;
  for (size_t r = 0; r < group.members.size(); r++) {
    const auto& m = group.members[r];
    const float* body = messageBody(m, r == size_t(config_.rank) ? ownMessage() : receiveMessages_[r]);
    for (size_t b = 0; b < m.blocks.size(); b++) blocks[i++] = body + b * (hi - lo) + (at - lo);
  }
  return tree.run(blocks.data(), slot.temporary.data(), count, [this](const float* a, const float* b, float* out, size_t n) { table_.add(a, b, out, n); });
}

// Sums the lanes' losses. Every thread does so for itself, the first one writes them down. Returns whether the loss is finite.
bool Session::sumLosses(int thread, const Group& group, const BatchShape& shape, BurstOutcome& outcome, int64_t k) {
  std::vector<const double*>& leaves = sumLeaves_[size_t(thread)];
  for (int i = 0; i < group.lanes; i++) leaves[size_t(i)] = group.laneSums.data() + size_t(i) * 2;
  const double* total = shape.sums->run(leaves.data(), slots_[size_t(thread)].temporarySums.data(), 2, [](const double* a, const double* b, double* out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = a[i] + b[i];
  });
  if (thread == 0) {
    outcome.losses[size_t(k)] = total[0];
    outcome.correct[size_t(k)] = total[1];
    outcome.samples[size_t(k)] = double(shape.batch);
  }
  return total[0] - total[0] == 0;
}

// Control word, lane sums, and the sums of this rank's complete subtrees.
void Session::fillMessages(int thread, const Group& group, const BatchShape& shape) {
  Slot& slot = slots_[size_t(thread)];
  const auto& self = group.members[size_t(config_.rank)];
  const size_t P = config_.plan.parameterElements, S = config_.plan.statisticElements;
  for (size_t owner = 0; owner < (direct_ ? 1 : group.members.size()); owner++) {
    const auto [lo, hi] = range(int(owner));
    const size_t length = hi - lo;
    float* body = messageBody(self, sendMessages_[owner]);
    for (size_t b = 0; b < self.blocks.size(); b++) {
      if (shape.blockTrees[b].empty()) continue;
      forChunks(thread, lo, hi, [&, lo = lo](size_t at, size_t n) {
        std::memcpy(body + b * length + (at - lo), sumLanes(slot, shape.blockTrees[b], self, self.blocks[b], at, n), n * 4);
      });
    }
    if (thread != 0) continue;
    double* head = reinterpret_cast<double*>(sendMessages_[owner].data());
    head[0] = control_;
    head[1] = 0;
    std::memcpy(head + 2, group.laneSums.data() + size_t(self.begin) * 2, size_t(self.end - self.begin) * 16);
    for (size_t b = 0; S && b < self.blocks.size(); b++) {
      if (shape.blockStatisticTrees[b].empty()) continue;
      std::memcpy(body + self.blocks.size() * length + b * S, sumLanes(slot, shape.blockStatisticTrees[b], self, self.blocks[b], P, S), S * 4);
    }
  }
}

// One rank: the lanes' tree and the update, chunk by chunk while it is in the cache.
void Session::updateAlone(int thread, const Group& group, const BatchShape& shape, int64_t globalStep, float rate) {
  Slot& slot = slots_[size_t(thread)];
  const auto& self = group.members[0];
  forChunks(thread, 0, config_.plan.parameterElements, [&](size_t at, size_t n) {
    const float* sum = sumLanes(slot, shape.blockTrees[0], self, self.blocks[0], at, n);
    if (!updateChunk(sum, at, n, rate, globalStep)) gradientBroken_.store(true, std::memory_order_relaxed);
  });
}

// Several ranks, after the exchange. Nobody updates before the whole sum is there.
void Session::updateTogether(int thread, Group& group, const BatchShape& shape, int64_t globalStep, float rate) {
  Slot& slot = slots_[size_t(thread)];
  const size_t P = config_.plan.parameterElements;
  if (direct_) {
    forChunks(thread, 0, P, [&](size_t at, size_t n) {
      if (!updateChunk(sumRanks(slot, *shape.upper, group, at, n), at, n, rate, globalStep)) gradientBroken_.store(true, std::memory_order_relaxed);
    });
    return;
  }
  const auto [lo, hi] = range(config_.rank);
  forChunks(thread, lo, hi, [&](size_t at, size_t n) { std::memcpy(reduced_.floats() + at, sumRanks(slot, *shape.upper, group, at, n), n * 4); });
  meet();
  if (thread == 0) guarded([&] { group.gather->finish(); });
  meet();
  forChunks(thread, 0, P, [&](size_t at, size_t n) {
    if (!updateChunk(reduced_.floats() + at, at, n, rate, globalStep)) gradientBroken_.store(true, std::memory_order_relaxed);
  });
}

void Session::reduceAndUpdate(int thread, Group& group, const BatchShape& shape, int64_t globalStep, float rate, BurstOutcome& outcome, int64_t k) {
  if (config_.worldSize > 1) {
    fillMessages(thread, group, shape);
    meet();
    if (thread == 0) {
      guarded([&] {
        group.exchange->finish();
        readHeaders(group);
      });
    }
    meet();
  }
  if (!sumLosses(thread, group, shape, outcome, k)) {  // the same on every rank: nobody updates
    if (thread == 0) lossBroken_ = true;
    return;
  }
  if (config_.worldSize > 1)
    updateTogether(thread, group, shape, globalStep, rate);
  else
    updateAlone(thread, group, shape, globalStep, rate);
  if (thread == config_.threads - 1) updateBuffers(group, shape, slots_[size_t(thread)]);
}

}  // namespace lockstep
