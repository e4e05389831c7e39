// The N-API edge. The functions are declared in lib/index.d.ts in this order. Sessions and communicators are handles with
// a type tag; native errors cross as Error objects with a `code`.
#include <napi.h>
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <sys/prctl.h>

#include <csignal>
#include <functional>

#include "../core/error.hpp"
#include "../dnn/layout.hpp"
#include "../ops/side-by-side.hpp"
#include "convert.hpp"

#ifndef LOCKSTEP_SOURCE_DIGEST
#define LOCKSTEP_SOURCE_DIGEST "unknown"
#define LOCKSTEP_FLAGS "unknown"
#endif

namespace lockstep {
namespace {

struct SessionHandle {
  std::unique_ptr<Session> session;
  std::shared_ptr<Communicator> communicator;
  int pending = 0;
};
struct CommunicatorHandle {
  std::shared_ptr<Communicator> communicator;
};
constexpr napi_type_tag kSessionTag = {0x4c6f636b73746570ull, 0x53657373696f6e01ull};
constexpr napi_type_tag kCommunicatorTag = {0x4c6f636b73746570ull, 0x436f6d6d756e6901ull};

Napi::Error toError(Napi::Env env, const std::string& code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

template <class F>
Napi::Value translate(Napi::Env env, F body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (const NativeError& e) {
    throw toError(env, e.code(), e.what());
  } catch (const std::bad_alloc&) {
    throw toError(env, "infrastructure.out-of-memory", "out of memory");
  } catch (const std::exception& e) {
    throw toError(env, "internal", e.what());
  }
}

// Work on a background thread, then a result made on the JavaScript thread. Keeps `owner` alive.
class Task : public Napi::AsyncWorker {
 public:
  Task(Napi::Env env, Napi::Object owner, std::function<void()> work, std::function<Napi::Value(Napi::Env)> result, std::function<void()> after)
      : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), owner_(Napi::Persistent(owner)), work_(std::move(work)), result_(std::move(result)), after_(std::move(after)) {}
  void Execute() override {
    try {
      work_();
    } catch (const NativeError& e) {
      code_ = e.code();
      SetError(e.what());
    } catch (const std::exception& e) {
      code_ = "internal";
      SetError(e.what());
    }
  }
  void OnOK() override {
    after_();
    deferred_.Resolve(result_(Env()));
  }
  void OnError(const Napi::Error& e) override {
    after_();
    deferred_.Reject(toError(Env(), code_, e.Message()).Value());
  }
  Napi::Promise promise() const { return deferred_.Promise(); }

 private:
  Napi::Promise::Deferred deferred_;
  Napi::ObjectReference owner_;
  std::function<void()> work_;
  std::function<Napi::Value(Napi::Env)> result_;
  std::function<void()> after_;
  std::string code_ = "internal";
};

Napi::Value start(Napi::Env env, Napi::Object owner, std::function<void()> work, std::function<Napi::Value(Napi::Env)> result, std::function<void()> after = [] {}) {
  auto* task = new Task(env, owner, std::move(work), std::move(result), std::move(after));
  Napi::Promise promise = task->promise();
  task->Queue();
  return promise;
}

template <class T>
T* handle(Napi::Value value, const napi_type_tag& tag, const char* what) {
  if (!value.IsObject()) fail("internal", std::string("expected ") + what);
  Napi::Object object = value.As<Napi::Object>();
  bool same = false;
  napi_check_object_type_tag(object.Env(), object, &tag, &same);
  if (!same) fail("internal", std::string("expected ") + what);
  void* p = nullptr;
  napi_unwrap(object.Env(), object, &p);
  return static_cast<T*>(p);
}
template <class T>
Napi::Object wrap(Napi::Env env, std::unique_ptr<T> value, const napi_type_tag& tag) {
  Napi::Object object = Napi::Object::New(env);
  napi_type_tag_object(env, object, &tag);
  napi_wrap(env, object, value.release(), [](napi_env, void* data, void*) { delete static_cast<T*>(data); }, nullptr, nullptr);
  return object;
}
SessionHandle* sessionOf(Napi::Value value, bool idle) {
  auto* h = handle<SessionHandle>(value, kSessionTag, "a session handle");
  if (!h->session) fail("internal", "this session is closed");
  if (idle && h->pending) fail("internal", "this session is still at work");
  return h;
}
CommunicatorHandle* communicatorOf(Napi::Value value) { return handle<CommunicatorHandle>(value, kCommunicatorTag, "a communicator handle"); }

void useIsa(const std::string& isa) {
  static std::string chosen;
  if (chosen == isa) return;
  if (!chosen.empty()) fail("numerics.isa-fixed", "this process already runs under isa " + chosen + "; start another one for " + isa);
  kernelsFor(isa);
  if (dnnl_set_max_cpu_isa(isa == "avx2" ? dnnl_cpu_isa_avx2 : dnnl_cpu_isa_avx512_core) != dnnl_success)
    fail("numerics.isa-missing", "oneDNN does not take isa " + isa);
  // The plan's primitives are few and live as long as the session; a cache would only hold memory.
  omp_set_num_threads(1);
  chosen = isa;
}

Napi::Value buildInfo(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const dnnl_version_t* v = dnnl_version();
  Napi::Object o = Napi::Object::New(env);
  o.Set("sourceDigest", LOCKSTEP_SOURCE_DIGEST);
  o.Set("compiler", __VERSION__);
  o.Set("flags", LOCKSTEP_FLAGS);
  o.Set("oneDnn", std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch) + " " + v->hash);
  Napi::Array isas = Napi::Array::New(env);
  for (const char* isa : {"avx512_core", "avx2"}) {
    try {
      kernelsFor(isa);
      isas.Set(isas.Length(), isa);
    } catch (const NativeError&) {
      // Not there: it is left out of the list.
    }
  }
  o.Set("isas", isas);
  return o;
}

// The kernel kills this process when its parent ends, even while it is stopped and cannot see its pipe close.
Napi::Value endWithParent(const Napi::CallbackInfo& info) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return info.Env().Undefined();
}

