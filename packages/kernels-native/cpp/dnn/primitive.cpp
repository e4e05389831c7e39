#include "primitive.hpp"

#include <immintrin.h>

#include <limits>

#include "../core/error.hpp"
#include "layout.hpp"

namespace lockstep {
namespace {

using namespace dnnl;
using Request = PrimitiveRequest;

memory::desc want(const Request& r, const std::string& role) {
  const auto shape = r.shapes.find(role);
  if (shape == r.shapes.end()) return memory::desc();
  const auto layout = r.layouts.find(role);
  if (layout == r.layouts.end() || layout->second == "any") return memory::desc(shape->second, memory::data_type::f32, memory::format_tag::any);
  return descriptorOf(shape->second, layout->second);
}

bool has(const Request& r, const std::string& role) { return r.shapes.count(role) > 0; }

Dims pair(const Request& r, const std::string& name) {
  const auto it = r.attributes.find(name);
  if (it == r.attributes.end() || it->second.size() != 2) fail("internal", r.kernel + ": attribute " + name + " must be a pair");
  return {int64_t(it->second[0]), int64_t(it->second[1])};
}

primitive_attr attributes(const std::string& activation = "") {
  primitive_attr attr;
  attr.set_scratchpad_mode(scratchpad_mode::user);
  if (!activation.empty()) {
    post_ops ops;
    // oneDNN's relu of slope 0 is a maximum, which turns NaN into 0. With the smallest slope it multiplies, so NaN stays NaN,
    // and lanes read that slope as 0 (denormals are zero).
    if (activation == "relu")
      ops.append_eltwise(algorithm::eltwise_relu, std::numeric_limits<float>::denorm_min(), 0.f);
    else if (activation == "tanh")
      ops.append_eltwise(algorithm::eltwise_tanh, 0.f, 0.f);
    else
      fail("internal", "no fused activation " + activation);
    attr.set_post_ops(ops);
  }
  return attr;
}

template <class Descriptor, class Primitive>
DnnPrimitive finish(const Descriptor& pd, std::map<std::string, std::pair<int, memory::desc>> roles, bool create) {
  DnnPrimitive out;
  for (auto& [role, entry] : roles) {
    if (entry.second.get_size() == 0) continue;
    out.arguments.emplace(role, entry.first);
    out.descriptors.emplace(role, entry.second);
  }
  out.scratchBytes = pd.scratchpad_desc().get_size();
  out.implementation = pd.impl_info_str();
  if (create) out.primitive = Primitive(pd);
  return out;
}

convolution_forward::primitive_desc convolutionForward(const engine& e, const Request& r, const memory::desc& x, const memory::desc& w,
                                                       const memory::desc& b, const memory::desc& y, const primitive_attr& attr) {
  const Dims stride = pair(r, "stride"), padding = pair(r, "padding");
  return convolution_forward::primitive_desc(e, prop_kind::forward_training, algorithm::convolution_direct, x, w, b, y, stride, padding,
                                             padding, attr);
}

DnnPrimitive conv2dForward(const engine& e, const Request& r, bool create) {
  auto pd = convolutionForward(e, r, want(r, "x"), want(r, "weight"), has(r, "bias") ? want(r, "bias") : memory::desc(), want(r, "y"),
                               attributes(r.activation));
  return finish<decltype(pd), convolution_forward>(pd,
                                                   {{"x", {DNNL_ARG_SRC, pd.src_desc()}},
                                                    {"weight", {DNNL_ARG_WEIGHTS, pd.weights_desc()}},
                                                    {"bias", {DNNL_ARG_BIAS, pd.bias_desc()}},
                                                    {"y", {DNNL_ARG_DST, pd.dst_desc()}}},
                                                   create);
}

DnnPrimitive conv2dGradData(const engine& e, const Request& r, bool create) {
  const Dims stride = pair(r, "stride"), padding = pair(r, "padding");
  const auto any = [&](const std::string& role) { return memory::desc(r.shapes.at(role), memory::data_type::f32, memory::format_tag::any); };
  auto hint = convolutionForward(e, r, any("dx"), any("weight"), memory::desc(), any("dy"), attributes());
  convolution_backward_data::primitive_desc pd(e, algorithm::convolution_direct, want(r, "dx"), want(r, "weight"), want(r, "dy"), stride,
                                               padding, padding, hint, attributes());
  return finish<decltype(pd), convolution_backward_data>(pd,
                                                         {{"dy", {DNNL_ARG_DIFF_DST, pd.diff_dst_desc()}},
                                                          {"weight", {DNNL_ARG_WEIGHTS, pd.weights_desc()}},
                                                          {"dx", {DNNL_ARG_DIFF_SRC, pd.diff_src_desc()}}},
                                                         create);
}

DnnPrimitive conv2dGradWeights(const engine& e, const Request& r, bool create) {
  const Dims stride = pair(r, "stride"), padding = pair(r, "padding");
  const auto any = [&](const std::string& role) { return memory::desc(r.shapes.at(role), memory::data_type::f32, memory::format_tag::any); };
  auto hint = convolutionForward(e, r, any("x"), any("dweight"), has(r, "dbias") ? any("dbias") : memory::desc(), any("dy"), attributes());
  convolution_backward_weights::primitive_desc pd(e, algorithm::convolution_direct, want(r, "x"), want(r, "dweight"),
                                                  has(r, "dbias") ? want(r, "dbias") : memory::desc(), want(r, "dy"), stride, padding, padding,
                                                  hint, attributes());
  return finish<decltype(pd), convolution_backward_weights>(pd,
                                                            {{"x", {DNNL_ARG_SRC, pd.src_desc()}},
                                                             {"dy", {DNNL_ARG_DIFF_DST, pd.diff_dst_desc()}},
                                                             {"dweight", {DNNL_ARG_DIFF_WEIGHTS, pd.diff_weights_desc()}},
                                                             {"dbias", {DNNL_ARG_DIFF_BIAS, pd.diff_bias_desc()}}},
                                                            create);
}

DnnPrimitive linearForward(const engine& e, const Request& r, bool create) {
  inner_product_forward::primitive_desc pd(e, prop_kind::forward_training, want(r, "x"), want(r, "weight"),
                                           has(r, "bias") ? want(r, "bias") : memory::desc(), want(r, "y"), attributes(r.activation));
  return finish<decltype(pd), inner_product_forward>(pd,
                                                     {{"x", {DNNL_ARG_SRC, pd.src_desc()}},
                                                      {"weight", {DNNL_ARG_WEIGHTS, pd.weights_desc()}},
                                                      {"bias", {DNNL_ARG_BIAS, pd.bias_desc()}},
                                                      {"y", {DNNL_ARG_DST, pd.dst_desc()}}},
                                                     create);
}

inner_product_forward::primitive_desc linearHint(const engine& e, const Request& r, const std::string& x, const std::string& w,
                                                 const std::string& y) {
  const auto any = [&](const std::string& role) { return memory::desc(r.shapes.at(role), memory::data_type::f32, memory::format_tag::any); };
  return inner_product_forward::primitive_desc(e, prop_kind::forward_training, any(x), any(w), any(y), attributes());
}

DnnPrimitive linearGradData(const engine& e, const Request& r, bool create) {
  auto hint = linearHint(e, r, "dx", "weight", "dy");
  inner_product_backward_data::primitive_desc pd(e, want(r, "dx"), want(r, "weight"), want(r, "dy"), hint, attributes());
  return finish<decltype(pd), inner_product_backward_data>(pd,
                                                           {{"dy", {DNNL_ARG_DIFF_DST, pd.diff_dst_desc()}},
                                                            {"weight", {DNNL_ARG_WEIGHTS, pd.weights_desc()}},
                                                            {"dx", {DNNL_ARG_DIFF_SRC, pd.diff_src_desc()}}},
                                                           create);
}

DnnPrimitive linearGradWeights(const engine& e, const Request& r, bool create) {
  auto hint = linearHint(e, r, "x", "dweight", "dy");
  const auto build = [&](const memory::desc& bias) {
    return inner_product_backward_weights::primitive_desc(e, want(r, "x"), want(r, "dweight"), bias, want(r, "dy"), hint, attributes());
  };
  auto pd = build(has(r, "dbias") ? want(r, "dbias") : memory::desc());
  return finish<decltype(pd), inner_product_backward_weights>(pd,
                                                              {{"x", {DNNL_ARG_SRC, pd.src_desc()}},
                                                               {"dy", {DNNL_ARG_DIFF_DST, pd.diff_dst_desc()}},
                                                               {"dweight", {DNNL_ARG_DIFF_WEIGHTS, pd.diff_weights_desc()}},
                                                               {"dbias", {DNNL_ARG_DIFF_BIAS, pd.diff_bias_desc()}}},
                                                              create);
}

pooling_forward::primitive_desc poolingForward(const engine& e, const Request& r, algorithm kind, const memory::desc& x,
                                               const memory::desc& y) {
  const Dims kernel = pair(r, "kernel"), stride = pair(r, "stride"), padding = pair(r, "padding"), dilation{0, 0};
  return pooling_forward::primitive_desc(e, prop_kind::forward_training, kind, x, y, stride, kernel, dilation, padding, padding, attributes());
}

DnnPrimitive poolForward(const engine& e, const Request& r, algorithm kind, bool create) {
  auto pd = poolingForward(e, r, kind, want(r, "x"), want(r, "y"));
  return finish<decltype(pd), pooling_forward>(pd,
                                               {{"x", {DNNL_ARG_SRC, pd.src_desc()}},
                                                {"y", {DNNL_ARG_DST, pd.dst_desc()}},
                                                {"workspace", {DNNL_ARG_WORKSPACE, pd.workspace_desc()}}},
                                               create);
}

DnnPrimitive poolGradData(const engine& e, const Request& r, algorithm kind, bool create) {
  const Dims kernel = pair(r, "kernel"), stride = pair(r, "stride"), padding = pair(r, "padding"), dilation{0, 0};
  auto hint = poolingForward(e, r, kind, want(r, "dx"), want(r, "dy"));
  pooling_backward::primitive_desc pd(e, kind, want(r, "dx"), want(r, "dy"), stride, kernel, dilation, padding, padding, hint, attributes());
  return finish<decltype(pd), pooling_backward>(pd,
                                                {{"dy", {DNNL_ARG_DIFF_DST, pd.diff_dst_desc()}},
                                                 {"dx", {DNNL_ARG_DIFF_SRC, pd.diff_src_desc()}},
                                                 {"workspace", {DNNL_ARG_WORKSPACE, pd.workspace_desc()}}},
                                                create);
}

normalization_flags batchNormFlags(const Request& r, bool running) {
  auto flags = normalization_flags::use_scale | normalization_flags::use_shift;
  if (running) flags = flags | normalization_flags::use_global_stats;
  if (r.activation == "relu" && !running) flags = flags | normalization_flags::fuse_norm_relu;
  return flags;
}

float epsilon(const Request& r) { return float(r.attributes.at("epsilon").at(0)); }

DnnPrimitive batchNormForward(const engine& e, const Request& r, bool running, bool create) {
  const auto x = want(r, "x");
  batch_normalization_forward::primitive_desc pd(e, running ? prop_kind::forward_inference : prop_kind::forward_training, x, x, epsilon(r),
                                                 batchNormFlags(r, running), attributes());
  return finish<decltype(pd), batch_normalization_forward>(pd,
                                                           {{"x", {DNNL_ARG_SRC, pd.src_desc()}},
                                                            {"scale", {DNNL_ARG_SCALE, pd.weights_desc()}},
                                                            {"shift", {DNNL_ARG_SHIFT, pd.weights_desc()}},
                                                            {running ? "runningMean" : "mean", {DNNL_ARG_MEAN, pd.mean_desc()}},
                                                            {running ? "runningVariance" : "variance", {DNNL_ARG_VARIANCE, pd.variance_desc()}},
                                                            {"y", {DNNL_ARG_DST, pd.dst_desc()}},
                                                            {"workspace", {DNNL_ARG_WORKSPACE, pd.workspace_desc()}}},
                                                           create);
}

DnnPrimitive batchNormGrad(const engine& e, const Request& r, bool running, bool create) {
  const auto x = want(r, "x");
  const auto flags = batchNormFlags(r, running);
  batch_normalization_forward::primitive_desc hint(e, prop_kind::forward_training, x, x, epsilon(r), flags, attributes());
  batch_normalization_backward::primitive_desc pd(e, prop_kind::backward, x, x, x, epsilon(r), flags, hint, attributes());
  return finish<decltype(pd), batch_normalization_backward>(
      pd,
      {{"x", {DNNL_ARG_SRC, pd.src_desc()}},
       {"dy", {DNNL_ARG_DIFF_DST, pd.diff_dst_desc()}},
       {"scale", {DNNL_ARG_SCALE, pd.weights_desc()}},
       {running ? "runningMean" : "mean", {DNNL_ARG_MEAN, pd.mean_desc()}},
       {running ? "runningVariance" : "variance", {DNNL_ARG_VARIANCE, pd.variance_desc()}},
       {"dx", {DNNL_ARG_DIFF_SRC, pd.diff_src_desc()}},
       {"dscale", {DNNL_ARG_DIFF_SCALE, pd.diff_weights_desc()}},
       {"dshift", {DNNL_ARG_DIFF_SHIFT, pd.diff_weights_desc()}},
       {"workspace", {DNNL_ARG_WORKSPACE, pd.workspace_desc()}}},
      create);
}

// Code is generated with denormals as they are: the slope of a fused relu is one, and is compared with 0 (see attributes).
struct WithDenormals {
  const unsigned before = _mm_getcsr();
  WithDenormals() { _mm_setcsr(before & ~0x8040u); }
  ~WithDenormals() { _mm_setcsr(before); }
};

using Maker = DnnPrimitive (*)(const engine&, const Request&, bool);

struct Entry {
  Maker make;
  std::vector<std::string> roles;
};

const std::map<std::string, Entry>& makers() {
  static const std::map<std::string, Entry> table = {
      {"conv2d.forward", {conv2dForward, {"x", "weight", "y"}}},
      {"conv2d.gradData", {conv2dGradData, {"dy", "weight", "dx"}}},
      {"conv2d.gradWeights", {conv2dGradWeights, {"x", "dy", "dweight"}}},
      {"linear.forward", {linearForward, {"x", "weight", "y"}}},
      {"linear.gradData", {linearGradData, {"dy", "weight", "dx"}}},
      {"linear.gradWeights", {linearGradWeights, {"x", "dy", "dweight"}}},
      {"maxPool2d.forward", {[](const engine& e, const Request& r, bool c) { return poolForward(e, r, algorithm::pooling_max, c); }, {"x", "y"}}},
      {"maxPool2d.gradData", {[](const engine& e, const Request& r, bool c) { return poolGradData(e, r, algorithm::pooling_max, c); }, {"dy", "dx"}}},
      {"avgPool2d.forward",
       {[](const engine& e, const Request& r, bool c) { return poolForward(e, r, algorithm::pooling_avg_include_padding, c); }, {"x", "y"}}},
      {"avgPool2d.gradData",
       {[](const engine& e, const Request& r, bool c) { return poolGradData(e, r, algorithm::pooling_avg_include_padding, c); }, {"dy", "dx"}}},
      {"batchNorm.forwardTraining", {[](const engine& e, const Request& r, bool c) { return batchNormForward(e, r, false, c); }, {"x", "scale", "shift", "y", "mean", "variance"}}},
      {"batchNorm.forwardRunning",
       {[](const engine& e, const Request& r, bool c) { return batchNormForward(e, r, true, c); }, {"x", "scale", "shift", "runningMean", "runningVariance", "y"}}},
      {"batchNorm.gradTraining",
       {[](const engine& e, const Request& r, bool c) { return batchNormGrad(e, r, false, c); }, {"x", "dy", "scale", "mean", "variance", "dx", "dscale", "dshift"}}},
      {"batchNorm.gradRunning",
       {[](const engine& e, const Request& r, bool c) { return batchNormGrad(e, r, true, c); },
        {"x", "dy", "scale", "runningMean", "runningVariance", "dx", "dscale", "dshift"}}},
  };
  return table;
}

// oneDNN does not look at the number of dimensions before it relies on it.
bool rankFits(const std::string& kernel, const std::string& role, size_t rank) {
  const bool normalises = kernel.rfind("batchNorm.", 0) == 0;
  if (role == "bias" || role == "dbias" || (normalises && role != "x" && role != "y" && role != "dx" && role != "dy")) return rank == 1;
  if (kernel.rfind("linear.", 0) == 0) return rank == 2;
  return rank == 4 || (normalises && rank == 2);
}

}  // namespace

bool isDnnKernel(const std::string& kernel) { return makers().count(kernel) > 0; }

const std::vector<std::string>& dnnRoles(const std::string& kernel) { return makers().at(kernel).roles; }

void requireShapes(const PrimitiveRequest& request) {
  for (const auto& role : dnnRoles(request.kernel))
    if (!has(request, role)) fail("internal", request.kernel + ": no shape for role " + role);
  for (const auto& [role, shape] : request.shapes)
    if (!rankFits(request.kernel, role, shape.size())) fail("internal", request.kernel + ": role " + role + " has " + std::to_string(shape.size()) + " dimensions");
}

DnnPrimitive makePrimitive(const engine& engine, const PrimitiveRequest& request, bool create) {
  const auto it = makers().find(request.kernel);
  if (it == makers().end()) fail("internal", "no native kernel " + request.kernel);
  requireShapes(request);
  const WithDenormals withDenormals;
  try {
    return it->second.make(engine, request, create);
  } catch (const dnnl::error& e) {
    std::string shapes;
    for (const auto& [role, shape] : request.shapes) {
      shapes += " " + role + "[";
      for (size_t i = 0; i < shape.size(); i++) shapes += (i ? "," : "") + std::to_string(shape[i]);
      shapes += "]";
    }
    fail("internal", "oneDNN has no " + request.kernel + " for" + shapes + ": " + e.message);
  }
}

std::map<std::string, std::string> nameLayouts(const engine& engine, const PrimitiveRequest& request, const DnnPrimitive& chosen) {
  std::map<std::string, std::string> names;
  std::vector<std::pair<std::string, std::vector<std::string>>> ambiguous;
  for (const auto& [role, descriptor] : chosen.descriptors) {
    if (role == "workspace") {
      names[role] = "bytes";
      continue;
    }
    const auto candidates = layoutNames(descriptor);
    names[role] = candidates.empty() ? "" : candidates[0];
    if (candidates.size() > 1) ambiguous.emplace_back(role, candidates);
    if (candidates.empty()) return names;
  }
  std::vector<size_t> digits(ambiguous.size(), 0);
  for (int tries = 0; tries < 4096; tries++) {
    PrimitiveRequest named = request;
    named.layouts = names;
    named.layouts.erase("workspace");
    for (size_t i = 0; i < digits.size(); i++) named.layouts[ambiguous[i].first] = ambiguous[i].second[digits[i]];
    bool same = false;
    try {
      same = makePrimitive(engine, named, false).implementation == chosen.implementation;
    } catch (const NativeError&) {
      // No kernel under these names: try the next.
    }
    if (same) {
      for (const auto& [role, name] : named.layouts) names[role] = name;
      return names;
    }
    size_t i = 0;
    while (i < digits.size() && ++digits[i] == ambiguous[i].second.size()) digits[i++] = 0;
    if (i == digits.size()) break;
  }
  for (auto& [role, candidates] : ambiguous) names[role] = "";
  return names;
}

DnnPrimitive makeReorder(const engine& engine, const memory::desc& from, const memory::desc& to) {
  reorder::primitive_desc pd(engine, from, engine, to, attributes());
  DnnPrimitive out;
  out.arguments = {{"from", DNNL_ARG_FROM}, {"to", DNNL_ARG_TO}};
  out.descriptors = {{"from", from}, {"to", to}};
  out.scratchBytes = pd.scratchpad_desc().get_size();
  out.implementation = pd.impl_info_str();
  out.primitive = reorder(pd);
  return out;
}

}  // namespace lockstep
