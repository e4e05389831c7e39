#include "side-by-side.hpp"

namespace lockstep {
namespace {

bool is(const PrimitiveRequest& r, const std::string& name, double a, double b) {
  const auto it = r.attributes.find(name);
  return it != r.attributes.end() && it->second.size() == 2 && it->second[0] == a && it->second[1] == b;
}

bool isWindow(const PrimitiveRequest& r, const std::string& name) {
  const auto it = r.attributes.find(name);
  if (it == r.attributes.end() || it->second.size() != 2) return false;
  for (double d : it->second)
    if (!(d >= 1 && d <= 2147483647.0 && d == double(int64_t(d)))) return false;
  return true;
}

std::string layoutFor(int samples) { return "Abcd" + std::to_string(samples) + "a"; }

int samplesOf(const std::string& layout) { return layout == "Abcd16a" ? 16 : layout == "Abcd8a" ? 8 : layout == "Abcd4a" ? 4 : 0; }

// The widest block that a lane of n samples fills to nine tenths, else four if that is filled to seven tenths.
int widthFor(int64_t n) {
  const auto filled = [n](int width, int tenths) { return n * 10 >= (n + width - 1) / width * width * tenths; };
  if (filled(16, 9)) return 16;
  if (filled(8, 9)) return 8;
  return filled(4, 7) ? 4 : 0;
}

}  // namespace

std::string implementationName(const SideBySide& choice) { return "lockstep:side-by-side-" + std::to_string(choice.samples); }

std::optional<SideBySide> chooseSideBySide(const PrimitiveRequest& r) {
  if (!isDnnKernel(r.kernel)) return std::nullopt;
  requireShapes(r);
  SideBySide choice;
  const auto shape = [&](const std::string& role) -> const Dims& { return r.shapes.at(role); };
  if (r.kernel.rfind("conv2d.", 0) == 0) {
    const bool forward = r.kernel == "conv2d.forward", data = r.kernel == "conv2d.gradData";
    const Dims& x = shape(data ? "dx" : "x");
    const Dims& y = shape(forward ? "y" : "dy");
    const Dims& w = shape(forward || data ? "weight" : "dweight");
    choice.samples = widthFor(x[0]);
    const int64_t columns = choice.samples ? 16 / choice.samples : 0;
    if (!choice.samples || !is(r, "stride", 1, 1) || !is(r, "padding", 0, 0) || w[0] >= 16 || w[1] >= 16 || w[3] > 8 || y[3] < columns) return std::nullopt;
    for (const auto& [role, dims] : r.shapes)
      choice.layouts[role] = role == "bias" || role == "dbias" ? "a" : role == "weight" || role == "dweight" ? "abcd" : layoutFor(choice.samples);
    // The gradient reads rows of dy between zeros.
    if (data) choice.scratchBytes = uint64_t(y[1] * y[2] * (y[3] + 2 * (w[3] - 1) + columns) * choice.samples) * 4;
  } else if (r.kernel == "maxPool2d.forward" || r.kernel == "maxPool2d.gradData") {
    const auto layout = r.layouts.find(r.kernel == "maxPool2d.forward" ? "x" : "dx");
    choice.samples = layout == r.layouts.end() ? 0 : samplesOf(layout->second);
    if (!choice.samples || !is(r, "padding", 0, 0) || !isWindow(r, "kernel") || !isWindow(r, "stride") || r.attributes.at("kernel") != r.attributes.at("stride"))
      return std::nullopt;
    for (const auto& [role, dims] : r.shapes) choice.layouts[role] = layoutFor(choice.samples);
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
