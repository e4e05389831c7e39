#pragma once
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <vector>

#include "../core/plan.hpp"

namespace lockstep {

// Layouts cross the edge as oneDNN format tags by name, so that a plan is readable plain data.
dnnl::memory::desc descriptorOf(const Dims& shape, const std::string& layout);
// Every name that stands for a layout; a dimension of size 1 gives several. Row-major first.
std::vector<std::string> layoutNames(const dnnl::memory::desc& descriptor);
// Row-major ("a", "ab", "abcd" ...).
std::string plainLayout(size_t rank);

}  // namespace lockstep
