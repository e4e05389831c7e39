#pragma once
#include <cstdint>

#include "philox.hpp"

namespace lockstep {

// The sample at a position of an epoch: the same pure function as engine/src/data/order.ts, golden vectors in common.
class Order {
 public:
  enum class Mode { none, global, windowed };
  Order(Mode mode, uint64_t count, uint64_t window, PhiloxKey key) : mode_(mode), count_(count), window_(window), key_(key) {}

  uint64_t sampleAt(uint32_t epoch, uint64_t position) const {
    switch (mode_) {
      case Mode::none:
        return position;
      case Mode::global:
        return permute(position, count_, epoch, 0x6f726472u);
      case Mode::windowed:
        break;
    }
    const uint64_t windows = (count_ + window_ - 1) / window_;
    const uint64_t last = windows - 1, lastLength = count_ - last * window_;
    // Find which place in the epoch the short window has: everything before it is made of full windows.
    uint64_t rank, inside;
    if (lastLength == window_) {
      rank = position / window_, inside = position % window_;
    } else {
      const uint64_t lastRank = invert(last, windows, epoch, 0x77696e64u);
      const uint64_t before = lastRank * window_;
      if (position < before) {
        rank = position / window_, inside = position % window_;
      } else if (position < before + lastLength) {
        rank = lastRank, inside = position - before;
      } else {
        const uint64_t rest = position - before - lastLength;
        rank = lastRank + 1 + rest / window_, inside = rest % window_;
      }
    }
    const uint64_t index = permute(rank, windows, epoch, 0x77696e64u);
    return index * window_ + permute(inside, index == last ? lastLength : window_, epoch, uint32_t(index + 1));
  }

 private:
  static int halfBits(uint64_t count) {
    int bits = 2;
    while ((uint64_t(1) << bits) < count) bits += 2;
    return bits / 2;
  }

  // Six Feistel rounds over an even number of bits, walked until the value is inside the range (a bijection on [0, count)).
  uint64_t permute(uint64_t x, uint64_t count, uint32_t epoch, uint32_t domain) const {
    const int half = halfBits(count);
    const uint64_t mask = (uint64_t(1) << half) - 1;
    do {
      uint64_t left = x >> half, right = x & mask;
      for (uint32_t round = 0; round < 6; round++) {
        const uint64_t next = left ^ (philox(key_, {uint32_t(right), round, epoch, domain})[0] & mask);
        left = right, right = next;
      }
      x = (left << half) | right;
    } while (x >= count);
    return x;
  }

  uint64_t invert(uint64_t y, uint64_t count, uint32_t epoch, uint32_t domain) const {
    const int half = halfBits(count);
    const uint64_t mask = (uint64_t(1) << half) - 1;
    do {
      uint64_t left = y >> half, right = y & mask;
      for (int round = 5; round >= 0; round--) {
        const uint64_t previous = right ^ (philox(key_, {uint32_t(left), uint32_t(round), epoch, domain})[0] & mask);
        right = left, left = previous;
      }
      y = (left << half) | right;
    } while (y >= count);
    return y;
  }

  Mode mode_;
  uint64_t count_, window_;
  PhiloxKey key_;
};

}  // namespace lockstep