Napi::Value describeKernel(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return translate(env, [&]() -> Napi::Value {
    useIsa(info[0].ToString().Utf8Value());
    static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    const PrimitiveRequest request = toPrimitiveRequest(info[1].As<Napi::Object>());
    if (const auto own = chooseSideBySide(request)) {
      Napi::Object layouts = Napi::Object::New(env), bytes = Napi::Object::New(env), o = Napi::Object::New(env);
      for (const auto& [role, layout] : own->layouts) {
        layouts.Set(role, layout);
        bytes.Set(role, double(descriptorOf(request.shapes.at(role), layout).get_size()));
      }
      // Where the maxima were: a float for each value of the result.
      if (request.kernel.rfind("maxPool2d.", 0) == 0) bytes.Set("workspace", bytes.Get(request.kernel == "maxPool2d.forward" ? "y" : "dy"));
      o.Set("layouts", layouts);
      o.Set("bytes", bytes);
      o.Set("scratchBytes", double(own->scratchBytes));
      o.Set("implementation", implementationName(*own));
      return o;
    }
    const auto primitive = makePrimitive(engine, request, false);
    const auto names = nameLayouts(engine, request, primitive);
    Napi::Object layouts = Napi::Object::New(env), bytes = Napi::Object::New(env), o = Napi::Object::New(env);
    for (const auto& [role, descriptor] : primitive.descriptors) {
      layouts.Set(role, names.at(role));
      bytes.Set(role, double(descriptor.get_size()));
    }
    o.Set("layouts", layouts);
    o.Set("bytes", bytes);
    o.Set("scratchBytes", double(primitive.scratchBytes));
    o.Set("implementation", primitive.implementation);
    return o;
  });
}

Napi::Value layoutBytes(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), double(descriptorOf(toDims(info[0]), info[1].ToString().Utf8Value()).get_size()));
  });
}

Napi::Value runProgramOnce(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return translate(env, [&]() -> Napi::Value {
    const ProgramRun run = toProgramRun(info[0].As<Napi::Object>());
    useIsa(run.isa);
    const ProgramResult result = runProgram(run);
    Napi::Object o = Napi::Object::New(env);
    Napi::Array outputs = Napi::Array::New(env);
    for (int index : run.outputs) outputs.Set(outputs.Length(), fromFloats(env, result.outputs.at(index)));
    o.Set("outputs", outputs);
    o.Set("sums", fromDoubles(env, {result.sums[0], result.sums[1]}, 2));
    return o;
  });
}

Napi::Value sampleOrder(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return translate(env, [&]() -> Napi::Value {
    Napi::Object o = info[0].As<Napi::Object>();
    const std::string mode = o.Get("mode").ToString().Utf8Value();
    Napi::Array key = o.Get("key").As<Napi::Array>();
    const Order order(mode == "none" ? Order::Mode::none : mode == "window" ? Order::Mode::windowed : Order::Mode::global,
                      uint64_t(o.Get("count").ToNumber().Int64Value()), uint64_t(o.Get("window").ToNumber().Int64Value()),
                      {key.Get(0u).ToNumber().Uint32Value(), key.Get(1u).ToNumber().Uint32Value()});
    const uint32_t epoch = o.Get("epoch").ToNumber().Uint32Value();
    const uint64_t first = uint64_t(o.Get("first").ToNumber().Int64Value()), n = uint64_t(o.Get("positions").ToNumber().Int64Value());
    std::vector<double> out;
    for (uint64_t i = 0; i < n; i++) out.push_back(double(order.sampleAt(epoch, first + i)));
    return fromDoubles(env, out, out.size());
  });
}

