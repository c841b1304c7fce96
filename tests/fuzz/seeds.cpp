// Writes the seed corpus: fuzz_seeds FOLDER. A pure function of the code; tests/fuzz/corpus holds what it wrote and the
// few inputs that a fuzzer found to matter.
#include <filesystem>

#include "artefacts/model_files.hpp"
#include "base/files.hpp"
#include "ceremony/ppot_files.hpp"
#include "ceremony/state.hpp"
#include "halo2/random_circuit.hpp"
#include "halo2/test_circuits.hpp"
#include "ledger/generator.hpp"
#include "ledger/sequence_generator.hpp"
#include "ledger/sequence_parquet.hpp"
#include "model/encoder_file.hpp"
#include "model/onnx_export.hpp"
#include "model/onnx_reader.hpp"
#include "model/test_encoder.hpp"
#include "tests/fuzz/small_artefacts.hpp"
#include "tests/fuzz/small_private.hpp"

namespace {

using namespace ll;
using namespace ll::halo2;

Bytes with_head(std::initializer_list<std::uint8_t> head, ByteSpan tail) {
  Bytes out(head);
  append(out, tail);
  return out;
}

ByteSpan bytes_of(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

/// One small table for each layout that `data import` knows, of invented transfers.
std::vector<std::pair<std::string, std::string>> tables() {
  const std::string a = "0x00000000000000000000000000000000000000aa", b = "0x00000000000000000000000000000000000000bb";
  const std::string usdt = "0xdac17f958d2ee523a2206206994597c13d831ec7", hash = "0x" + std::string(64, '1');
  const std::string json = fmt::format(
      R"({{"number":"0x2","transactions":[{{"from":"{}","to":"{}","value":"0x7","blockNumber":"0x2","transactionIndex":"0x0","hash":"{}","input":"0x"}}]}})",
      a, b, hash);
  return {
      {"etl", fmt::format("hash,block_number,transaction_index,from_address,to_address,value,input,receipt_status\n"
                          "{0},2,0,{1},{2},70,0x,1\n{0},2,0,{1},{2},70,0x,1\n",
                          hash, a, b)},
      {"bigquery", fmt::format("chain_id,hash,transaction_index,from_address,to_address,value,input,block_number,"
                               "receipt_gas_used,receipt_status\n1,{},0,{},{},8.1e+16,0x,2,21000,1\n",
                               hash, a, b)},
      {"selection", fmt::format("hash,from_address,to_address,block_number,value\n{},{},null,2,7\n", hash, a)},
      {"txlist", fmt::format(",blockNumber,hash,transactionIndex,from,to,value,isError,input,functionName\r\n"
                             "0,2,{},0,{},{},7,0,0x,\"f(a, b)\"\r\n0,,,,,,,,,\r\n",
                             hash, a, b)},
      {"tokentx",
       fmt::format("blockNumber,hash,from,contractAddress,to,value,tokenSymbol,tokenDecimal,transactionIndex\n"
                   "2,{},{},{},{},7,USDT,6,0\n",
                   hash, a, usdt, b)},
      {"site",
       fmt::format("\"Txhash\",\"Blockno\",\"From\",\"To\",\"Value_IN(ETH)\",\"Value_OUT(ETH)\",\"Status\",\"Method\"\n"
                   "\"{}\",\"2\",\"{}\",\"{}\",\"0\",\"1,000.5\",\"\",\"Transfer\",\"\"\n",
                   hash, a, b)},
      {"site-tokens", fmt::format("\"Transaction Hash\",\"Blockno\",\"From\",\"To\",\"TokenValue\",\"ContractAddress\","
                                  "\"TokenSymbol\"\n\"{}\",\"2\",\"{}\",\"{}\",\"3,341.25\",\"{}\",\"USDT\"\n",
                                  hash, a, b, usdt)},
      {"bigquery-tokens", fmt::format("from_address,to_address,contract_address,token_type,amount,transaction_hash,"
                                      "log_index,block_number\n{},{},{},ERC20,0x{:064x},{},0,2\n",
                                      a, b, usdt, 7, hash)},
      {"etl-tokens", fmt::format("token_address,from_address,to_address,value,transaction_hash,log_index,block_number\n"
                                 "{},{},{},7,{},3,2",
                                 usdt, a, b, hash)},
      {"chartalist", fmt::format("block_number,transaction_index,from_address,to_address,contract_address,value\n"
                                 "2,0,{},{},{},18.67\n",
                                 a, b, usdt)},
      {"pairs", fmt::format("from,to,value,block_number\n{0},{1},7,2\n{1},{0},5,2\n", a, b)},
      {"ether",
       fmt::format("block_number,from,to,value,gas,gas_price,hash\n2,{},{},3.33E-16,1,2.5,{}\n", a, b, hash.substr(2))},
      {"json", json},
      {"json-lines", json + "\n" + json + "\n"},
      {"json-array", "[{\"result\":" + json + "}]"},
  };
}

void write_seeds(const std::filesystem::path& folder) {
  const auto write = [&](const char* target, const std::string& name, const Bytes& bytes) {
    std::filesystem::create_directories(folder / target);
    write_file(folder / target / name, bytes);
  };
  SeededRng rng(1);
  const Srs srs = unsafe_srs::generate(6, rng);

  for (const auto& [name, text] : tables()) write("import", name, {text.begin(), text.end()});
  const auto ledger_folder = folder / "ledger-of-seeds";
  ledger::generate({.seed = 4, .accounts = 4, .transfers = 6}).save(ledger_folder);
  write("parquet", "transfers", read_file(ledger_folder / "transfers.parquet"));
  std::filesystem::remove_all(ledger_folder);
  ledger::SequenceGenerator sequences(
      {.profile = ledger::Profile::ethereum, .seed = 4, .accounts = 4, .least_transfers = 2, .most_transfers = 4});
  write("parquet", "sequences", ledger::encode_sequences(sequences.batch(ledger::Split::train, 0, 3), "seeds"));
  write("safetensors", "vhat", model::encode_quantized_encoder(model::random_encoder({.accounts = 4, .dims = 8}, 1)));

  for (std::uint8_t chosen = 0; chosen < 8; ++chosen) {
    write("proof", fmt::format("honest-{}", chosen), {chosen, 1});
    write("proof", fmt::format("one-edit-{}", chosen), {chosen, 1, 3, 2, 5});
    write("proof", fmt::format("public-input-{}", chosen), {chosen, 2, 0, 6, 1});
    write("proof", fmt::format("raw-{}", chosen), with_head({chosen, 0}, Bytes(992, 1)));
  }

  for (std::uint8_t p = 0; p < kProfiles.size(); ++p) {
    for (std::uint8_t options = 0; options < 8; ++options) {
      testing::CircuitA a;
      testing::CircuitB b;
      b.with_shuffle = kProfiles[p] != Profile::axiom;
      Circuit& circuit = (options & 2) != 0 ? static_cast<Circuit&>(a) : b;
      const VerifyingKey vk = keygen(srs, circuit, 6, (options & 4) != 0, kProfiles[p]).vk;
      const Bytes file = vk.write((options & 1) != 0 ? SerdeFormat::raw : SerdeFormat::processed);
      write("vk", fmt::format("{}-{}", profile_name(kProfiles[p]), options), with_head({p, options}, file));
    }
  }

  for (unsigned k = 0; k <= 2; ++k) {
    write("srs", fmt::format("raw-{}", k), with_head({1}, srs.truncated(k).write(SerdeFormat::raw)));
    write("srs", fmt::format("processed-{}", k), with_head({0}, srs.truncated(k).write(SerdeFormat::processed)));
  }

  for (const std::uint64_t seed : {1, 2, 5}) {
    const testing::RandomCircuit random = testing::make_random_circuit(seed);
    write("circuit", fmt::format("circuit-{}", seed), with_head({0}, bytes_of(encode_circuit(random.circuit))));
    if (seed == 1) {
      write("circuit", "witness", with_head({1}, bytes_of(encode_witness(random.circuit, random.witnesses[0]))));
    }
  }

  const fuzz::SmallArtefacts made;
  write("artefacts", "vk.json", with_head({0}, bytes_of(encode_vk_file(made.vk))));
  write("artefacts", "proof.json", with_head({1}, bytes_of(encode_proof_file(made.proof))));

  const Bytes encoder = model::encode_onnx(model::random_encoder({3, 4, 6, 8}, 1));
  const model::Graph graph = model::read_onnx(encoder).value_or_throw();
  const model::ProgramSettings settings = model::default_settings(graph);
  write("onnx", "encoder.onnx", with_head({0}, encoder));
  write("onnx", "settings.json", with_head({2}, bytes_of(artefacts::encode_model_settings({graph.sha256, settings}))));
  const auto compiled = artefacts::compiled_file(circuits::compile_model(graph, settings));
  write("onnx", "compiled.json", with_head({1}, bytes_of(artefacts::encode_compiled(compiled))));

  const fuzz::SmallPrivateChain hidden;
  write("private", "state.json", with_head({0}, bytes_of(encode_private_state_file(hidden.state))));
  write("private", "update.json", with_head({1}, bytes_of(encode_private_proof_file(hidden.update))));
  write("private", "genesis.json", with_head({2}, bytes_of(encode_private_proof_file(hidden.genesis))));
  write("private", "chain.json", with_head({3}, bytes_of(encode_chain_file(hidden.chain))));
  write("private", "plan.json", with_head({4}, bytes_of(encode_chain_plan(hidden.plan))));

  const std::filesystem::path scratch = folder / "scratch";
  std::filesystem::create_directories(scratch);
  const ceremony::StepOptions step{
      .name = "seed", .attestation = "", .tool = "fuzz_seeds", .time = "", .progress = nullptr};
  for (const auto kind : {ceremony::PowersKind::kzg, ceremony::PowersKind::powers_of_tau}) {
    const ceremony::BeaconSource source{"seed", 1, 10};
    ceremony::NewCeremony begin;
    begin.shape = {kind, 1};
    begin.simulated = true;
    begin.announced = source;
    ceremony::new_ceremony(begin, scratch / "0", rng);
    const auto first = ceremony::CeremonyFile::open(scratch / "0");
    const Bytes value(32, 7);
    ceremony::apply_beacon(first.state, source, value, ceremony::iterate_sha256(value, 10), step, scratch / "1");
    const auto second = ceremony::CeremonyFile::open(scratch / "1");
    const std::string name = ceremony::to_string(kind);
    write("ceremony", name + ".state", with_head({1}, read_file(scratch / "1")));
    write("ceremony", name + ".json", with_head({0}, bytes_of(second.state.transcript.to_json())));
    if (kind == ceremony::PowersKind::powers_of_tau) {
      write_ptau(scratch / "2", second.state.powers, second.state.transcript.chain());
      write("ptau", "one-contribution", read_file(scratch / "2"));
      write_challenge(scratch / "3", second.state.transcript.chain().back().response_hash(), second.state.powers);
      write("ptau", "challenge", read_file(scratch / "3"));
    }
  }
  std::filesystem::remove_all(scratch);

  for (std::uint8_t i = 0; i < 8; ++i) {
    Bytes bytes(160);
    rng.fill(bytes);
    bytes[0] = i;
    write("field", fmt::format("random-{}", i), bytes);
    write("group", fmt::format("random-{}", i), bytes);
    write("field", fmt::format("edges-{}", i), Bytes(66, i));
    write("group", fmt::format("edges-{}", i), Bytes(66, i));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: fuzz_seeds FOLDER\n");
    return 2;
  }
  write_seeds(argv[1]);
  return 0;
}
