#include "convert.hpp"

#include <cstring>

#include "../core/check-plan.hpp"
#include "../core/error.hpp"

namespace lockstep {
namespace {

Napi::Value field(Napi::Object o, const char* name) {
  Napi::Value v = o.Get(name);
  if (v.IsUndefined()) fail("internal", std::string("native call: field ") + name + " is missing");
  return v;
}
double number(Napi::Object o, const char* name) {
  Napi::Value v = field(o, name);
  if (!v.IsNumber()) fail("internal", std::string("native call: field ") + name + " must be a number");
  return v.As<Napi::Number>().DoubleValue();
}
uint64_t whole(Napi::Object o, const char* name) {
  const double d = number(o, name);
  if (!(d >= 0 && d <= 9007199254740991.0)) fail("internal", std::string("native call: field ") + name + " must be a whole number");
  return uint64_t(d);
}
std::string text(Napi::Object o, const char* name) { return field(o, name).ToString().Utf8Value(); }
Napi::Array array(Napi::Object o, const char* name) {
  Napi::Value v = field(o, name);
  if (!v.IsArray()) fail("internal", std::string("native call: field ") + name + " must be an array");
  return v.As<Napi::Array>();
}
Napi::Object object(Napi::Object o, const char* name) {
  Napi::Value v = field(o, name);
  if (!v.IsObject()) fail("internal", std::string("native call: field ") + name + " must be an object");
  return v.As<Napi::Object>();
}
template <class F>
void each(Napi::Array a, F f) {
  for (uint32_t i = 0; i < a.Length(); i++) f(a.Get(i));
}
template <class F>
void eachEntry(Napi::Object o, F f) {
  Napi::Array names = o.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); i++) {
    const std::string name = names.Get(i).ToString().Utf8Value();
    f(name, o.Get(name));
  }
}
std::vector<double> numbers(Napi::Value v) {
  std::vector<double> out;
  if (v.IsNumber()) {
    out.push_back(v.As<Napi::Number>().DoubleValue());
  } else {
    each(v.As<Napi::Array>(), [&](Napi::Value x) { out.push_back(x.ToNumber().DoubleValue()); });
  }
  return out;
}
std::map<std::string, std::vector<double>> attributesOf(Napi::Object o) {
  std::map<std::string, std::vector<double>> out;
  eachEntry(o, [&](const std::string& name, Napi::Value v) { out.emplace(name, numbers(v)); });
  return out;
}
Region regionOf(const std::string& name) {
  if (name == "arena") return Region::arena;
  if (name == "parameters") return Region::parameters;
  if (name == "prepared") return Region::prepared;
  if (name == "gradients") return Region::gradients;
  if (name == "buffers") return Region::buffers;
  if (name == "sums") return Region::sums;
  fail("internal", "plan: unknown region " + name);
}
std::optional<Shard::Fields> shardOf(Napi::Value v) {
  if (v.IsNull()) return std::nullopt;
  Napi::Object o = v.As<Napi::Object>();
  return Shard::Fields{text(o, "path"), whole(o, "count"), whole(o, "sampleElements"), whole(o, "samplesOffset"), whole(o, "labelsOffset"), text(o, "dtype") == "float32"};
}

}  // namespace

Dims toDims(Napi::Value v) {
  Dims out;
  for (double d : numbers(v)) {
    if (!(d >= 1 && d <= 2147483647.0)) fail("internal", "native call: a dimension is out of range");
    out.push_back(int64_t(d));
  }
  if (out.empty() || out.size() > 6) fail("internal", "native call: a shape must have 1 to 6 dimensions");
  int64_t elements = 1;
  for (int64_t d : out)
    if ((elements *= d) > 2147483647) fail("internal", "native call: a tensor has more than 2^31 - 1 elements");
  return out;
}

Napi::Float32Array floatArray(Napi::Value v) {
  if (!v.IsTypedArray() || v.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) fail("internal", "native call: expected a Float32Array");
  return v.As<Napi::Float32Array>();
}

Napi::Uint8Array byteArray(Napi::Value v) {
  if (!v.IsTypedArray() || v.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) fail("internal", "native call: expected a Uint8Array");
  return v.As<Napi::Uint8Array>();
}