Napi::Value openCommunicator(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    Napi::Object o = info[0].As<Napi::Object>();
    auto h = std::make_unique<CommunicatorHandle>();
    h->communicator = std::make_shared<Communicator>(o.Get("rank").ToNumber().Int32Value(), o.Get("worldSize").ToNumber().Int32Value(), o.Get("host").ToString().Utf8Value(),
                                                     o.Get("timeoutMs").ToNumber().Int64Value());
    return wrap(info.Env(), std::move(h), kCommunicatorTag);
  });
}

Napi::Value communicatorAddress(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    auto communicator = communicatorOf(info[0])->communicator;
    auto blob = std::make_shared<std::vector<char>>();
    return start(
        info.Env(), info[0].As<Napi::Object>(), [communicator, blob] { *blob = communicator->address(); },
        [blob](Napi::Env env) -> Napi::Value { return Napi::Buffer<char>::Copy(env, blob->data(), blob->size()); });
  });
}

Napi::Value communicatorConnect(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    auto communicator = communicatorOf(info[0])->communicator;
    auto blobs = std::make_shared<std::vector<std::vector<char>>>();
    Napi::Array array = info[1].As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); i++) {
      auto blob = byteArray(array.Get(i));
      blobs->emplace_back(blob.Data(), blob.Data() + blob.ElementLength());
    }
    return start(
        info.Env(), info[0].As<Napi::Object>(), [communicator, blobs] { communicator->connect(*blobs); }, [](Napi::Env env) { return env.Undefined(); });
  });
}

Napi::Value communicatorClose(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    auto communicator = communicatorOf(info[0])->communicator;
    return start(
        info.Env(), info[0].As<Napi::Object>(), [communicator] { communicator->close(); }, [](Napi::Env env) { return env.Undefined(); });
  });
}

Napi::Value openSession(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    auto config = std::make_shared<SessionConfig>(toSessionConfig(info[0].As<Napi::Object>()));
    useIsa(config->plan.isa);
    auto made = std::make_unique<SessionHandle>();
    if (!info[1].IsNull()) made->communicator = communicatorOf(info[1])->communicator;
    auto* h = made.get();
    Napi::Object object = wrap(info.Env(), std::move(made), kSessionTag);
    auto reference = std::make_shared<Napi::ObjectReference>(Napi::Persistent(object));
    return start(
        info.Env(), object, [h, config] { h->session = std::make_unique<Session>(std::move(*config), h->communicator); },
        [reference](Napi::Env) -> Napi::Value { return reference->Value(); });
  });
}

Napi::Value outcomeOf(Napi::Env env, const BurstOutcome& r) {
  Napi::Object o = Napi::Object::New(env);
  const size_t n = size_t(r.stepsDone);
  o.Set("stepsDone", double(r.stepsDone));
  o.Set("control", double(r.control));
  o.Set("lossSums", fromDoubles(env, r.losses, n));
  o.Set("correct", fromDoubles(env, r.correct, n));
  o.Set("samples", fromDoubles(env, r.samples, n));
  if (r.nonFinite) {
    Napi::Object f = Napi::Object::New(env);
    f.Set("step", double(r.nonFiniteStep));
    f.Set("node", r.nonFiniteNode.empty() ? env.Null() : Napi::String::New(env, r.nonFiniteNode).As<Napi::Value>());
    f.Set("order", double(r.nonFiniteOrder));
    f.Set("what", r.nonFiniteGradient ? "gradient" : "loss");
    o.Set("nonFinite", f);
  } else {
    o.Set("nonFinite", env.Null());
  }
  return o;
}

template <class Work, class Result>
Napi::Value onSession(const Napi::CallbackInfo& info, Work work, Result result) {
  auto* h = sessionOf(info[0], true);
  h->pending++;
  return start(
      info.Env(), info[0].As<Napi::Object>(), [h, work] { work(*h->session); }, result, [h] { h->pending--; });
}

Napi::Value sessionTrain(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    Napi::Object o = info[1].As<Napi::Object>();
    auto rates = std::make_shared<std::vector<float>>(toFloats(o.Get("learningRates")));
    const uint32_t epoch = o.Get("epoch").ToNumber().Uint32Value();
    const int64_t inEpoch = o.Get("firstStepInEpoch").ToNumber().Int64Value(), first = o.Get("firstStep").ToNumber().Int64Value();
    auto outcome = std::make_shared<BurstOutcome>();
    return onSession(
        info, [=](Session& s) { *outcome = s.train(epoch, inEpoch, first, *rates); }, [outcome](Napi::Env env) { return outcomeOf(env, *outcome); });
  });
}

