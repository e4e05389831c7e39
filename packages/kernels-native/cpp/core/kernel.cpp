#include "kernel.hpp"

#include <cstring>
#include <optional>

#include "../dnn/layout.hpp"
#include "../dnn/primitive.hpp"
#include "../ops/side-by-side.hpp"
#include "error.hpp"
#include "philox.hpp"

namespace lockstep {
namespace {

// A tensor's address: fixed, or relative to the lane's gradients or sums.
struct Place {
  Region region;
  uint64_t offset;
  char* fixed;
  template <class T = float>
  T* at(const LaneRun& lane) const {
    if (fixed) return reinterpret_cast<T*>(fixed);
    char* base = region == Region::gradients ? reinterpret_cast<char*>(lane.gradients) : reinterpret_cast<char*>(lane.sums);
    return reinterpret_cast<T*>(base + offset);
  }
};

Place placeOf(const TensorPlan& t, const Regions& r) {
  switch (t.region) {
    case Region::arena: return {t.region, t.offset, r.arena + t.offset};
    case Region::parameters: return {t.region, t.offset, r.parameters + t.offset};
    case Region::prepared: return {t.region, t.offset, r.prepared + t.offset};
    case Region::buffers: return {t.region, t.offset, r.buffers + t.offset};
    default: return {t.region, t.offset, nullptr};
  }
}

class DnnKernel : public Kernel {
 public:
  DnnKernel(const dnnl::engine& engine, const dnnl::stream& stream, DnnPrimitive primitive, const std::map<std::string, Place>& places, char* scratch)
      : primitive_(primitive.primitive), stream_(stream.get()) {
    for (const auto& [role, argument] : primitive.arguments) {
      const auto place = places.find(role);
      if (place == places.end()) fail("internal", "oneDNN kernel: no tensor for role " + role);
      memories_.emplace_back(primitive.descriptors.at(role), engine, place->second.fixed ? place->second.fixed : nullptr);
      if (!place->second.fixed) moving_.push_back({memories_.size() - 1, place->second});
      arguments_.push_back({argument, nullptr});
    }
    if (primitive.scratchBytes) {
      memories_.emplace_back(dnnl::memory::desc({int64_t(primitive.scratchBytes)}, dnnl::memory::data_type::u8, dnnl::memory::format_tag::a), engine, scratch);
      arguments_.push_back({DNNL_ARG_SCRATCHPAD, nullptr});
    }
    for (size_t i = 0; i < memories_.size(); i++) arguments_[i].memory = memories_[i].get();
  }
  void run(const LaneRun& lane) override {
    for (auto& [index, place] : moving_) {
      char* p = place.at<char>(lane);
      if (p != memories_[index].get_data_handle()) memories_[index].set_data_handle(p);
    }
    const auto status = dnnl_primitive_execute(primitive_.get(), stream_, int(arguments_.size()), arguments_.data());
    if (status != dnnl_success) fail("internal", "oneDNN refused to execute a kernel, status " + std::to_string(status));
  }

 private:
  dnnl::primitive primitive_;
  dnnl_stream_t stream_;
  std::vector<dnnl::memory> memories_;
  std::vector<dnnl_exec_arg_t> arguments_;
  std::vector<std::pair<size_t, Place>> moving_;
};

class OwnKernel : public Kernel {
 public:
  explicit OwnKernel(std::function<void(const LaneRun&)> body) : body_(std::move(body)) {}
  void run(const LaneRun& lane) override { body_(lane); }

