#pragma once
#include <immintrin.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace lockstep {

// Lets `count` threads meet, again and again. Spins shortly (steps are microseconds to milliseconds), then sleeps on a futex.
class Barrier {
 public:
  explicit Barrier(int count) : count_(count), waiting_(0), phase_(0) {}
  // The last thread to arrive runs `agree` before the others go on, so that all see what it decided.
  template <class F>
  void wait(F agree) {
    if (count_ == 1) return agree();
    const uint32_t phase = phase_.load(std::memory_order_acquire);
    if (waiting_.fetch_add(1, std::memory_order_acq_rel) == count_ - 1) {
      agree();
      waiting_.store(0, std::memory_order_relaxed);
      phase_.store(phase + 1, std::memory_order_release);
      syscall(SYS_futex, &phase_, FUTEX_WAKE_PRIVATE, count_, nullptr, nullptr, 0);
      return;
    }
    for (int i = 0; i < 3000; i++) {
      if (phase_.load(std::memory_order_acquire) != phase) return;
      _mm_pause();
    }
    while (phase_.load(std::memory_order_acquire) == phase)
      syscall(SYS_futex, &phase_, FUTEX_WAIT_PRIVATE, phase, nullptr, nullptr, 0);
  }

 private:
  const int count_;
  std::atomic<int> waiting_;
  std::atomic<uint32_t> phase_;
};

}  // namespace lockstep
