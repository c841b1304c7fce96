#include "artefacts/verify.hpp"

namespace ll::artefacts {

halo2::VerifyResult verify(const VkFile& vk, const ProofFile& file) {
  const halo2::Instances instances[] = {file.instances(vk.shape)};
  return halo2::verify_proof(vk.params(), vk.key, instances, file.proof);
}

}  // namespace ll::artefacts