std::vector<float> toFloats(Napi::Value v) {
  auto a = floatArray(v);
  return std::vector<float>(a.Data(), a.Data() + a.ElementLength());
}

Napi::Float32Array fromFloats(Napi::Env env, const std::vector<float>& values) {
  auto a = Napi::Float32Array::New(env, values.size());
  if (!values.empty()) std::memcpy(a.Data(), values.data(), values.size() * 4);
  return a;
}

Napi::Float64Array fromDoubles(Napi::Env env, const std::vector<double>& values, size_t count) {
  auto a = Napi::Float64Array::New(env, count);
  if (count) std::memcpy(a.Data(), values.data(), count * 8);
  return a;
}

VariantPlan toVariant(Napi::Object o) {
  VariantPlan v;
  v.batch = int64_t(whole(o, "batch"));
  v.training = text(o, "mode") == "train";
  each(array(o, "tensors"), [&](Napi::Value x) {
    Napi::Object t = x.As<Napi::Object>();
    v.tensors.push_back({text(t, "name"), toDims(field(t, "shape")), text(t, "layout"), regionOf(text(t, "region")), whole(t, "offset"), whole(t, "bytes")});
  });
  each(array(o, "prepare"), [&](Napi::Value x) { v.prepare.push_back(int(x.ToNumber().Int64Value())); });
  each(array(o, "calls"), [&](Napi::Value x) {
    Napi::Object c = x.As<Napi::Object>();
    CallPlan call;
    call.kernel = text(c, "kernel");
    call.node = text(c, "node");
    eachEntry(object(c, "args"), [&](const std::string& role, Napi::Value index) {
      const int64_t i = index.ToNumber().Int64Value();
      if (i < 0 || size_t(i) >= v.tensors.size()) fail("internal", "plan: " + call.kernel + " refers to a tensor that is not there");
      call.args.emplace(role, int(i));
    });
    call.attributes = attributesOf(object(c, "attributes"));
    call.activation = text(c, "activation");
    call.scratchBytes = whole(c, "scratchBytes");
    call.implementation = text(c, "implementation");
    v.calls.push_back(std::move(call));
  });
  v.forwardCalls = int(whole(o, "forwardCalls"));
  v.arenaBytes = whole(o, "arenaBytes");
  v.scratchOffset = whole(o, "scratchOffset");
  const auto index = [&](const char* name) {
    const int64_t i = int64_t(number(o, name));
    if (i < -1 || i >= int64_t(v.tensors.size())) fail("internal", std::string("plan: ") + name + " refers to a tensor that is not there");
    return int(i);
  };
  v.input = index("input");
  v.label = index("label");
  v.output = index("output");
  checkVariant(v);
  return v;
}

Plan toPlan(Napi::Object o) {
  Plan p;
  p.isa = text(o, "isa");
  each(array(o, "parameters"), [&](Napi::Value x) {
    Napi::Object t = x.As<Napi::Object>();
    p.parameters.push_back({text(t, "name"), toDims(field(t, "shape")), text(t, "layout"), whole(t, "offset"), whole(t, "elements")});
  });
  each(array(o, "buffers"), [&](Napi::Value x) {
    Napi::Object t = x.As<Napi::Object>();
    p.buffers.push_back({text(t, "name"), whole(t, "offset"), whole(t, "elements"), whole(t, "statistic"), number(t, "momentum")});
  });
  each(array(o, "prepare"), [&](Napi::Value x) {
    Napi::Object t = x.As<Napi::Object>();
    p.prepare.push_back({int(whole(t, "parameter")), text(t, "layout"), whole(t, "offset"), whole(t, "bytes")});
  });
  each(array(o, "variants"), [&](Napi::Value x) { p.variants.push_back(toVariant(x.As<Napi::Object>())); });
  p.parameterElements = whole(o, "parameterElements");
  p.statisticElements = whole(o, "statisticElements");
  p.bufferElements = whole(o, "bufferElements");
  p.preparedBytes = whole(o, "preparedBytes");
  p.sampleShape = toDims(field(o, "sampleShape"));
  p.classes = int64_t(whole(o, "classes"));
  checkPlan(p);
  return p;
}

