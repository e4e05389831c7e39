// Parameters, optimizer slots and running statistics in canonical layout.
#include <omp.h>

#include <cstring>

#include "../dnn/layout.hpp"
#include "error.hpp"
#include "session.hpp"

namespace lockstep {

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
