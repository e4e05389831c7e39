// Compiled with the flags of its ISA; reached through kernelsFor() only, after the ISA was checked.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernel-table.hpp"

namespace lockstep::isa_avx2 {
#include "isa-kernels.inc"
}  // namespace lockstep::isa_avx2
