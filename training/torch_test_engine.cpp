// These tests link libtorch themselves: no module is loaded.
#include "training/torch_engine.hpp"

namespace ll::training {

[[maybe_unused]] static const bool engine_is_set = (set_engine(torch_engine()), true);

}  // namespace ll::training
