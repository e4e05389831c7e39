#include "batch16.hpp"

namespace lockstep {
namespace {

constexpr const char* kLayout = "Abcd16a";

bool is(const PrimitiveRequest& r, const std::string& name, double a, double b) {
  const auto it = r.attributes.find(name);
  return it != r.attributes.end() && it->second.size() == 2 && it->second[0] == a && it->second[1] == b;
}

}  // namespace

std::optional<KernelChoice> chooseBatch16(const PrimitiveRequest& r) {
  KernelChoice choice;
  const auto shape = [&](const std::string& role) -> const Dims& { return r.shapes.at(role); };
  if (r.kernel.rfind("conv2d.", 0) == 0) {
    const bool forward = r.kernel == "conv2d.forward", data = r.kernel == "conv2d.gradData";
    const Dims& x = shape(data ? "dx" : "x");
    const Dims& y = shape(forward ? "y" : "dy");
    const Dims& w = shape(forward || data ? "weight" : "dweight");
    const int64_t n = x[0], blocks = (n + 15) / 16;
    const bool full = n * 10 >= blocks * 16 * 7;
    if (!is(r, "stride", 1, 1) || !is(r, "padding", 0, 0) || w[0] >= 16 || w[1] >= 16 || w[3] > 8 || !full) return std::nullopt;
    (void)y;
    for (const auto& [role, dims] : r.shapes) choice.layouts[role] = role == "bias" || role == "dbias" ? "a" : role == "weight" || role == "dweight" ? "abcd" : kLayout;
  } else if (r.kernel == "maxPool2d.forward" || r.kernel == "maxPool2d.gradData") {
    const bool forward = r.kernel == "maxPool2d.forward";
    const auto layout = r.layouts.find(forward ? "x" : "dx");
    const auto kernel = r.attributes.find("kernel"), stride = r.attributes.find("stride");
    if (layout == r.layouts.end() || layout->second != kLayout || !is(r, "padding", 0, 0) || kernel->second != stride->second) return std::nullopt;
    for (const auto& [role, dims] : r.shapes) choice.layouts[role] = kLayout;
  } else {
    return std::nullopt;
  }
  for (const auto& [role, layout] : r.layouts) {
    const auto own = choice.layouts.find(role);
    if (layout != "any" && own != choice.layouts.end() && own->second != layout) return std::nullopt;
  }
  return choice;
}

}  // namespace lockstep
