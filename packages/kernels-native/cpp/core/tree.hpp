#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lockstep {

// A complete subtree of the lane tree: lanes [first, first + lanes), a power of two, aligned to its size.
struct Subtree {
  int first = 0, lanes = 0;
};

// The maximal complete subtrees that lanes [begin, end) make, in lane order.
std::vector<Subtree> completeSubtrees(int begin, int end);

// Sums of lanes in a binary tree whose shape depends on the number of lanes only. An absent leaf passes its sibling
// through; it is not added as zero, so that -0 stays -0. Compiled once for a set of leaves; run per chunk.
class Tree {
 public:
  // Sums the leaves inside `root`. `present[i]` tells whether leaf i contributes. Leaves must tile `root`.
  Tree(const std::vector<Subtree>& leaves, const std::vector<bool>& present, Subtree root);

  bool empty() const { return result_ < 0; }
  int temporaries() const { return temporaries_; }
  // Number of pair sums.
  size_t size() const { return operations_.size(); }

  // Sums `count` values of each leaf. `temporary` holds temporaries() blocks of `count` values. Returns the sum: a leaf
  // itself, where there is only one, or a block of `temporary`. `add(a, b, out, count)` may alias out with a or b.
  template <class T, class Add>
  const T* run(const T* const* leaves, T* temporary, size_t count, Add add) const {
    auto at = [&](int source) { return source < leafCount_ ? leaves[source] : temporary + size_t(source - leafCount_) * count; };
    for (const auto& op : operations_) add(at(op.left), at(op.right), temporary + size_t(op.out - leafCount_) * count, count);
    return at(result_);
  }

 private:
  struct Operation {
    int left, right, out;
  };
  int build(const std::vector<Subtree>& leaves, const std::vector<bool>& present, Subtree node, std::vector<int>& free);

  std::vector<Operation> operations_;
  int leafCount_ = 0, temporaries_ = 0, result_ = -1;
};

}  // namespace lockstep
