#pragma once
#include <cstdint>
#include <optional>

#include "../dnn/primitive.hpp"
#include "kernel-table.hpp"

namespace lockstep {

// Convolutions with few channels and their pooling, vectorised over 4, 8 or 16 samples side by side (layouts Abcd4a,
// Abcd8a, Abcd16a) and as many neighbouring columns as fill sixteen values, instead of over channels: no padding of
// channels, any plane size. oneDNN pads such channels to sixteen.
struct SideBySide {
  int samples = 0;  // side by side
  std::map<std::string, std::string> layouts;
  uint64_t scratchBytes = 0;
};

// The own kernel for a request, where it is the better choice and the requested layouts allow it.
std::optional<SideBySide> chooseSideBySide(const PrimitiveRequest& request);
// The name that a plan gives this implementation.
std::string implementationName(const SideBySide& choice);

}  // namespace lockstep
