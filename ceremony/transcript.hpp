#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/json_fields.hpp"
#include "ceremony/ptau.hpp"

namespace ll::ceremony {

/// Whose random value ends a ceremony, and how it is used: said before anybody can know the value.
struct BeaconSource {
  std::string source;       ///< "drand", "RANDAO", "Bitcoin block", ...
  std::uint64_t round = 0;  ///< round, slot or height
  unsigned iterations_exp = 10;
  friend bool operator==(const BeaconSource&, const BeaconSource&) = default;
};

/// Schnorr's proof of knowledge of x with base B = [tau_prev]_1: R = z·B, s = z + c·x, checked by s·B = R +
/// c·[tau_i]_1, c = Transcript::proof_challenge. A beacon's has z = 0, so that anybody can make it. Source: Nikolaenko,
/// Ragsdale, Bonneau, Boneh, eprint 2022/1592, section 3; here c hashes the whole context too.
struct KnowledgeProof {
  G1Affine r;  ///< the identity for a beacon
  Fr s;
  friend bool operator==(const KnowledgeProof&, const KnowledgeProof&) = default;
};

enum class RecordType {
  contribution,  ///< made with `ceremony contribute`
  beacon,        ///< a public random value
  external,      ///< a `.ptau` or PPoT contribution of another program: its public key is the proof of knowledge
};

/// One step of a ceremony.
struct Record {
  RecordType type = RecordType::contribution;
  std::string name, tool, time;
  std::string attestation;  ///< free text of the contributor
  Bytes contributor;        ///< Ed25519 public key; empty but for contributions
  Digest64 previous{};      ///< hash of the record before, or the ceremony's id
  Digest64 state{};         ///< BLAKE2b of the points after it; zeros for an external one in the middle of a file
  G1Affine tau_g1;
  G2Affine tau_g2;
  std::optional<KnowledgeProof> proof;  ///< nullopt for external
  std::optional<BeaconSource> beacon;
  Bytes beacon_value;
  std::optional<Contribution> ptau;  ///< in a powers-of-tau ceremony
  Bytes signature;                   ///< Ed25519, 64 bytes; of contributions

  bool is_beacon() const { return type == RecordType::beacon || (ptau && ptau->beacon); }
  /// Canonical JSON: sorted keys, no spaces.
  nlohmann::json json(std::size_t index, bool with_signature) const;
  Digest64 hash(std::size_t index) const;
};

/// Everything about a ceremony but its points: enough to verify who took part and how each step follows from the one
/// before. docs/formats/ceremony.md draws it.
struct Transcript {
  Digest32 nonce{};
  PowersShape shape;
  bool simulated = false;    ///< acted out on one machine: part of the id, so it cannot be taken back
  std::string initial_name;  ///< empty: begun at tau = 1
  std::string initial_sha256;
  PowersHead initial = PowersHead::generators();
  Digest64 initial_state{};
  std::vector<Contribution> initial_chain;  ///< of the `.ptau` that it goes on from
  std::optional<BeaconSource> announced;
  std::vector<Record> records;

  /// BLAKE2b over everything above `records`.
  Digest64 id() const;
  Digest64 head_hash() const { return records.empty() ? id() : records.back().hash(records.size()); }
  G1Affine tau_g1(std::size_t after) const { return after == 0 ? initial.tau_g1 : records[after - 1].tau_g1; }
  G2Affine tau_g2(std::size_t after) const { return after == 0 ? initial.tau_g2 : records[after - 1].tau_g2; }
  const Digest64& state() const { return records.empty() ? initial_state : records.back().state; }
  /// The whole `.ptau` chain: initial_chain and the records' parts.
  std::vector<Contribution> chain() const;
  std::size_t contributors() const;  ///< records but beacons
  bool has_beacon() const;

  /// c of record number `index` (from 1): BLAKE2b of domain | id | index | previous record | [tau_prev]_1 | [tau_i]_1 |
  /// [tau_i]_2 | number of G1 points | state | contributor | R | the record's JSON without proof and signature, mod r.
  Fr proof_challenge(const Record& record, std::size_t index, const G1Affine& r) const;
  /// What the contributor of record `index` signs.
  Bytes signed_message(const Record& record, std::size_t index) const;

  std::string to_json() const;
  /// Strict: unknown fields, wrong types, broken points are refused with the field's name. The id and the hashes are
  /// derived, so an edited file is found by verify.
  static Result<Transcript> parse(std::string_view text, const std::string& name);
};

}  // namespace ll::ceremony
