#include "training/gradient.hpp"

#include <cmath>
#include <thread>

#include <gmock/gmock.h>

namespace ll::training {
namespace {

/// Numbers whose float32 sum depends on the order.
torch::Tensor leaf(std::int64_t i) { return torch::tensor({float(std::sin(double(i)) * std::pow(10.0, i % 7))}); }

float sum_of(std::int64_t begin, std::int64_t end) {  // the tree of a power of two, written down
  if (end - begin == 1) return leaf(begin).item<float>();
  return sum_of(begin, (begin + end) / 2) + sum_of((begin + end) / 2, end);
}

float root_of(SumTree& tree, std::int64_t leaves, const std::vector<std::int64_t>& order) {
  for (const std::int64_t i : order) tree.add({0, i}, leaf(i));
  EXPECT_EQ(tree.sums().size(), 1u) << leaves;
  return tree.sums().begin()->second.item<float>();
}

TEST(SumTree, IsTheBalancedTreeInWhateverOrderTheLeavesCome) {
  for (const std::int64_t leaves : {1, 2, 3, 5, 8, 13, 16, 31, 64}) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(leaves));
    std::iota(order.begin(), order.end(), 0);
    SumTree ordered(leaves);
    const float first = root_of(ordered, leaves, order);
    if ((leaves & (leaves - 1)) == 0) {
      EXPECT_EQ(first, sum_of(0, leaves)) << leaves;
    }
    SeededRng rng(7);
    for (int round = 0; round < 20; ++round) {
      for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
      SumTree tree(leaves);
      EXPECT_EQ(root_of(tree, leaves, order), first) << leaves;
    }
  }
}

TEST(SumTree, SharesOfAnyNumberOfWorkersMakeTheSameRoot) {
  for (const std::int64_t share : {1, 2, 3, 4, 6}) {
    for (const std::int64_t workers : {1, 2, 3, 4, 7}) {
      const std::int64_t leaves = share * workers;
      SumTree alone(leaves), together(leaves);
      for (std::int64_t i = 0; i < leaves; ++i) alone.add({0, i}, leaf(i));
      for (std::int64_t worker = workers - 1; worker >= 0; --worker) {
        SumTree own(leaves);
        for (std::int64_t i = worker * share; i < (worker + 1) * share; ++i) own.add({0, i}, leaf(i));
        std::vector<SumTree::Place> places;
        for (const auto& [place, sum] : own.sums()) places.push_back(place);
        EXPECT_EQ(places, SumTree::places(leaves, worker * share, (worker + 1) * share));
        for (const auto& [place, sum] : own.sums()) together.add(place, sum.clone());
      }
      ASSERT_EQ(together.sums().size(), 1u);
      EXPECT_TRUE(torch::equal(together.sums().begin()->second, alone.sums().begin()->second));
    }
  }
}

TEST(SumTree, TakesLeavesFromSeveralThreads) {
  constexpr std::int64_t kLeaves = 64;
  SumTree tree(kLeaves);
  {
    std::vector<std::jthread> threads;
    for (std::int64_t t = 0; t < 4; ++t)
      threads.emplace_back([&tree, t] {
        for (std::int64_t i = t; i < kLeaves; i += 4) tree.add({0, i}, leaf(i));
      });
  }
  EXPECT_EQ(tree.sums().begin()->second.item<float>(), sum_of(0, kLeaves));
}

TEST(Gradient, IsTheDerivativeOfTheLosses) {
  TrainOptions options;
  options.network = {
      .layers = 2, .heads = 2, .hidden = 16, .feed_forward = 8, .dims = 24, .start_a = 1.2, .start_g = 0.2};
  options.accounts = 8;
  options.batch = options.micro_batch = 1;
  for (const Architecture architecture :
       {Architecture::orthogonalising, Architecture::softmax, Architecture::baseline}) {
    options.network.architecture = architecture;
    Network network(options.network, nullptr);
    SeededRng rng(3);
    torch::NoGradGuard no_grad;
    for (auto& parameter : network.parameters()) parameter.copy_(gaussian_tensor(parameter.sizes(), rng) * 0.3);
    SumTree tree(1);
    {
      const torch::AutoGradMode with_grad(true);
      add_gradients(tree, network, options, 0, 0, 1, 1, torch::kCPU);
    }
    const auto gradient = tree.sums().begin()->second.to(torch::kFloat64);
    ASSERT_EQ(gradient.size(0) - kLossTerms,
              std::int64_t(torch::nn::utils::parameters_to_vector(network.parameters()).numel()));

    // Along one random direction, by central differences in float64 of the terms without rounding (V^ is not smooth).
    network.to(torch::kFloat64);
    Batch batch = draw_batch(options, 0, 0, 1);
    for (torch::Tensor* tensor : {&batch.bits, &batch.states, &batch.amount}) *tensor = tensor->to(torch::kFloat64);
    const auto loss = [&] { return losses_of(network, batch).total(1).item<double>(); };
    double expected = 0, slope = 0;
    const double h = 1e-5;
    std::vector<torch::Tensor> directions;
    std::int64_t offset = 0;
    for (const auto& parameter : network.parameters()) {
      directions.push_back(gaussian_tensor(parameter.sizes(), rng));
      expected += (gradient.narrow(0, offset, parameter.numel()) * directions.back().reshape(-1)).sum().item<double>();
      offset += parameter.numel();
    }
    for (const double sign : {1.0, -2.0, 1.0}) {
      auto parameters = network.parameters();
      for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i].add_(directions[i], sign * h);
      if (sign == 1.0 && slope == 0)
        slope = loss();
      else if (sign == -2.0)
        slope = (slope - loss()) / (2 * h);
    }
    EXPECT_NEAR(expected / slope, 1, 1e-3) << to_string(architecture);
  }
}

TEST(Batch, ASetIsAFunctionOfSeedStepAndNumber) {
  TrainOptions options;
  options.states = 3;
  const Batch all = draw_batch(options, 5, 0, 8), some = draw_batch(options, 5, 4, 2);
  EXPECT_TRUE(torch::equal(all.bits.narrow(0, 4, 2), some.bits));
  EXPECT_TRUE(torch::equal(all.states.narrow(0, 4, 2), some.states));
  EXPECT_TRUE(torch::equal(all.amount.narrow(0, 4, 2), some.amount));
  EXPECT_FALSE(torch::equal(all.bits, draw_batch(options, 6, 0, 8).bits));
}

}  // namespace
}  // namespace ll::training
