#pragma once
#include "plan.hpp"

namespace lockstep {

// What a kernel takes for granted while it runs, checked once when a plan comes in, in 64-bit: every tensor fits its place,
// every role of a call is there with the shape that the kernel walks over. Throws "internal".
void checkVariant(const VariantPlan& variant);
// Also what a session takes for granted: vectors no longer than their parts, input, label and output of every variant.
void checkPlan(const Plan& plan);

}  // namespace lockstep
