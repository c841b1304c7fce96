//! What `latentledger bench` puts beside its own figures: commands on stdin, one a line, each with one line of JSON as its answer.
//!
//!   load NAME        FOLDER/NAME.circuit.json, NAME.witness.json and srs-K.bin (raw): {"k","digest","keygen_ms"}
//!   prove            {"ms","interpreted_ms","proof"}; the circuit is data, and what it takes to interpret it is not in "ms"
//!   verify HEX       {"accepted"}, for the public inputs of the witness
//!   unload           gives the circuit's memory back
//!   msm K, msm2bit K {"ms"} of 2^K terms with uniform scalars, or scalars of 0 to 3
//!   ntt K            {"ms"} a column of a batch of 8, by the faster of {"halo2_axiom_ms","halo2curves_ms"}
//!   product          {"chain_ns","independent_ns"} a product in F_r, on one thread
//!
//! Threads: RAYON_NUM_THREADS. An error is {"error"}.
use std::{
    collections::HashMap,
    fs,
    hint::black_box,
    io::{stdin, stdout, BufRead, Write},
    path::{Path, PathBuf},
    sync::{atomic::Ordering, Arc},
    time::Instant,
};

use halo2_axiom::{
    arithmetic::best_multiexp,
    halo2curves::{
        bn256::{Bn256, Fr, G1Affine, G1},
        ff::Field,
        group::{prime::PrimeCurveAffine, Curve},
    },
    plonk::{create_proof, keygen_pk2, ProvingKey},
    poly::{
        kzg::{commitment::ParamsKZG, multiopen::ProverSHPLONK},
        EvaluationDomain,
    },
    transcript::{Blake2bWrite, Challenge255, TranscriptWriterBuffer},
    SerdeFormat,
};
use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use serde_json::{json, Value as Json};

use crate::{
    accepts,
    circuit::{digest_text, hex, Described, INTERPRETED_NS},
    description::{Description, Witness},
    from_hex, Format, Scheme,
};

const COLUMNS: usize = 8;
const PRODUCTS: usize = 1024;
const SHPLONK_BLAKE2B: Format = Format { gwc: false, keccak: false };

struct Loaded {
    params: ParamsKZG<Bn256>,
    pk: ProvingKey<G1Affine>,
    circuit: Arc<Description>,
    witness: Arc<Witness>,
}

/// Bases and scalars of the sums that were asked for, made once.
#[derive(Default)]
struct Terms {
    bases: Vec<G1Affine>,
    scalars: HashMap<(u32, bool), Vec<Fr>>,
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn read_json(file: PathBuf) -> Json {
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Pages that parsing has left behind would be counted as the prover's.
fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        extern "C" {
            fn malloc_trim(pad: usize) -> i32;
        }
        // SAFETY: a call without preconditions, declared as in malloc.h.
        unsafe { malloc_trim(0) };
    }
}

fn load(folder: &Path, name: &str) -> (Loaded, Json) {
    let circuit = Arc::new(Description::read(&read_json(folder.join(format!("{name}.circuit.json")))));
    let witness = Arc::new(Witness::read(&read_json(folder.join(format!("{name}.witness.json")))));
    let srs = fs::read(folder.join(format!("srs-{}.bin", circuit.k))).expect("the SRS");
    let params = ParamsKZG::<Bn256>::read_custom(&mut &srs[..], SerdeFormat::RawBytesUnchecked).expect("an SRS");
    drop(srs);
    let began = Instant::now();
    let described = Described { circuit: circuit.clone(), witness: None };
    let pk = keygen_pk2(&params, &described, circuit.compress_selectors).expect("a proving key");
    let keygen_ms = ms(began);
    give_memory_back();
    let told = json!({"k": circuit.k, "digest": digest_text(&pk.get_vk().transcript_repr()), "keygen_ms": keygen_ms});
    (Loaded { params, pk, circuit, witness }, told)
}

fn prove(loaded: &Loaded, seed: u64) -> Json {
    let proving = Described { circuit: loaded.circuit.clone(), witness: Some(loaded.witness.clone()) };
    let columns: Vec<&[Fr]> = loaded.witness.instances.iter().map(|column| &column[..]).collect();
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
    let rng = ChaCha20Rng::seed_from_u64(seed);
    INTERPRETED_NS.store(0, Ordering::Relaxed);
    let began = Instant::now();
    create_proof::<Scheme, ProverSHPLONK<Bn256>, _, _, _, _>(
        &loaded.params,
        &loaded.pk,
        &[proving],
        &[&columns],
        rng,
        &mut transcript,
    )
    .expect("a proof");
    let proof = transcript.finalize();
    let (whole, interpreted) = (ms(began), INTERPRETED_NS.load(Ordering::Relaxed) as f64 / 1e6);
    json!({"ms": whole - interpreted, "interpreted_ms": interpreted, "proof": hex(&proof)})
}

