#include "program-runner.hpp"

#include <immintrin.h>
#include <omp.h>

#include <cstring>
#include <exception>
#include <thread>

#include "../dnn/layout.hpp"
#include "error.hpp"
#include "kernel.hpp"
#include "memory.hpp"

namespace lockstep {
namespace {

ProgramResult runHere(const ProgramRun& run) {
  const auto& variant = run.variant;
  const auto& table = kernelsFor(run.isa);
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  Memory arena(variant.arenaBytes), parameters(run.parametersBytes), prepared(run.preparedBytes), gradients(run.gradientsBytes), buffers(run.buffersBytes);
  ProgramResult result;
  const auto base = [&](const TensorPlan& t) -> char* {
    const Memory* m = nullptr;
    switch (t.region) {
      case Region::arena: m = &arena; break;
      case Region::parameters: m = &parameters; break;
      case Region::prepared: m = &prepared; break;
      case Region::gradients: m = &gradients; break;
      case Region::buffers: m = &buffers; break;
      case Region::sums: return reinterpret_cast<char*>(result.sums);
    }
    if (t.bytes > m->bytes() || t.offset > m->bytes() - t.bytes) fail("internal", "plan: tensor " + t.name + " lies outside its region");
    return m->data() + t.offset;
  };
  for (const auto& t : variant.tensors) (void)base(t);
  for (const auto& [index, values] : run.inputs) {
    const auto& t = variant.tensors.at(size_t(index));
    dnnl::memory a(descriptorOf(t.shape, plainLayout(t.shape.size())), engine, const_cast<float*>(values.data()));
    dnnl::memory b(descriptorOf(t.shape, t.layout), engine, base(t));
    if (values.size() * 4 != a.get_desc().get_size() || b.get_desc().get_size() > t.bytes) fail("internal", "program: wrong number of values for " + t.name);
    dnnl::reorder(a, b).execute(stream, a, b);
    stream.wait();
  }
  if (variant.label >= 0) {
    const auto& t = variant.tensors[size_t(variant.label)];
    if (run.labels.size() * 4 > t.bytes) fail("internal", "program: too many labels");
    std::memcpy(base(t), run.labels.data(), run.labels.size() * 4);
  }
  LaneRun lane;
  lane.gradients = gradients.floats();
  lane.sums = result.sums;
  lane.count = variant.batch;
  lane.gradientScale = run.gradientScale;
  lane.step = run.step;
  lane.sampleIndices = run.sampleIndices.data();
  if (run.sampleIndices.size() < size_t(variant.batch)) fail("internal", "program: a sample index for every row is needed");
  const Regions regions{arena.data(), parameters.data(), prepared.data(), buffers.data()};
  for (const auto& call : variant.calls) {
    if (variant.scratchOffset + call.scratchBytes > variant.arenaBytes) fail("internal", "plan: scratch lies outside the arena");
    makeKernel(engine, stream, table, variant, call, regions, arena.data() + variant.scratchOffset)->run(lane);
  }
  for (int index : run.outputs) {
    const auto& t = variant.tensors.at(size_t(index));
    uint64_t count = 1;
    for (auto d : t.shape) count *= uint64_t(d);
    std::vector<float> values(count);
    dnnl::memory a(descriptorOf(t.shape, t.layout), engine, base(t)), b(descriptorOf(t.shape, plainLayout(t.shape.size())), engine, values.data());
    dnnl::reorder(a, b).execute(stream, a, b);
    stream.wait();
    result.outputs.emplace(index, std::move(values));
  }
  return result;
}

}  // namespace

ProgramResult runProgram(const ProgramRun& run) {
  // A thread of its own: the floating-point mode and the OpenMP thread count belong to the thread.
  ProgramResult result;
  std::exception_ptr error;
  std::thread([&] {
    omp_set_num_threads(1);
    _mm_setcsr(_mm_getcsr() | 0x8040);
    try {
      result = runHere(run);
    } catch (...) {
      error = std::current_exception();
    }
  }).join();
  if (error) std::rethrow_exception(error);
  return result;
}

}  // namespace lockstep
