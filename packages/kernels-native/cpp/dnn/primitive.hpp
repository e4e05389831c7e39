#pragma once
#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <vector>

#include "../core/plan.hpp"

namespace lockstep {

// A kernel that oneDNN runs, with every memory descriptor by role ("x", "weight", "dy" ...).
struct DnnPrimitive {
  dnnl::primitive primitive;
  std::map<std::string, dnnl::memory::desc> descriptors;
  std::map<std::string, int> arguments;  // role -> DNNL_ARG_*
  uint64_t scratchBytes = 0;
  std::string implementation;
};

// Shapes by role; layouts by role, absent or "any" where oneDNN may choose. `create` also makes the primitive (in the
// calling thread, which must have called omp_set_num_threads(1): the thread count is baked in at creation).
struct PrimitiveRequest {
  std::string kernel;
  std::map<std::string, Dims> shapes;
  std::map<std::string, std::string> layouts;
  std::map<std::string, std::vector<double>> attributes;
  std::string activation;
};

bool isDnnKernel(const std::string& kernel);
// Throws "internal" unless every role that the kernel needs has a shape, and every shape the dimensions that the kernel expects.
void requireShapes(const PrimitiveRequest& request);
// Roles that a kernel cannot do without.
const std::vector<std::string>& dnnRoles(const std::string& kernel);
DnnPrimitive makePrimitive(const dnnl::engine& engine, const PrimitiveRequest& request, bool create);
// Names for the layouts that oneDNN chose, such that asking for them by name gives the same implementation again: two names
// of equal descriptors do not always find the same kernel. '' where a layout has no name.
std::map<std::string, std::string> nameLayouts(const dnnl::engine& engine, const PrimitiveRequest& request, const DnnPrimitive& chosen);
// Copies between layouts of one shape.
DnnPrimitive makeReorder(const dnnl::engine& engine, const dnnl::memory::desc& from, const dnnl::memory::desc& to);

}  // namespace lockstep
