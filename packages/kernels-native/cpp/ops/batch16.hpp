#pragma once
#include <cstdint>
#include <optional>

#include "../dnn/primitive.hpp"
#include "kernel-table.hpp"

namespace lockstep {

// Convolutions with few channels and their pooling, vectorised over sixteen samples instead of over channels (layout
// Abcd16a): no padding of channels, aligned loads, any plane size. oneDNN pads such channels to sixteen.
constexpr const char* kBatch16 = "lockstep:batch16";

struct KernelChoice {
  std::map<std::string, std::string> layouts;
};

// The layouts of the own kernel for a request, where it is the better choice and the requested layouts allow it.
std::optional<KernelChoice> chooseBatch16(const PrimitiveRequest& request);

}  // namespace lockstep
