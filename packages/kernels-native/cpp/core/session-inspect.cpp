// Looking into a session: which layer broke, predictions, the numeric probe.
#include <algorithm>
#include <cstring>

#include "error.hpp"
#include "session-parts.hpp"

namespace lockstep {

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
    guarded([&] { prepareParameters(thread, variant.prepare); });
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
      guarded([&] { prepareParameters(thread, variant.prepare); });
      meet();
      guarded([&] {
        if (thread != 0) return;
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
      });
      meet();
    }
  });
  return out;
}

}  // namespace lockstep
