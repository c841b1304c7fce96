// The module's one door (base/module.hpp).
#include "training/torch_engine.hpp"

extern "C" const void* ll_torch_engine() {
  ll::training::set_engine(ll::training::torch_engine());
  return &ll::training::torch_engine();
}
