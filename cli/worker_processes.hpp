#pragma once
#include <vector>

#include <sys/types.h>

#include "training/trainer.hpp"

namespace ll::cli {

/// This process's place among the workers of one run, as a launcher tells it: torchrun (RANK, WORLD_SIZE, MASTER_ADDR,
/// MASTER_PORT) or mpirun (OMPI_COMM_WORLD_RANK and _SIZE, or PMI_RANK and PMI_SIZE; with MASTER_ADDR and MASTER_PORT
/// where the first process is on another machine). One worker where nothing is set. Throws Error{invalid_argument} that
/// names the variable.
training::WorkerPlace launched_place();

/// The other processes of `train --workers N` on this machine: this command line again with a rank of its own, quiet on
/// stdout. They end with this object.
class WorkerProcesses {
 public:
  /// Starts ranks 1 .. count-1, which will look for rank 0 at `port` of the loopback. Throws Error{io}.
  WorkerProcesses(int count, int port);
  WorkerProcesses(const WorkerProcesses&) = delete;
  WorkerProcesses& operator=(const WorkerProcesses&) = delete;
  ~WorkerProcesses();

 private:
  void end() noexcept;
  std::vector<pid_t> processes_;
};

/// A TCP port of the loopback that nobody listens on. Throws Error{io}.
int free_port();

}  // namespace ll::cli
