//! The unmodified halo2-axiom on our circuits: reads cases that our C++ made, answers with what it thinks of them.
//!
//!     latentledger-interop FOLDER
//!     latentledger-interop bench FOLDER    answers `latentledger bench` (bench.rs)
//!
//! FOLDER/srs.bin      ParamsKZG, raw, of the largest k
//! FOLDER/cases.jsonl  a case a line: name, circuit and witness (docs/formats/circuit.md), vk (halo2-axiom's layout, compressed
//!                     points, hex), format (opening and hash), proof (hex)
//! FOLDER/answers.jsonl is written, an answer a line:
//!     read      digest of the key read from vk              made     digest of the key generated from the circuit
//!     same      the generated key is vk, byte for byte      accepted our proof
//!     refused   our proof with a byte changed (a few), and with each of a few public inputs changed
//!     proof     a proof of its own, hex; null when its prover panics, which it does on three phases
//!     error     what it panicked with, instead of all that
mod bench;
mod circuit;
mod description;

use std::{
    any::Any,
    collections::HashMap,
    fs,
    io::Write,
    panic::{catch_unwind, AssertUnwindSafe},
    path::PathBuf,
    sync::Arc,
};

use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{create_proof, keygen_pk2, verify_proof, VerifyingKey},
    poly::{
        commitment::{Params, ParamsProver},
        kzg::{
            commitment::{KZGCommitmentScheme, ParamsKZG},
            multiopen::{ProverGWC, ProverSHPLONK, VerifierGWC, VerifierSHPLONK},
            strategy::SingleStrategy,
        },
    },
    transcript::{
        Blake2bRead, Blake2bWrite, Challenge255, Keccak256Read, Keccak256Write, TranscriptReadBuffer, TranscriptWriterBuffer,
    },
    SerdeFormat,
};
use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use serde_json::{json, Value as Json};

use circuit::{digest_text, hex, Described};
use description::{Description, Witness};

type Scheme = KZGCommitmentScheme<Bn256>;

fn from_hex(value: &Json) -> Vec<u8> {
    let text = value.as_str().expect("hex");
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hex")).collect()
}

/// Opening and hash of a proof: "shplonk-blake2b", "gwc-keccak256" and so on.
#[derive(Clone, Copy)]
struct Format {
    gwc: bool,
    keccak: bool,
}

impl Format {
    fn read(value: &Json) -> Self {
        let (opening, hash) = value.as_str().and_then(|text| text.split_once('-')).expect("a format");
        assert!(["shplonk", "gwc"].contains(&opening) && ["blake2b", "keccak256"].contains(&hash), "a format");
        Format { gwc: opening == "gwc", keccak: hash == "keccak256" }
    }
}

fn accepts(params: &ParamsKZG<Bn256>, vk: &VerifyingKey<G1Affine>, format: Format, columns: &[Vec<Fr>], proof: &[u8]) -> bool {
    let columns: Vec<&[Fr]> = columns.iter().map(|column| &column[..]).collect();
    macro_rules! verify {
        ($verifier:ident, $reader:ident) => {{
            let mut transcript = $reader::<_, G1Affine, Challenge255<_>>::init(proof);
            let (verifier_params, strategy) = (params.verifier_params(), SingleStrategy::new(params));
            verify_proof::<Scheme, $verifier<Bn256>, _, _, _>(verifier_params, vk, strategy, &[&columns], &mut transcript).is_ok()
        }};
    }
    match (format.gwc, format.keccak) {
        (false, false) => verify!(VerifierSHPLONK, Blake2bRead),
        (false, true) => verify!(VerifierSHPLONK, Keccak256Read),
        (true, false) => verify!(VerifierGWC, Blake2bRead),
        (true, true) => verify!(VerifierGWC, Keccak256Read),
    }
}

fn refuses_changes(
    params: &ParamsKZG<Bn256>,
    vk: &VerifyingKey<G1Affine>,
    format: Format,
    columns: &[Vec<Fr>],
    proof: &[u8],
) -> bool {
    let changed_proofs = (0..4).all(|i| {
        let mut changed = proof.to_vec();
        changed[i * (proof.len() - 1) / 3] ^= 1;
        !accepts(params, vk, format, columns, &changed)
    });
    changed_proofs
        && (0..columns.len()).filter(|&i| !columns[i].is_empty()).all(|i| {
            let mut changed = columns.to_vec();
            let last = changed[i].len() - 1;
            changed[i][last] += Fr::one();
            !accepts(params, vk, format, &changed, proof)
        })
}

