#include "tree.hpp"

#include <algorithm>

#include "error.hpp"

namespace lockstep {

std::vector<Subtree> completeSubtrees(int begin, int end) {
  std::vector<Subtree> out;
  while (begin < end) {
    int lanes = 1;
    while (begin % (lanes * 2) == 0 && begin + lanes * 2 <= end) lanes *= 2;
    out.push_back({begin, lanes});
    begin += lanes;
  }
  return out;
}

Tree::Tree(const std::vector<Subtree>& leaves, const std::vector<bool>& present, Subtree root) : leafCount_(int(leaves.size())) {
  std::vector<int> free;
  result_ = build(leaves, present, root, free);
}

int Tree::build(const std::vector<Subtree>& leaves, const std::vector<bool>& present, Subtree node, std::vector<int>& free) {
  for (size_t i = 0; i < leaves.size(); i++)
    if (leaves[i].first == node.first && leaves[i].lanes == node.lanes) return present[i] ? int(i) : -1;
  if (node.lanes <= 1) fail("internal", "lane tree: the leaves do not tile the tree");
  const int half = node.lanes / 2;
  const int left = build(leaves, present, {node.first, half}, free);
  const int right = build(leaves, present, {node.first + half, half}, free);
  if (left < 0) return right;
  if (right < 0) return left;
  auto release = [&](int source) {
    if (source >= leafCount_) free.push_back(source);
  };
  release(left);
  release(right);
  int out;
  if (!free.empty()) {
    out = free.back();
    free.pop_back();
  } else {
    out = leafCount_ + temporaries_++;
  }
  operations_.push_back({left, right, out});
  return out;
}

}  // namespace lockstep
