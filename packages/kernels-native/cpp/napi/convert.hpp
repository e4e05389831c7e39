#pragma once
#include <napi.h>

#include "../core/plan.hpp"
#include "../core/program-runner.hpp"
#include "../core/session.hpp"
#include "../dnn/primitive.hpp"

namespace lockstep {

// Plain JavaScript data to C++ values. Every field is set on the other side; a missing one is a broken invariant.
Plan toPlan(Napi::Object o);
VariantPlan toVariant(Napi::Object o);
SessionConfig toSessionConfig(Napi::Object o);
PrimitiveRequest toPrimitiveRequest(Napi::Object o);
ProgramRun toProgramRun(Napi::Object o);
Dims toDims(Napi::Value v);
std::vector<float> toFloats(Napi::Value v);
// A view, checked to be what it is taken for.
Napi::Float32Array floatArray(Napi::Value v);
Napi::Uint8Array byteArray(Napi::Value v);
Napi::Float32Array fromFloats(Napi::Env env, const std::vector<float>& values);
Napi::Float64Array fromDoubles(Napi::Env env, const std::vector<double>& values, size_t count);

}  // namespace lockstep