fn answer(case: &Json, seed: u64, params: &ParamsKZG<Bn256>, circuit: Arc<Description>) -> Json {
    let witness = Arc::new(Witness::read(&case["witness"]));
    let format = Format::read(&case["format"]);
    let (bytes, proof) = (from_hex(&case["vk"]), from_hex(&case["proof"]));
    let vk = VerifyingKey::<G1Affine>::from_bytes::<Described>(&bytes, SerdeFormat::Processed, Some(circuit.clone()))
        .expect("a verifying key");
    let compress = circuit.compress_selectors;
    let described = Described { circuit, witness: None };
    let pk = keygen_pk2(params, &described, compress).expect("a proving key");

    let proving = Described { witness: Some(witness.clone()), ..described };
    let columns: Vec<&[Fr]> = witness.instances.iter().map(|column| &column[..]).collect();
    macro_rules! prove {
        ($prover:ident, $writer:ident) => {{
            let mut transcript = $writer::<_, G1Affine, Challenge255<_>>::init(vec![]);
            let rng = ChaCha20Rng::seed_from_u64(seed);
            create_proof::<Scheme, $prover<Bn256>, _, _, _, _>(params, &pk, &[proving], &[&columns], rng, &mut transcript)
                .expect("a proof");
            transcript.finalize()
        }};
    }
    let own_proof = catch_unwind(AssertUnwindSafe(|| {
        hex(&match (format.gwc, format.keccak) {
            (false, false) => prove!(ProverSHPLONK, Blake2bWrite),
            (false, true) => prove!(ProverSHPLONK, Keccak256Write),
            (true, false) => prove!(ProverGWC, Blake2bWrite),
            (true, true) => prove!(ProverGWC, Keccak256Write),
        })
    }));
    json!({
        "read": digest_text(&vk.transcript_repr()),
        "made": digest_text(&pk.get_vk().transcript_repr()),
        "same": pk.get_vk().to_bytes(SerdeFormat::Processed) == bytes,
        "accepted": accepts(params, &vk, format, &witness.instances, &proof),
        "refused": refuses_changes(params, &vk, format, &witness.instances, &proof),
        "proof": own_proof.ok(),
    })
}

fn panic_text(panic: &Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or(panic.downcast_ref::<&str>().map(|t| t.to_string())).unwrap_or_default()
}

fn main() {
    // Without it halo2-axiom takes every circuit for one of degree 5 at most.
    std::env::set_var("MAX_DEGREE", "1000");
    std::panic::set_hook(Box::new(|_| {})); // what panics is told in the answers
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.len() == 2 && words[0] == "bench" {
        return bench::serve(&PathBuf::from(&words[1]));
    }
    let folder = PathBuf::from(words.first().expect("a folder"));
    let srs = fs::read(folder.join("srs.bin")).expect("srs.bin");
    let largest = ParamsKZG::<Bn256>::read_custom(&mut &srs[..], SerdeFormat::RawBytes).expect("an SRS");
    let mut sizes: HashMap<u32, ParamsKZG<Bn256>> = HashMap::new();
    let mut out = fs::File::create(folder.join("answers.jsonl")).expect("answers.jsonl");
    let cases = fs::read_to_string(folder.join("cases.jsonl")).expect("cases.jsonl");
    for (seed, line) in cases.lines().enumerate() {
        let case: Json = serde_json::from_str(line).expect("a case");
        let given = catch_unwind(AssertUnwindSafe(|| {
            let circuit = Arc::new(Description::read(&case["circuit"]));
            let params = sizes.entry(circuit.k).or_insert_with(|| {
                let mut params = largest.clone();
                if params.k() > circuit.k {
                    params.downsize(circuit.k);
                }
                params
            });
            answer(&case, seed as u64, params, circuit)
        }));
        let mut given = given.unwrap_or_else(|panic| json!({"error": panic_text(&panic)}));
        given["name"] = case["name"].clone();
        writeln!(out, "{given}").expect("answers.jsonl");
    }
}
