#include "layout.hpp"

#include <oneapi/dnnl/dnnl_debug.h>

#include <map>
#include <mutex>

#include "../core/error.hpp"

namespace lockstep {
namespace {

using dnnl::memory;

const std::map<std::string, int>& tagsByName() {
  static const std::map<std::string, int> tags = [] {
    std::map<std::string, int> out;
    for (int t = dnnl_format_tag_any + 1; t < dnnl_format_tag_last; t++) out.emplace(dnnl_fmt_tag2str(dnnl_format_tag_t(t)), t);
    return out;
  }();
  return tags;
}

}  // namespace

std::string plainLayout(size_t rank) { return std::string("abcdefghijkl").substr(0, rank); }

memory::desc descriptorOf(const Dims& shape, const std::string& layout) {
  const auto it = tagsByName().find(layout);
  if (it == tagsByName().end()) fail("internal", "unknown layout " + layout);
  return memory::desc(shape, memory::data_type::f32, memory::format_tag(it->second));
}

std::vector<std::string> layoutNames(const memory::desc& descriptor) {
  std::vector<std::string> names;
  const auto dims = descriptor.get_dims();
  const std::string plain = plainLayout(dims.size());
  if (descriptorOf(dims, plain) == descriptor) names.push_back(plain);
  for (const auto& [name, tag] : tagsByName()) {
    dnnl_memory_desc_t raw = nullptr;
    if (name == plain || dnnl_memory_desc_create_with_tag(&raw, int(dims.size()), dims.data(), dnnl_f32, dnnl_format_tag_t(tag)) != dnnl_success) continue;
    if (dnnl_memory_desc_equal(raw, descriptor.get())) names.push_back(name);
    dnnl_memory_desc_destroy(raw);
  }
  return names;
}

}  // namespace lockstep
