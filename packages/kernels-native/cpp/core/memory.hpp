#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <string>

#include "error.hpp"

namespace lockstep {

// Page-aligned zeroed memory with huge pages where the kernel gives them. Owned; never grows.
class Memory {
 public:
  Memory() = default;
  explicit Memory(size_t bytes) : bytes_(bytes) {
    if (!bytes) return;
    size_t mapped = (bytes + 4095) & ~size_t(4095);
    void* p = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) fail("infrastructure.out-of-memory", "cannot allocate " + std::to_string(bytes) + " bytes");
    if (mapped >= (size_t(2) << 20)) madvise(p, mapped, MADV_HUGEPAGE);
    data_ = static_cast<char*>(p);
    mapped_ = mapped;
  }
  ~Memory() {
    if (data_) munmap(data_, mapped_);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  Memory(Memory&& other) noexcept { swap(other); }
  Memory& operator=(Memory&& other) noexcept {
    swap(other);
    return *this;
  }
  void swap(Memory& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    std::swap(mapped_, other.mapped_);
  }
  char* data() const { return data_; }
  float* floats() const { return reinterpret_cast<float*>(data_); }
  size_t bytes() const { return bytes_; }
  void zero() {
    if (data_) std::memset(data_, 0, bytes_);
  }

 private:
  char* data_ = nullptr;
  size_t bytes_ = 0, mapped_ = 0;
};

}  // namespace lockstep
