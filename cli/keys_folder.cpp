#include "cli/keys_folder.hpp"

#include "base/files.hpp"
#include "base/hash.hpp"
#include "model/encoder_file.hpp"

namespace ll::cli {

namespace fs = std::filesystem;

VkFile load_vk_file(Session& session, const fs::path& path) {
  session.input(path, "make it with `setup`");
  return artefacts::decode_vk_file(read_text(path), path.string()).value_or_throw();
}

KeyFolder load_key_folder(Session& session, const fs::path& folder) {
  VkFile vk = load_vk_file(session, folder / "vk.json");
  const fs::path vhat = folder / "vhat.safetensors", srs_path = folder / "srs.bin";
  session.input(vhat, "make it with `setup`");
  session.input(srs_path, "make it with `setup`", ErrorCode::srs);

  model::QuantizedEncoder encoder = model::read_quantized_encoder(vhat);
  const std::string digest = to_hex(encoder.digest());
  if (digest != vk.vhat_digest || encoder.shape() != vk.shape.encoder) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: V^ has digest {}, the key was made for {}", vhat.string(), digest, vk.vhat_digest),
                vhat.string(), "the files of a keys folder belong together: run `setup` again");
  }
  const Bytes bytes = read_file(srs_path);
  const std::string hash = to_hex(sha256(bytes));
  if (hash != vk.srs_sha256) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: SHA-256 is {}, the key was made with {}", srs_path.string(), hash, vk.srs_sha256),
                srs_path.string(), "the files of a keys folder belong together: run `setup` again");
  }
  // Equal bytes to those that `setup` checked point by point: no pairing again.
  auto srs = halo2::Srs::read(bytes, halo2::SerdeFormat::raw, /*check_powers=*/false);
  if (!srs) throw srs.error().at(srs_path.string());
  if (srs.value().k != vk.key.k || srs.value().s_g2 != vk.s_g2) {
    throw Error(ErrorCode::mismatch, fmt::format("{}: is not the SRS of the key", srs_path.string()),
                srs_path.string());
  }
  srs.value().sum_suffixes();
  return {std::move(vk), std::move(encoder), std::move(srs).value()};
}

}  // namespace ll::cli
