#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lockstep {

using Dims = std::vector<int64_t>;

// Where a tensor's bytes live. Offsets are bytes from the start of the region.
enum class Region { arena, parameters, prepared, gradients, buffers, sums };

struct TensorPlan {
  std::string name;
  Dims shape;
  std::string layout;  // a oneDNN format tag ("abcd", "aBcd16b"), or "bytes" for workspaces
  Region region;
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

struct CallPlan {
  std::string kernel;
  std::string node;
  std::map<std::string, int> args;  // role -> index into tensors
  std::map<std::string, std::vector<double>> attributes;
  std::string activation;  // fused eltwise post-op of a convolution or linear kernel, or empty
  uint64_t scratchBytes = 0;
  std::string implementation;  // what oneDNN calls the kernel that the plan was made for, or empty
};

// One lane's program for one micro-batch size.
struct VariantPlan {
  int64_t batch = 0;
  bool training = false;
  std::vector<TensorPlan> tensors;
  std::vector<int> prepare;  // indices into Plan::prepare that this variant reads
  std::vector<CallPlan> calls;
  int forwardCalls = 0;
  uint64_t arenaBytes = 0;
  uint64_t scratchOffset = 0;
  int input = -1, label = -1, output = -1;
};

struct ParameterPlan {
  std::string name;
  Dims shape;
  std::string layout;
  uint64_t offset = 0;    // in floats, from the start of the parameter vector
  uint64_t elements = 0;  // padded
};

struct BufferPlan {
  std::string name;
  uint64_t offset = 0;  // in floats, in the buffer vector
  uint64_t elements = 0;
  uint64_t statistic = 0;  // offset in floats of its contribution, from the start of the statistics part
  double momentum = 0.1;
};

struct PreparePlan {  // a parameter in the layout that some kernel wants; made once a step, shared by lanes
  int parameter = 0;
  std::string layout;
  uint64_t offset = 0;  // bytes, in the prepared region
  uint64_t bytes = 0;
};

struct Plan {
  std::string isa;
  std::vector<ParameterPlan> parameters;
  std::vector<BufferPlan> buffers;
  std::vector<PreparePlan> prepare;
  std::vector<VariantPlan> variants;
  uint64_t parameterElements = 0;  // floats, padded; a multiple of 16
  uint64_t statisticElements = 0;  // floats behind the gradients in each lane's reduce vector; a multiple of 16
  uint64_t bufferElements = 0;
  uint64_t preparedBytes = 0;
  Dims sampleShape;
  int64_t classes = 0;
};

}  // namespace lockstep
