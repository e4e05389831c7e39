#pragma once
// What the files of Session share. Included by these only.
#include <immintrin.h>
#include <omp.h>

#include <cstddef>
#include <cstdint>
#include <exception>

#include "session.hpp"

namespace lockstep {

constexpr size_t kMaxLanes = 1024;
constexpr size_t kChunk = 2048;  // floats; shards are unions of chunks

struct Stop {};  // another thread failed; its error is the one to report

inline void enterNumericThread() {
  omp_set_num_threads(1);
  _mm_setcsr(_mm_getcsr() | 0x8040);  // flush denormals to zero, read them as zero
}

// Runs `body`; an error is kept for the caller of the team, and everyone leaves at the next meeting.
template <class F>
void Session::guarded(F body) {
  try {
    body();
  } catch (const Stop&) {
    throw;
  } catch (...) {
    failed_.store(true);
    std::lock_guard<std::mutex> lock(errorMutex_);
    if (!error_) error_ = std::current_exception();
  }
}

}  // namespace lockstep
