#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>

#include "../ops/kernel-table.hpp"
#include "plan.hpp"

namespace lockstep {

// What a kernel may need to know of the lane that it runs for.
struct LaneRun {
  float* gradients = nullptr;  // this lane's reduce vector: gradients, then batch statistics
  double* sums = nullptr;      // [2]: loss sum, correct count
  int64_t count = 0;           // samples in the lane
  float gradientScale = 0.f;   // 1 / true global batch
  uint32_t step = 0;           // global step
  const uint64_t* sampleIndices = nullptr;
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual void run(const LaneRun& lane) = 0;
};

// Where the regions of a plan lie for one executing thread.
struct Regions {
  char* arena = nullptr;
  char* parameters = nullptr;
  char* prepared = nullptr;
  char* buffers = nullptr;
};

// Builds the kernel of a call. Must run in the thread that will run the kernel, with one OpenMP thread.
std::unique_ptr<Kernel> makeKernel(const dnnl::engine& engine, const dnnl::stream& stream, const KernelTable& table, const VariantPlan& variant,
                                   const CallPlan& call, const Regions& regions, char* scratch);

}  // namespace lockstep
