#pragma once
#include <map>
#include <mutex>

#include "training/losses.hpp"

namespace ll::training {

/// Sums of `leaves` equal-sized tensors as the nodes of one binary tree: node i of level l covers the leaves
/// [i·2^l, (i+1)·2^l) that there are, and is the sum of nodes 2i and 2i+1 of the level below, in this order. Any share
/// of the leaves may be added up anywhere, in any order: the root has the same bits.
class SumTree {
 public:
  using Place = std::pair<int, std::int64_t>;  // level, index in it

  explicit SumTree(std::int64_t leaves) : leaves_(leaves) {}

  /// Adds a node (leaf i: place {0, i}) and forms every sum that is now complete. Takes the tensor over. May be called
  /// from several threads.
  void add(Place place, torch::Tensor sum);
  /// The sums that wait for a sibling, or the root alone once all leaves are there.
  const std::map<Place, torch::Tensor>& sums() const noexcept { return sums_; }
  /// Places of the sums that are left when the leaves [first, end) are added.
  static std::vector<Place> places(std::int64_t leaves, std::int64_t first, std::int64_t end);

 private:
  std::int64_t begin_of(Place place) const { return place.second << place.first; }
  std::int64_t end_of(Place place) const { return std::min((place.second + 1) << place.first, leaves_); }

  std::int64_t leaves_;
  std::map<Place, torch::Tensor> sums_;
  std::mutex mutex_;
};

/// Numbers behind the gradient in a step's sum: orthogonality, reconstruction, homomorphism.
inline constexpr std::int64_t kLossTerms = 3;

/// Sums over account sets, not means: d loss / d parameters in the order of network.parameters(), each flat, and the
/// three losses behind them; float32 [parameters + 3]. Leaf i of the tree is micro-batch i of the step: sets
/// i·micro_batch .. of all the step's sets. Adds the leaves [first, end) to `tree`, on `threads` threads with one
/// libtorch thread each.
void add_gradients(SumTree& tree, const Network& network, const TrainOptions& options, std::int64_t step,
                   std::int64_t first, std::int64_t end, std::size_t threads, torch::Device device);

}  // namespace ll::training
