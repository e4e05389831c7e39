#include "kernel-table.hpp"

#include "../core/error.hpp"

namespace lockstep {

const KernelTable& kernelsFor(const std::string& isa) {
  if (isa == "avx512_core") {
    if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")))
      fail("numerics.isa-missing", "this processor has no AVX-512 (F, BW, VL, DQ), which isa avx512_core needs");
    return isa_avx512::table;
  }
  if (isa == "avx2") {
    if (!(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))) fail("numerics.isa-missing", "this processor has no AVX2 and FMA");
    return isa_avx2::table;
  }
  fail("bad-input.isa", "unknown isa " + isa + ": expected avx512_core or avx2");
}

}  // namespace lockstep
