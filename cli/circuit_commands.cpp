// Verbs of `circuit`: what a statement's circuit is, apart from any proof.
#include <memory>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "cli/application.hpp"
#include "cli/encoder_folder.hpp"
#include "cli/keys_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "halo2/circuit_description.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

struct ExportArguments {
  std::string statement = kUpdate;
  fs::path keys, encoder, data, output;
  std::size_t transfers = 256;
};

/// The circuit that `setup` would make keys for, or did.
struct NamedCircuit {
  circuits::StatementCircuit statement;
  std::optional<KeyFolder> keys;
};

NamedCircuit named_circuit(const ExportArguments& arguments, Session& session) {
  if (!arguments.keys.empty()) {
    KeyFolder keys = load_key_folder(session, arguments.keys);
    auto circuit = circuits::statement_circuit(keys.vk.statement, keys.vk.shape, keys.encoder);
    return {std::move(circuit), std::move(keys)};
  }
  const ledger::Dataset data = load_ether_ledger(session, session.path_or(arguments.data, "ledger"));
  const LoadedEncoder loaded = load_encoder(session, session.path_or(arguments.encoder, "encoder"));
  const model::QuantizedEncoder encoder = quantized_for(loaded, data);
  const circuits::UpdateShape shape{.encoder = encoder.shape(),
                                    .transfers = arguments.statement == kDelta ? 1 : arguments.transfers};
  return {circuits::statement_circuit(arguments.statement, shape, encoder), std::nullopt};
}

Outcome export_circuit(const ExportArguments& arguments, Session& session) {
  const NamedCircuit named = named_circuit(arguments, session);
  const unsigned k = named.statement.k;
  const halo2::CircuitDescription description = halo2::describe(*named.statement.circuit, k, kCompressSelectors);
  const std::string text = halo2::encode_circuit(description);
  session.check_stop();
  Json digest;  // null without keys: it depends on the SRS
  if (named.keys) {
    const halo2::VerifyingKey& key = named.keys->vk.key;
    // What was written is read again and must give the key, or nothing is written.
    halo2::DescribedCircuit described(halo2::decode_circuit(text, "the description").value_or_throw());
    const std::string made = halo2::keygen(named.keys->srs, described, k, kCompressSelectors).vk.digest();
    if (made != key.digest()) {
      throw Error(ErrorCode::mismatch, fmt::format("{}: the circuit's key has digest {}, the folder's {}",
                                                   arguments.keys.string(), made, key.digest()));
    }
    digest = made;
  }
  const fs::path file = session.path_or(arguments.output, "circuit.json");
  write_text(file, text);
  session.output("circuit", file);

  const auto bytes = ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const std::string sha256_hex = to_hex(sha256(bytes));
  const halo2::ConstraintSystem& cs = description.cs;
  Json result = {{"statement", named.keys ? named.keys->vk.statement : arguments.statement}, {"k", k}};
  result.update(circuit_json(cs));
  result["copies"] = description.copies.size();
  result["bytes"] = text.size();
  result["sha256"] = sha256_hex;
  result["vk_digest"] = digest;
  return {
      .result = std::move(result),
      .text = fmt::format("circuit           k = {}, {} advice, {} fixed, {} instance columns, {} lookups, degree {}\n"
                          "description       {}, SHA-256 {}\nwritten to        {}\n",
                          k, cs.advice_columns(), cs.fixed_columns(), cs.instance_columns(), cs.lookups().size(),
                          cs.degree(), bytes_text(text.size()), sha256_hex, file.string()) +
              (digest.is_null() ? std::string()
                                : fmt::format("key               {}: keygen from the description gives it\n",
                                              digest.get<std::string>()))};
}

}  // namespace

void add_circuit_commands(Application& application) {
  CLI::App& circuit =
      application.group("circuit", "A statement's circuit: written down as data, drawn, its copies listed");
  add_circuit_view_commands(application, circuit);

  auto exported = std::make_shared<ExportArguments>();
  CLI::App& export_verb = application.verb(
      circuit, "export", "The circuit as JSON: columns, queries, gates, fixed values, copies (docs/formats/circuit.md)",
      "circuit export --statement update -o latentledger-work/circuit.json",
      [exported](Session& session) { return export_circuit(*exported, session); });
  export_verb.add_option("--statement", exported->statement, "update or delta")
      ->check(CLI::IsMember({kUpdate, kDelta}))
      ->capture_default_str();
  export_verb.add_option("--keys", exported->keys, "Keys folder: its circuit, and the key's digest is checked");
  export_verb.add_option("--encoder", exported->encoder, "Encoder folder [WORKDIR/encoder]");
  export_verb.add_option("--data", exported->data, "Ledger folder [WORKDIR/ledger]");
  export_verb.add_option("--transfers", exported->transfers, "Largest batch")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20))
      ->capture_default_str();
  export_verb.add_option("-o,--output", exported->output, "File to write [WORKDIR/circuit.json]");
}

}  // namespace ll::cli
