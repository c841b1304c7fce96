#include "training/gradient.hpp"

#include <atomic>
#include <thread>

namespace ll::training {
namespace {

torch::Tensor micro_batch_gradient(const Network& network, const TrainOptions& options, std::int64_t step,
                                   std::int64_t leaf, torch::Device device) {
  const auto parameters = network.parameters();
  const Losses losses =
      losses_of(network, draw_batch(options, step, leaf * options.micro_batch, options.micro_batch).to(device));
  const auto gradients = torch::autograd::grad({losses.total(options.lambda)}, parameters, {}, false, false, true);
  std::vector<torch::Tensor> flat;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    flat.push_back(gradients[i].defined() ? gradients[i].reshape(-1) : torch::zeros_like(parameters[i]).reshape(-1));
  for (const auto& loss : {losses.orthogonality, losses.reconstruction, losses.homomorphism})
    flat.push_back(loss.detach().reshape(1));
  return torch::cat(flat);
}

}  // namespace

void SumTree::add(Place place, torch::Tensor sum) {
  for (;;) {
    const Place sibling{place.first, place.second ^ 1};
    const bool root = place.second == 0 && end_of(place) == leaves_;
    torch::Tensor other;
    if (root || begin_of(sibling) < leaves_) {
      const std::lock_guard lock(mutex_);
      const auto found = root ? sums_.end() : sums_.find(sibling);
      if (found == sums_.end()) {
        sums_.emplace(place, std::move(sum));
        return;
      }
      other = std::move(found->second);
      sums_.erase(found);
    }
    if (other.defined()) sum = place < sibling ? sum.add_(other) : other.add_(sum);
    place = {place.first + 1, place.second / 2};
  }
}

std::vector<SumTree::Place> SumTree::places(std::int64_t leaves, std::int64_t first, std::int64_t end) {
  SumTree tree(leaves);
  for (std::int64_t leaf = first; leaf < end; ++leaf) tree.add({0, leaf}, torch::zeros({1}));
  std::vector<Place> places;
  for (const auto& [place, sum] : tree.sums()) places.push_back(place);
  return places;
}

void add_gradients(SumTree& tree, const Network& network, const TrainOptions& options, std::int64_t step,
                   std::int64_t first, std::int64_t end, std::size_t threads, torch::Device device) {
  std::atomic<std::int64_t> next = first;
  std::exception_ptr error;
  std::mutex error_mutex;
  const auto work = [&] {
    try {
      at::set_num_threads(1);
      for (std::int64_t leaf = next++; leaf < end; leaf = next++)
        tree.add({0, leaf}, micro_batch_gradient(network, options, step, leaf, device));
    } catch (...) {
      const std::lock_guard lock(error_mutex);
      if (!error) error = std::current_exception();
      next = end;
    }
  };
  if (device.is_cuda()) threads = 1;  // the device is the parallel one
  std::vector<std::jthread> helpers;
  for (std::size_t i = 1; i < std::min<std::size_t>(threads, std::size_t(end - first)); ++i) helpers.emplace_back(work);
  work();
  helpers.clear();
  if (error) std::rethrow_exception(error);
}

}  // namespace ll::training
