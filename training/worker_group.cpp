#include "training/worker_group.hpp"

#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

namespace ll::training {
namespace {

class Alone final : public WorkerGroup {
 public:
  int rank() const override { return 0; }
  int count() const override { return 1; }
  std::vector<torch::Tensor> all_gather(const torch::Tensor& mine) override { return {mine}; }
  void broadcast(std::vector<torch::Tensor>&) override {}
};

class Gloo final : public WorkerGroup {
 public:
  explicit Gloo(const WorkerPlace& place) : place_(place) {
    const std::chrono::milliseconds timeout(std::int64_t(place.timeout_seconds * 1000));
    at_peers_edge([&] {
      c10d::TCPStoreOptions store_options;
      store_options.port = std::uint16_t(place.port);
      store_options.isServer = place.rank == 0;
      store_options.numWorkers = std::size_t(place.count);
      store_options.timeout = timeout;
      const auto store = c10::make_intrusive<c10d::TCPStore>(place.host, store_options);
      const auto options = c10d::ProcessGroupGloo::Options::create(timeout);
      const bool loopback = place.host == "127.0.0.1" || place.host == "localhost";
      options->devices.push_back(loopback ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                                          : c10d::ProcessGroupGloo::createDefaultDevice());
      group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store, place.rank, place.count, options);
    });
  }

  int rank() const override { return place_.rank; }
  int count() const override { return place_.count; }

  std::vector<torch::Tensor> all_gather(const torch::Tensor& mine) override {
    std::vector<torch::Tensor> in = {mine.contiguous()};
    std::vector<std::vector<torch::Tensor>> out(1);
    for (int i = 0; i < place_.count; ++i) out[0].push_back(torch::empty_like(in[0]));
    at_peers_edge([&] { group_->allgather(out, in)->wait(); });
    return out[0];
  }

  void broadcast(std::vector<torch::Tensor>& tensors) override {
    for (torch::Tensor& tensor : tensors) {
      std::vector<torch::Tensor> one = {tensor};
      at_peers_edge([&] { group_->broadcast(one)->wait(); });
    }
  }

 private:
  template <class Body>
  void at_peers_edge(Body&& body) const {
    try {
      body();
    } catch (const std::exception& error) {
      const std::string_view text = error.what();
      throw Error(ErrorCode::io, fmt::format("train: worker {} of {} lost its peers", place_.rank, place_.count),
                  fmt::format("{}:{}", place_.host, place_.port),
                  fmt::format("every worker must run, with the same options; {}", text.substr(0, text.find('\n'))));
    }
  }

  WorkerPlace place_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

}  // namespace

std::unique_ptr<WorkerGroup> join_workers(const WorkerPlace& place) {
  if (place.count == 1) return std::make_unique<Alone>();
  return std::make_unique<Gloo>(place);
}

}  // namespace ll::training
