// The step loop: lanes, sums, update, again.
#include <algorithm>
#include <cstring>

#include "error.hpp"
#include "session-parts.hpp"

namespace lockstep {

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
    if (group.training || preparedFor != &shape.prepare) guarded([&] { prepareParameters(thread, shape.prepare); });
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
        sumLosses(thread, group, shape, outcome, k);
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

// Work that all ranks do in step. A rank that fails in it, for whatever reason, leaves the group at once.
void Session::withPeers(const std::function<void(int)>& body) {
  try {
    onTeam(body);
  } catch (...) {
    if (communicator_) communicator_->abandon();
    throw;
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
  withPeers([&](int t) { burst(t, training_, outcome, epoch, firstStepInEpoch, firstStep, steps, &rates); });
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
  withPeers([&](int t) { burst(t, evaluating_, outcome, 0, firstBatch, 0, batches, nullptr); });
  clearControl(outcome.control);
  return outcome;
}

}  // namespace lockstep
