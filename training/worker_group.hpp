#pragma once
#include <memory>

#include "training/network.hpp"
#include "training/trainer.hpp"

namespace ll::training {

/// The processes of one run. Every call is made by all of them in the same order.
class WorkerGroup {
 public:
  virtual ~WorkerGroup() = default;
  virtual int rank() const = 0;
  virtual int count() const = 0;
  /// Everybody's tensor by rank; all have the same shape and type, on the CPU.
  virtual std::vector<torch::Tensor> all_gather(const torch::Tensor& mine) = 0;
  /// Fills `tensors` of all with those of rank 0.
  virtual void broadcast(std::vector<torch::Tensor>& tensors) = 0;
};

/// One process alone, or torch.distributed's Gloo at the given place; waits there until all have come. Error{io} names
/// what is missing when they do not come in time, and when a peer is gone later.
std::unique_ptr<WorkerGroup> join_workers(const WorkerPlace& place);

}  // namespace ll::training