 private:
  std::function<void(const LaneRun&)> body_;
};

uint64_t elementsOf(const Dims& shape) {
  uint64_t n = 1;
  for (auto d : shape) n *= uint64_t(d);
  return n;
}

void dropout(const float* x, float* y, const LaneRun& lane, uint64_t perSample, PhiloxKey key, uint32_t threshold, float scale) {
  for (int64_t row = 0; row < lane.count; row++) {
    const uint64_t sample = lane.sampleIndices[row];
    for (uint64_t e = 0; e < perSample; e += 4) {
      const auto words = philox(key, {uint32_t(e / 4), uint32_t(sample), lane.step, uint32_t(sample >> 32)});
      for (uint64_t k = 0; k < 4 && e + k < perSample; k++) {
        const uint64_t i = uint64_t(row) * perSample + e + k;
        y[i] = words[k] >= threshold ? x[i] * scale : 0.f;
      }
    }
  }
}

// Labels were checked when they were read; a plan that writes over them must not reach beyond a row.
void checkLabels(const int32_t* label, int64_t rows, int64_t classes) {
  for (int64_t r = 0; r < rows; r++)
    if (label[r] < 0 || label[r] >= classes) fail("internal", "plan: labels were written over");
}

void nllForward(const float* y, const int32_t* label, double* sums, int64_t rows, int64_t classes) {
  checkLabels(label, rows, classes);
  double loss = 0;
  int64_t correct = 0;
  for (int64_t r = 0; r < rows; r++) {
    const float* row = y + r * classes;
    loss -= double(row[label[r]]);
    int64_t best = 0;
    for (int64_t c = 1; c < classes; c++)
      if (row[c] > row[best]) best = c;
    if (best == label[r]) correct++;
  }
  sums[0] = loss;
  sums[1] = double(correct);
}

// The kernels of ops/side-by-side.inc. Shapes and layouts were chosen by chooseSideBySide.
std::unique_ptr<Kernel> makeSideBySide(const KernelTable& table, const VariantPlan& variant, const CallPlan& call, const Regions& regions,
                                       char* scratch) {
  const auto tensor = [&](const std::string& role) -> const TensorPlan& {
    const auto it = call.args.find(role);
    if (it == call.args.end()) fail("internal", call.kernel + ": no tensor for role " + role);
    return variant.tensors.at(size_t(it->second));
  };
  const auto place = [&](const std::string& role) { return placeOf(tensor(role), regions); };
  const auto optional = [&](const std::string& role) { return call.args.count(role) ? std::optional<Place>(place(role)) : std::nullopt; };
  const auto own = [](std::function<void(const LaneRun&)> body) { return std::make_unique<OwnKernel>(std::move(body)); };
  PrimitiveRequest request{call.kernel, {}, {}, call.attributes, call.activation};
  for (const auto& [role, index] : call.args) {
    const auto& t = variant.tensors.at(size_t(index));
    if (role == "workspace") continue;
    request.shapes.emplace(role, t.shape);
    request.layouts.emplace(role, t.layout);
  }
  const auto choice = chooseSideBySide(request);
  if (!choice || implementationName(*choice) != call.implementation || choice->scratchBytes > call.scratchBytes)
    fail("internal", call.kernel + " of " + call.node + ": the plan's layouts do not fit its kernel");
  const int N = choice->samples;
  if (call.kernel.rfind("maxPool2d.", 0) == 0) {
    const bool forward = call.kernel == "maxPool2d.forward";
    const Dims &x = tensor(forward ? "x" : "dx").shape, &y = tensor(forward ? "y" : "dy").shape;
    const auto& k = call.attributes.at("kernel");
    const Pool s{N, int((x[0] + N - 1) / N * x[1]), int(x[2]), int(x[3]), int(k.at(0)), int(k.at(1))};
    if (y[0] != x[0] || y[1] != x[1] || y[2] != s.H / s.KH || y[3] != s.W / s.KW || tensor("workspace").bytes < uint64_t(s.planes * y[2] * y[3] * N * 4))
      fail("internal", call.kernel + " of " + call.node + ": shapes do not fit");
    const Place index = place("workspace");
    if (forward) {
      const Place px = place("x"), py = place("y");
      return own([=, &table](const LaneRun& l) { table.maxPool(px.at(l), py.at(l), index.at(l), s); });
    }
    const Place pdy = place("dy"), pdx = place("dx");
    return own([=, &table](const LaneRun& l) { table.maxPoolGrad(pdy.at(l), index.at(l), pdx.at(l), s); });
  }
  const bool forward = call.kernel == "conv2d.forward", data = call.kernel == "conv2d.gradData";
  const Dims &x = tensor(data ? "dx" : "x").shape, &y = tensor(forward ? "y" : "dy").shape, &w = tensor(forward || data ? "weight" : "dweight").shape;
  const Conv s{N, int((x[0] + N - 1) / N), int(x[1]), int(x[2]), int(x[3]), int(w[0]), int(w[2]), int(w[3])};
  if (w[1] != x[1] || y[0] != x[0] || y[1] != w[0] || y[2] != s.OH() || y[3] != s.OW()) fail("internal", call.kernel + " of " + call.node + ": shapes do not fit");
  for (const char* role : {"bias", "dbias"})
    if (call.args.count(role) && tensor(role).shape != Dims{w[0]}) fail("internal", call.kernel + " of " + call.node + ": " + role + " is not one value a channel");
  if (forward) {
    const Place px = place("x"), pw = place("weight"), py = place("y");
    const auto bias = optional("bias");
    const size_t count = tensor("y").bytes / 4;
    const auto activation = call.activation == "tanh" ? table.tanh : call.activation == "relu" ? table.relu : nullptr;
    if (!activation && !call.activation.empty()) fail("internal", "no fused activation " + call.activation);
    return own([=, &table](const LaneRun& l) {
      table.convForward(px.at(l), pw.at(l), bias ? bias->at(l) : nullptr, py.at(l), s);
      if (activation) activation(py.at(l), py.at(l), count);
    });
  }
  if (data) {
    const Place pdy = place("dy"), pw = place("weight"), pdx = place("dx");
    float* zeros = reinterpret_cast<float*>(scratch);
    return own([=, &table](const LaneRun& l) { table.convGradData(pdy.at(l), pw.at(l), pdx.at(l), zeros, s); });
  }
  const Place px = place("x"), pdy = place("dy"), pdw = place("dweight");
  const auto bias = optional("dbias");
  return own([=, &table](const LaneRun& l) { table.convGradWeights(px.at(l), pdy.at(l), pdw.at(l), bias ? bias->at(l) : nullptr, s); });
}

}  // namespace

std::unique_ptr<Kernel> makeKernel(const dnnl::engine& engine, const dnnl::stream& stream, const KernelTable& table, const VariantPlan& variant,
                                   const CallPlan& call, const Regions& regions, char* scratch) {
  const auto tensor = [&](const std::string& role) -> const TensorPlan& {
    const auto it = call.args.find(role);
    if (it == call.args.end()) fail("internal", call.kernel + ": no tensor for role " + role);
    return variant.tensors.at(size_t(it->second));
  };
  const auto place = [&](const std::string& role) { return placeOf(tensor(role), regions); };
  const auto number = [&](const std::string& name, size_t i = 0) { return call.attributes.at(name).at(i); };

  if (call.kernel == "reorder") {
    auto primitive = makeReorder(engine, descriptorOf(tensor("from").shape, tensor("from").layout), descriptorOf(tensor("to").shape, tensor("to").layout));
    return std::make_unique<DnnKernel>(engine, stream, primitive, std::map<std::string, Place>{{"from", place("from")}, {"to", place("to")}}, scratch);
  }
  if (call.implementation.rfind("lockstep:", 0) == 0) return makeSideBySide(table, variant, call, regions, scratch);
  if (isDnnKernel(call.kernel)) {
    PrimitiveRequest request{call.kernel, {}, {}, call.attributes, call.activation};
    std::map<std::string, Place> places;
    for (const auto& [role, index] : call.args) {
      const auto& t = variant.tensors.at(size_t(index));
      places.emplace(role, placeOf(t, regions));
      if (t.layout == "bytes") continue;
      request.shapes.emplace(role, t.shape);
      request.layouts.emplace(role, t.layout);
    }
    auto primitive = makePrimitive(engine, request, true);
    if (primitive.implementation != call.implementation)
      fail("internal", call.kernel + " of " + call.node + ": the plan was made for " + call.implementation + ", this thread gets " + primitive.implementation);
    if (primitive.scratchBytes > call.scratchBytes) fail("internal", call.kernel + ": the plan's scratch is too small; the plan was made by another build");
    for (const auto& [role, descriptor] : primitive.descriptors)
      if (descriptor.get_size() > tensor(role).bytes) fail("internal", call.kernel + " of " + call.node + ": the tensor of role " + role + " is too small");
    return std::make_unique<DnnKernel>(engine, stream, primitive, places, scratch);
  }

  const auto own = [](std::function<void(const LaneRun&)> body) { return std::make_unique<OwnKernel>(std::move(body)); };
  const auto binary = [&](const char* a, const char* b, const char* out, void (*f)(const float*, const float*, float*, size_t)) {
    const Place pa = place(a), pb = place(b), po = place(out);
    const size_t count = tensor(out).bytes / 4;
    return own([=](const LaneRun& l) { f(pa.at(l), pb.at(l), po.at(l), count); });
  };
  const auto unary = [&](const char* a, const char* out, void (*f)(const float*, float*, size_t)) {
    const Place pa = place(a), po = place(out);
    const size_t count = tensor(out).bytes / 4;
    return own([=](const LaneRun& l) { f(pa.at(l), po.at(l), count); });
  };
  const std::string& k = call.kernel;
  if (k == "add.forward") return binary("a", "b", "y", table.add);
  if (k == "relu.forward") return unary("x", "y", table.relu);
  if (k == "relu.grad") return binary("y", "dy", "dx", table.reluGrad);
  if (k == "tanh.forward") return unary("x", "y", table.tanh);
  if (k == "tanh.grad") return binary("y", "dy", "dx", table.tanhGrad);
  if (k == "sigmoid.forward") return unary("x", "y", table.sigmoid);
  if (k == "sigmoid.grad") return binary("y", "dy", "dx", table.sigmoidGrad);
  if (k == "copy") {
    const Place from = place("from"), to = place("to");
    const size_t bytes = tensor("to").bytes;
    return own([=](const LaneRun& l) { std::memcpy(to.at<char>(l), from.at<char>(l), bytes); });
  }
  if (k == "logSoftmax.forward") {
    const Place x = place("x"), y = place("y");
    const auto& s = tensor("y").shape;
    const size_t rows = size_t(s[0]), classes = size_t(s[1]);
    return own([=, &table](const LaneRun& l) { table.logSoftmax(x.at(l), y.at(l), rows, classes); });
  }
  if (k == "logSoftmax.grad") {
    const Place y = place("y"), dy = place("dy"), dx = place("dx");
    const auto& s = tensor("y").shape;
    const size_t rows = size_t(s[0]), classes = size_t(s[1]);
    return own([=, &table](const LaneRun& l) { table.logSoftmaxGrad(y.at(l), dy.at(l), dx.at(l), rows, classes); });
  }
  if (k == "logSoftmaxNll.grad") {
    const Place y = place("y"), label = place("label"), dx = place("dx");
    const auto& s = tensor("y").shape;
    const size_t rows = size_t(s[0]), classes = size_t(s[1]);
    return own([=, &table](const LaneRun& l) {
      checkLabels(label.at<int32_t>(l), int64_t(rows), int64_t(classes));
      table.logSoftmaxNllGrad(y.at(l), label.at<int32_t>(l), l.gradientScale, dx.at(l), rows, classes);
    });
  }
  if (k == "nllLoss.forward") {
    const Place y = place("logProbabilities"), label = place("label"), sums = place("sums");
    const auto& s = tensor("logProbabilities").shape;
    const int64_t rows = s[0], classes = s[1];
    return own([=](const LaneRun& l) { nllForward(y.at(l), label.at<int32_t>(l), sums.at<double>(l), rows, classes); });
  }
  if (k == "nllLoss.grad") {
    const Place label = place("label"), dx = place("dlogProbabilities");
    const auto& s = tensor("dlogProbabilities").shape;
    const int64_t rows = s[0], classes = s[1];
    return own([=](const LaneRun& l) {
      checkLabels(label.at<int32_t>(l), rows, classes);
      float* out = dx.at(l);
      std::memset(out, 0, size_t(rows * classes) * 4);
      for (int64_t r = 0; r < rows; r++) out[r * classes + label.at<int32_t>(l)[r]] = -l.gradientScale;
    });
  }
  if (k == "dropout.forward" || k == "dropout.grad") {
    const Place x = place(k == "dropout.forward" ? "x" : "dy"), y = place(k == "dropout.forward" ? "y" : "dx");
    const auto& s = tensor(k == "dropout.forward" ? "y" : "dx").shape;
    const uint64_t perSample = elementsOf(s) / uint64_t(s[0]);
    const PhiloxKey key = {uint32_t(number("key", 0)), uint32_t(number("key", 1))};
    const double rate = number("rate");
    const uint32_t threshold = uint32_t(uint64_t(rate * 4294967296.0));
    const float scale = float(1.0 / (1.0 - rate));
    return own([=](const LaneRun& l) { dropout(x.at(l), y.at(l), l, perSample, key, threshold, scale); });
  }
  if (k == "batchNorm.statistics") {
    const Place mean = place("mean"), variance = place("variance"), batchMean = place("batchMean"), batchVariance = place("batchVariance");
    const size_t channels = size_t(tensor("mean").shape[0]);
    const float samples = float(number("samples"));
    const double m = number("samples") * number("spatial");
    const float unbiased = m > 1 ? float(m / (m - 1)) : 1.f;
    return own([=](const LaneRun& l) {
      const float *mu = mean.at(l), *var = variance.at(l);
      float *outMean = batchMean.at(l), *outVariance = batchVariance.at(l);
      for (size_t c = 0; c < channels; c++) {
        outMean[c] = mu[c] * samples;
        outVariance[c] = (var[c] * unbiased) * samples;
      }
    });
  }
  fail("internal", "no native kernel " + k);
}

}  // namespace lockstep