impl Terms {
    fn sum(&mut self, k: u32, small: bool) -> Json {
        let n = 1usize << k;
        if self.bases.len() < n {
            let mut points = vec![G1::from(G1Affine::generator()); n];
            for i in 1..n {
                points[i] = points[i - 1] + G1Affine::generator();
            }
            self.bases = vec![G1Affine::identity(); n];
            G1::batch_normalize(&points, &mut self.bases);
        }
        let scalars = self.scalars.entry((k, small)).or_insert_with(|| {
            let mut rng = ChaCha20Rng::seed_from_u64(1);
            (0..n as u64).map(|i| if small { Fr::from(i * i % 7 % 4) } else { Fr::random(&mut rng) }).collect()
        });
        let began = Instant::now();
        black_box(best_multiexp(scalars, &self.bases[..n]));
        json!({"ms": ms(began)})
    }
}

/// Coefficients to values, column after column: by the function of halo2-axiom's prover and by that of halo2curves.
fn transform(k: u32) -> Json {
    let domain = EvaluationDomain::<Fr>::new(4, k);
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let columns: Vec<Vec<Fr>> = (0..COLUMNS).map(|_| (0..1usize << k).map(|_| Fr::random(&mut rng)).collect()).collect();
    let a_column = |transform: &dyn Fn(&mut [Fr])| {
        let mut columns = columns.clone();
        let began = Instant::now();
        columns.iter_mut().for_each(|column| transform(column));
        black_box(&columns);
        ms(began) / COLUMNS as f64
    };
    let omega = domain.get_omega();
    let data = domain.get_fft_data(1 << k);
    let own = a_column(&|column| halo2_axiom::arithmetic::best_fft(column, omega, k, data, false));
    let curves = a_column(&|column| halo2_axiom::halo2curves::fft::best_fft(column, omega, k));
    json!({"ms": own.min(curves), "halo2_axiom_ms": own, "halo2curves_ms": curves})
}

fn product() -> Json {
    const ROUNDS: usize = 2000;
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut random = || (0..PRODUCTS).map(|_| Fr::random(&mut rng)).collect::<Vec<_>>();
    let (mut a, b) = (random(), random());
    let count = (ROUNDS * PRODUCTS) as f64;
    let began = Instant::now();
    for _ in 0..ROUNDS {
        for (x, y) in a.iter_mut().zip(&b) {
            *x *= y;
        }
        black_box(&mut a);
    }
    let independent_ns = ms(began) * 1e6 / count;
    let began = Instant::now();
    let mut chain = a[0];
    for _ in 0..ROUNDS {
        for y in &b {
            chain *= y;
        }
    }
    black_box(chain);
    json!({"chain_ns": ms(began) * 1e6 / count, "independent_ns": independent_ns})
}

/// Answers until stdin ends.
pub fn serve(folder: &Path) {
    let mut loaded: Option<Loaded> = None;
    let mut terms = Terms::default();
    for (seed, line) in stdin().lock().lines().enumerate() {
        let line = line.expect("a line");
        let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let k = || argument.parse().expect("a power");
            match command {
                "load" => {
                    let (made, told) = load(folder, argument);
                    loaded = Some(made);
                    told
                }
                "unload" => {
                    loaded = None;
                    give_memory_back();
                    json!({})
                }
                "prove" => prove(loaded.as_ref().expect("a circuit"), seed as u64),
                "verify" => {
                    let at = loaded.as_ref().expect("a circuit");
                    let proof = from_hex(&json!(argument));
                    json!({"accepted": accepts(&at.params, at.pk.get_vk(), SHPLONK_BLAKE2B, &at.witness.instances, &proof)})
                }
                "msm" => terms.sum(k(), false),
                "msm2bit" => terms.sum(k(), true),
                "ntt" => transform(k()),
                "product" => product(),
                _ => panic!("no such command: {command}"),
            }
        }));
        let answer = answer.unwrap_or_else(|panic| json!({"error": crate::panic_text(&panic)}));
        let mut out = stdout().lock();
        writeln!(out, "{answer}").and_then(|()| out.flush()).expect("stdout");
    }
}
