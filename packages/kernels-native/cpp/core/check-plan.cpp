#include "check-plan.hpp"

#include <initializer_list>

#include "../dnn/layout.hpp"
#include "../dnn/primitive.hpp"
#include "error.hpp"

namespace lockstep {
namespace {

constexpr uint64_t kAlignment = 64;  // bytes: a vector, and a cache line
constexpr int64_t kMaxBatch = 65536;
constexpr int64_t kMaxClasses = int64_t(1) << 24;

uint64_t bytesOf(const Dims& shape, const std::string& layout) { return descriptorOf(shape, layout).get_size(); }

class CallCheck {
 public:
  CallCheck(const VariantPlan& variant, const CallPlan& call) : variant_(variant), call_(call) {}

  void run() const {
    const std::string& k = call_.kernel;
    if (isDnnKernel(k)) return dnn();
    if (k == "reorder" || k == "copy") return sameBytes({"from", "to"}, k == "copy");
    if (k == "add.forward") return sameBytes({"a", "b", "y"}, true);
    if (k == "relu.forward" || k == "tanh.forward" || k == "sigmoid.forward") return sameBytes({"x", "y"}, true);
    if (k == "relu.grad" || k == "tanh.grad" || k == "sigmoid.grad") return sameBytes({"y", "dy", "dx"}, true);
    if (k == "logSoftmax.forward") return rows({"x", "y"}, false);
    if (k == "logSoftmax.grad") return rows({"y", "dy", "dx"}, false);
    if (k == "logSoftmaxNll.grad") return rows({"y", "dx"}, true);
    if (k == "nllLoss.grad") return rows({"dlogProbabilities"}, true);
    if (k == "nllLoss.forward") {
      const auto& sums = tensor("sums");
      if (sums.region != Region::sums || sums.offset != 0 || sums.bytes != 16) refuse("sums is not the lane's two sums");
      return rows({"logProbabilities"}, true);
    }
    if (k == "dropout.forward") return dropout("x", "y");
    if (k == "dropout.grad") return dropout("dy", "dx");
    if (k == "batchNorm.statistics") {
      for (const char* role : {"mean", "variance", "batchMean", "batchVariance"})
        if (tensor(role).layout != "a" || tensor(role).shape != tensor("mean").shape) refuse(std::string(role) + " is not one value a channel");
      number("samples"), number("spatial");
      return;
    }
    fail("internal", "no native kernel " + k);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { fail("internal", "plan: " + call_.kernel + " of " + call_.node + ": " + what); }

  const TensorPlan& tensor(const std::string& role) const {
    const auto it = call_.args.find(role);
    if (it == call_.args.end()) refuse("no tensor for role " + role);
    return variant_.tensors.at(size_t(it->second));
  }
  double number(const std::string& name, size_t i = 0) const {
    const auto it = call_.attributes.find(name);
    if (it == call_.attributes.end() || it->second.size() <= i) refuse("no attribute " + name);
    return it->second[i];
  }

  void dnn() const {
    for (const auto& role : dnnRoles(call_.kernel)) tensor(role);
    for (const auto& [role, index] : call_.args)
      if ((variant_.tensors.at(size_t(index)).layout == "bytes") != (role == "workspace")) refuse("role " + role + " has a layout that does not fit it");
  }
  // Value by value over all bytes of the last role, padding included; or between two layouts of one shape.
  void sameBytes(std::initializer_list<const char*> roles, bool sameLayout) const {
    const char* last = *(roles.end() - 1);
    const auto& out = tensor(last);
    for (const char* role : roles) {
      const auto& t = tensor(role);
      if (t.shape != out.shape || t.layout == "bytes" || (sameLayout && (t.layout != out.layout || t.bytes < out.bytes)))
        refuse(std::string(role) + " and " + last + " differ in shape or layout");
    }
  }
  void rows(std::initializer_list<const char*> roles, bool labelled) const {
    const auto& first = tensor(*roles.begin());
    for (const char* role : roles) {
      const auto& t = tensor(role);
      if (t.layout != "ab" || t.shape != first.shape || t.shape[0] != variant_.batch) refuse(std::string(role) + " is not [batch, classes]");
    }
    if (!labelled) return;
    if (tensor("label").bytes < uint64_t(variant_.batch) * 4) refuse("fewer labels than samples");
    if (call_.args.at("label") != variant_.label) refuse("label is not the lane's labels");
  }
  void dropout(const char* from, const char* to) const {
    const auto &x = tensor(from), &y = tensor(to);
    if (x.shape != y.shape || x.shape[0] != variant_.batch || x.layout != plainLayout(x.shape.size()) || y.layout != x.layout)
      refuse(std::string(from) + " and " + to + " are not one row-major shape of the batch");
    const double rate = number("rate");
    if (!(rate >= 0 && rate < 1)) refuse("rate must be in [0, 1)");
    for (size_t i = 0; i < 2; i++)
      if (!(number("key", i) >= 0 && number("key", i) < 4294967296.0)) refuse("key must be two 32-bit words");
  }

  const VariantPlan& variant_;
  const CallPlan& call_;
};

}  // namespace

void checkVariant(const VariantPlan& v) {
  if (v.batch < 1 || v.batch > kMaxBatch) fail("internal", "plan: a lane must have 1 to 65536 samples");
  if (v.forwardCalls < 0 || size_t(v.forwardCalls) > v.calls.size()) fail("internal", "plan: forwardCalls lies outside the calls");
  if (v.scratchOffset > v.arenaBytes) fail("internal", "plan: scratch lies outside the arena");
  if (v.scratchOffset % kAlignment) fail("internal", "plan: scratch is not aligned");
  for (const auto& t : v.tensors)
    if (t.offset % kAlignment) fail("internal", "plan: tensor " + t.name + " is not aligned");
  for (const auto& t : v.tensors)
    if (t.layout != "bytes" && bytesOf(t.shape, t.layout) > t.bytes) fail("internal", "plan: tensor " + t.name + " is larger than its place");
  for (const auto& call : v.calls) CallCheck(v, call).run();
  // Labels index rows: nothing may be written over them before the last call that reads them is done.
  if (v.label < 0) return;
  const auto& label = v.tensors[size_t(v.label)];
  size_t live = 0;
  for (size_t i = 0; i < v.calls.size(); i++)
    if (v.calls[i].args.count("label")) live = i + 1;
  for (size_t i = 0; i < live; i++)
    for (const auto& [role, index] : v.calls[i].args) {
      const auto& t = v.tensors[size_t(index)];
      if (index == v.label || t.region != label.region) continue;
      if (t.offset < label.offset + label.bytes && label.offset < t.offset + t.bytes) fail("internal", "plan: " + v.calls[i].kernel + " writes over the labels");
    }
  if (live && label.offset + label.bytes > v.scratchOffset) fail("internal", "plan: labels lie in the scratch");
}

void checkPlan(const Plan& p) {
  const auto padded = [](uint64_t n) { return (n + 15) / 16 * 16; };
  uint64_t parameters = 0, buffers = 0;
  for (const auto& t : p.parameters) {
    if (t.elements > p.parameterElements || t.offset > p.parameterElements - t.elements) fail("internal", "plan: parameter " + t.name + " lies outside its region");
    if (t.offset * 4 % kAlignment) fail("internal", "plan: parameter " + t.name + " is not aligned");
    if (bytesOf(t.shape, t.layout) > t.elements * 4) fail("internal", "plan: parameter " + t.name + " is larger than its place");
    parameters += padded(t.elements);
  }
  for (const auto& e : p.prepare)
    if (e.offset % kAlignment) fail("internal", "plan: a prepared parameter is not aligned");
  for (const auto& b : p.buffers) {
    if (b.elements > p.bufferElements || b.offset > p.bufferElements - b.elements || b.elements > p.statisticElements || b.statistic > p.statisticElements - b.elements)
      fail("internal", "plan: buffer " + b.name + " lies outside its region");
    buffers += padded(b.elements);
  }
  if (p.parameterElements > parameters || p.statisticElements > buffers || p.bufferElements > buffers)
    fail("internal", "plan: a vector is longer than all of its parts");
  if (p.classes < 1 || p.classes > kMaxClasses) fail("internal", "plan: the number of classes is out of range");
  uint64_t elements = 1;
  for (auto d : p.sampleShape) elements *= uint64_t(d);
  for (const auto& v : p.variants) {
    for (int i : v.prepare)
      if (i < 0 || size_t(i) >= p.prepare.size()) fail("internal", "plan: a variant prepares a parameter that is not there");
    const auto inArena = [&](int index, const char* what) -> const TensorPlan& {
      if (index < 0 || v.tensors[size_t(index)].region != Region::arena) fail("internal", std::string("plan: a variant has no ") + what);
      return v.tensors[size_t(index)];
    };
    const auto& input = inArena(v.input, "input");
    if (input.layout != plainLayout(input.shape.size()) || input.bytes < uint64_t(v.batch) * elements * 4) fail("internal", "plan: the input is not a row-major batch of samples");
    if (inArena(v.label, "label").bytes < uint64_t(v.batch) * 4) fail("internal", "plan: fewer labels than samples");
    const auto& output = inArena(v.output, "output");
    if (output.layout != "ab" || output.shape != Dims{v.batch, p.classes}) fail("internal", "plan: the output is not [batch, classes]");
    if (!v.training)
      for (const auto& t : v.tensors)
        if (t.region == Region::gradients) fail("internal", "plan: evaluation has no gradients");
  }
}

}  // namespace lockstep
