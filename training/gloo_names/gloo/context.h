#pragma once
// torch's wheel has Gloo inside libtorch_cpu.so, and c10d's ProcessGroupGloo.hpp, but not the headers of Gloo that this
// one includes. ProcessGroupGloo holds Gloo's types behind pointers only, so the names that its header mentions are all
// a user of the class needs; they are declared here and never defined or made by us. Not used with a libtorch that
// brings Gloo's own headers (CMakeLists.txt).
#include <chrono>
#include <string>
#include <vector>

namespace gloo {
class Context {
 public:
  void setTimeout(std::chrono::milliseconds timeout);
};
namespace transport {
class Device;
class UnboundBuffer;
}  // namespace transport

namespace rendezvous {
class Store {
 public:
  virtual ~Store() = default;
  virtual void set(const std::string& key, const std::vector<char>& data) = 0;
  virtual std::vector<char> get(const std::string& key) = 0;
  virtual void wait(const std::vector<std::string>& keys) = 0;
  virtual void wait(const std::vector<std::string>& keys, const std::chrono::milliseconds& timeout) = 0;
};
}  // namespace rendezvous
}  // namespace gloo