Napi::Value sessionEvaluate(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    const int64_t first = info[1].ToNumber().Int64Value(), batches = info[2].ToNumber().Int64Value();
    auto outcome = std::make_shared<BurstOutcome>();
    return onSession(
        info, [=](Session& s) { *outcome = s.evaluate(first, batches); }, [outcome](Napi::Env env) { return outcomeOf(env, *outcome); });
  });
}

Napi::Value sessionPredict(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    auto samples = std::make_shared<std::vector<float>>(toFloats(info[1]));
    const int64_t count = info[2].ToNumber().Int64Value();
    auto out = std::make_shared<std::vector<float>>();
    uint64_t elements = 1;
    for (auto d : sessionOf(info[0], true)->session->config().plan.sampleShape) elements *= uint64_t(d);
    if (count < 1 || uint64_t(count) * elements != samples->size()) fail("internal", "predict: the number of values does not fit the number of samples");
    return onSession(
        info, [=](Session& s) { *out = s.predict(samples->data(), count); }, [out](Napi::Env env) -> Napi::Value { return fromFloats(env, *out); });
  });
}

Napi::Value sessionProbe(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    auto out = std::make_shared<std::vector<float>>();
    return onSession(
        info, [=](Session& s) { *out = s.probe(); }, [out](Napi::Env env) -> Napi::Value { return fromFloats(env, *out); });
  });
}

Napi::Value sessionRequestControl(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    sessionOf(info[0], false)->session->requestControl(info[1].ToNumber().Int32Value());
    return info.Env().Undefined();
  });
}

Napi::Value sessionReadParameter(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    return fromFloats(info.Env(), sessionOf(info[0], true)->session->readParameter(size_t(info[1].ToNumber().Int64Value()), info[2].ToNumber().Int32Value()));
  });
}

Napi::Value sessionWriteParameter(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    auto values = floatArray(info[3]);
    sessionOf(info[0], true)->session->writeParameter(size_t(info[1].ToNumber().Int64Value()), info[2].ToNumber().Int32Value(), values.Data(), values.ElementLength());
    return info.Env().Undefined();
  });
}

Napi::Value sessionReadBuffer(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value { return fromFloats(info.Env(), sessionOf(info[0], true)->session->readBuffer(size_t(info[1].ToNumber().Int64Value()))); });
}

Napi::Value sessionWriteBuffer(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    auto values = floatArray(info[2]);
    sessionOf(info[0], true)->session->writeBuffer(size_t(info[1].ToNumber().Int64Value()), values.Data(), values.ElementLength());
    return info.Env().Undefined();
  });
}

Napi::Value sessionClose(const Napi::CallbackInfo& info) {
  return translate(info.Env(), [&]() -> Napi::Value {
    auto* h = handle<SessionHandle>(info[0], kSessionTag, "a session handle");
    if (h->pending) fail("internal", "this session is still at work");
    std::shared_ptr<Session> session(std::move(h->session));
    return start(
        info.Env(), info[0].As<Napi::Object>(), [session]() mutable { session.reset(); }, [](Napi::Env env) { return env.Undefined(); });
  });
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*f)(const Napi::CallbackInfo&)) { exports.Set(name, Napi::Function::New(env, f, name)); };
  add("buildInfo", buildInfo);
  add("endWithParent", endWithParent);
  add("describeKernel", describeKernel);
  add("layoutBytes", layoutBytes);
  add("runProgram", runProgramOnce);
  add("sampleOrder", sampleOrder);
  add("openCommunicator", openCommunicator);
  add("communicatorAddress", communicatorAddress);
  add("communicatorConnect", communicatorConnect);
  add("communicatorClose", communicatorClose);
  add("openSession", openSession);
  add("sessionTrain", sessionTrain);
  add("sessionEvaluate", sessionEvaluate);
  add("sessionPredict", sessionPredict);
  add("sessionProbe", sessionProbe);
  add("sessionRequestControl", sessionRequestControl);
  add("sessionReadParameter", sessionReadParameter);
  add("sessionWriteParameter", sessionWriteParameter);
  add("sessionReadBuffer", sessionReadBuffer);
  add("sessionWriteBuffer", sessionWriteBuffer);
  add("sessionClose", sessionClose);
  return exports;
}

}  // namespace
}  // namespace lockstep

Napi::Object Init(Napi::Env env, Napi::Object exports) { return lockstep::init(env, exports); }
NODE_API_MODULE(lockstep_kernels, Init)