SessionConfig toSessionConfig(Napi::Object o) {
  SessionConfig c;
  c.plan = toPlan(object(o, "plan"));
  c.lanes = int(whole(o, "lanes"));
  c.evaluationLanes = int(whole(o, "evaluationLanes"));
  c.rank = int(whole(o, "rank"));
  c.worldSize = int(whole(o, "worldSize"));
  c.threads = int(whole(o, "threads"));
  c.batch = int64_t(whole(o, "batchSize"));
  c.evaluationBatch = int64_t(whole(o, "evaluationBatchSize"));
  c.train = shardOf(field(o, "train"));
  c.validation = shardOf(field(o, "validation"));
  for (double d : numbers(field(o, "scale"))) c.scale.push_back(float(d));
  for (double d : numbers(field(o, "shift"))) c.shift.push_back(float(d));
  uint64_t elements = 1;
  for (auto d : c.plan.sampleShape) elements *= uint64_t(d);
  if (c.scale.empty() || c.scale.size() != c.shift.size() || elements % c.scale.size()) fail("internal", "session: one scale and shift a channel are needed");
  for (const auto* shard : {&c.train, &c.validation})
    if (*shard && (*shard)->sampleElements != elements) fail("data.shape-mismatch", "shard " + (*shard)->path + " has samples of another size than the model's input");
  Napi::Object order = object(o, "order");
  const std::string mode = text(order, "mode");
  c.order = mode == "none" ? Order::Mode::none : mode == "window" ? Order::Mode::windowed : Order::Mode::global;
  c.window = whole(order, "window");
  const auto key = numbers(field(order, "key"));
  c.orderKey = {uint32_t(key.at(0)), uint32_t(key.at(1))};
  Napi::Object optimizer = object(o, "optimizer");
  c.optimizer.adam = text(optimizer, "kind") == "adam";
  c.optimizer.momentum = float(number(optimizer, "momentum"));
  c.optimizer.weightDecay = float(number(optimizer, "weightDecay"));
  c.optimizer.beta1 = number(optimizer, "beta1");
  c.optimizer.beta2 = number(optimizer, "beta2");
  c.optimizer.epsilon = float(number(optimizer, "epsilon"));
  c.exchangeMode = int(whole(o, "exchangeMode"));
  return c;
}

PrimitiveRequest toPrimitiveRequest(Napi::Object o) {
  PrimitiveRequest r;
  r.kernel = text(o, "kernel");
  r.activation = text(o, "activation");
  r.attributes = attributesOf(object(o, "attributes"));
  eachEntry(object(o, "shapes"), [&](const std::string& role, Napi::Value v) { r.shapes.emplace(role, toDims(v)); });
  eachEntry(object(o, "layouts"), [&](const std::string& role, Napi::Value v) { r.layouts.emplace(role, v.ToString().Utf8Value()); });
  return r;
}

ProgramRun toProgramRun(Napi::Object o) {
  ProgramRun r;
  r.isa = text(o, "isa");
  r.variant = toVariant(object(o, "variant"));
  each(array(o, "inputs"), [&](Napi::Value v) {
    Napi::Object input = v.As<Napi::Object>();
    r.inputs.emplace(int(whole(input, "tensor")), toFloats(field(input, "values")));
  });
  for (double d : numbers(field(o, "labels"))) r.labels.push_back(int32_t(d));
  for (double d : numbers(field(o, "sampleIndices"))) r.sampleIndices.push_back(uint64_t(d));
  for (double d : numbers(field(o, "outputs"))) r.outputs.push_back(int(d));
  r.gradientScale = float(number(o, "gradientScale"));
  r.step = uint32_t(whole(o, "step"));
  r.parametersBytes = whole(o, "parametersBytes");
  r.preparedBytes = whole(o, "preparedBytes");
  r.gradientsBytes = whole(o, "gradientsBytes");
  r.buffersBytes = whole(o, "buffersBytes");
  return r;
}

}  // namespace lockstep
