#pragma once
#include <map>
#include <vector>

#include "plan.hpp"

namespace lockstep {

// Runs one variant of a plan once, on given canonical values: for conformance tests and for looking inside a model.
struct ProgramRun {
  std::string isa;
  VariantPlan variant;
  std::map<int, std::vector<float>> inputs;   // tensor index -> canonical values
  std::vector<int32_t> labels;
  std::vector<uint64_t> sampleIndices;
  std::vector<int> outputs;                   // tensor indices to read back
  float gradientScale = 1.f;
  uint32_t step = 0;
  uint64_t parametersBytes = 0, preparedBytes = 0, gradientsBytes = 0, buffersBytes = 0;
};

struct ProgramResult {
  std::map<int, std::vector<float>> outputs;
  double sums[2] = {0, 0};
};

ProgramResult runProgram(const ProgramRun& run);

}  // namespace lockstep
