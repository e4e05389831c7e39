// What ranks send each other.
#include <algorithm>
#include <cstring>

#include "session-parts.hpp"

namespace lockstep {

// A message: control word, a spare value and the sender's lane sums in float64; then its blocks of gradients; then its
// blocks of batch statistics.
size_t Session::headerBytes(const Member& m) { return (2 + size_t(m.end - m.begin) * 2) * 8; }

float* Session::messageBody(const Member& m, const Memory& message) { return reinterpret_cast<float*>(message.data() + headerBytes(m)); }

// The parameters that a rank's owner finishes, as [from, to) in floats.
std::pair<size_t, size_t> Session::range(int rank) const {
  const size_t all = config_.plan.parameterElements;
  if (direct_) return {0, all};
  const size_t chunks = (all + kChunk - 1) / kChunk, w = size_t(config_.worldSize), r = size_t(rank);
  return {std::min(all, r * chunks / w * kChunk), std::min(all, (r + 1) * chunks / w * kChunk)};
}

void Session::buildExchange() {
  const Plan& plan = config_.plan;
  const size_t W = size_t(config_.worldSize), self = size_t(config_.rank);
  // Two ranks move the same bytes either way; small vectors are bound by latency. Else every rank finishes a shard.
  direct_ = config_.exchangeMode == 1 || (config_.exchangeMode == 0 && (W == 2 || plan.parameterElements * 4 * (W - 1) <= (size_t(1) << 19)));
  const auto bytes = [&](size_t from, size_t owner) {
    const auto& m = training_.members[from];
    const auto [lo, hi] = range(int(owner));
    return headerBytes(m) + m.blocks.size() * ((hi - lo) + plan.statisticElements) * 4;
  };
  std::vector<Exchange::Side> send(W), receive(W);
  for (size_t p = 0; p < W; p++) {
    sendMessages_.emplace_back(direct_ && p ? 0 : bytes(self, p));
    receiveMessages_.emplace_back(p == self ? 0 : bytes(p, self));
  }
  for (size_t p = 0; p < W; p++) {
    send[p] = {sendMessages_[direct_ ? 0 : p].data(), bytes(self, p)};
    receive[p] = {receiveMessages_[p].data(), receiveMessages_[p].bytes()};
  }
  training_.exchange = std::make_unique<Exchange>(*communicator_, 1, send, receive);
  if (!direct_) {
    reduced_ = Memory(plan.parameterElements * 4);
    std::vector<Exchange::Side> out(W), in(W);
    for (size_t p = 0; p < W; p++) {
      const auto [lo, hi] = range(int(p));
      const auto [ownLo, ownHi] = range(int(self));
      in[p] = {reinterpret_cast<char*>(reduced_.floats() + lo), (hi - lo) * 4};
      out[p] = {reinterpret_cast<char*>(reduced_.floats() + ownLo), (ownHi - ownLo) * 4};
    }
    training_.gather = std::make_unique<Exchange>(*communicator_, 2, out, in);
  }
  std::vector<Exchange::Side> out(W), in(W);
  for (size_t p = 0; p < W; p++) {
    const auto& m = evaluating_.members[p];
    evaluating_.header.emplace_back(2 + size_t(m.end - m.begin) * 2);
  }
  for (size_t p = 0; p < W; p++) {
    in[p] = {reinterpret_cast<char*>(evaluating_.header[p].data()), evaluating_.header[p].size() * 8};
    out[p] = {reinterpret_cast<char*>(evaluating_.header[self].data()), evaluating_.header[self].size() * 8};
  }
  evaluating_.exchange = std::make_unique<Exchange>(*communicator_, 3, out, in);
}

// Lane sums and control words of all ranks, from the messages that have arrived.
void Session::readHeaders(Group& group) {
  for (int r = 0; r < config_.worldSize; r++) {
    if (r == config_.rank) continue;
    const double* header = group.training ? reinterpret_cast<const double*>(receiveMessages_[size_t(r)].data()) : group.header[size_t(r)].data();
    control_ = std::max(control_, int(header[0]));
    const auto& m = group.members[size_t(r)];
    std::memcpy(group.laneSums.data() + size_t(m.begin) * 2, header + 2, size_t(m.end - m.begin) * 16);
  }
}

}  // namespace lockstep
