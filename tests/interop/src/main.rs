//! The statement `update` (circuits/update.cpp) written down a second time, for halo2-axiom: its verifier checks our proofs.
//!
//!     latentledger-interop SRS VK INSTANCES PROOF
//!
//! SRS: ParamsKZG raw. VK: halo2-axiom's layout, processed. INSTANCES: 3 x 128 scalars, 32 little-endian bytes each.
//! tests/interop/verify_update.py makes these files from a work folder and calls this. Exit 0: the proof is accepted, and
//! refused after a change of one public word and of each of its bytes.
//!
//! Queries, gates and expression trees stand in the order of the C++ circuit, because the key's digest covers them.
use halo2_axiom::{
    circuit::{Layouter, SimpleFloorPlanner},
    halo2curves::{
        bn256::{Bn256, Fr, G1Affine},
        ff::PrimeField,
    },
    plonk::*,
    poly::{
        commitment::ParamsProver,
        kzg::{
            commitment::{KZGCommitmentScheme, ParamsKZG},
            multiopen::VerifierSHPLONK,
            strategy::SingleStrategy,
        },
        Rotation,
    },
    transcript::{Blake2bRead, Challenge255, TranscriptReadBuffer},
    SerdeFormat,
};
#[derive(Clone, Default)]
struct Update;
#[derive(Clone)]
struct Cfg;
type E = Expression<Fr>;
fn num(v: u64) -> E {
    Expression::Constant(Fr::from(v))
}
fn row_is(t: &E, value: u64, largest: u64) -> E {
    let mut p = t.clone();
    for u in 1..=largest {
        if u != value {
            p = p * (t.clone() - num(u));
        }
    }
    p
}
fn fp(al: &E, be: &E, be2: &E, a: &E, v: &E, t: &E) -> E {
    al.clone() - (a.clone() + be.clone() * v.clone() + be2.clone() * t.clone())
}
impl Circuit<Fr> for Update {
    type Config = Cfg;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();
    fn without_witnesses(&self) -> Self {
        Update
    }
    fn configure(m: &mut ConstraintSystem<Fr>) -> Cfg {
        let d = m.advice_column_in(FirstPhase);
        let r = m.advice_column_in(SecondPhase);
        let t = m.advice_column_in(SecondPhase);
        let i: Vec<_> = (0..3).map(|_| m.instance_column()).collect();
        let f: Vec<_> = (0..7).map(|_| m.fixed_column()).collect();
        let (f0, f1, ft, qd, q2, q3, q4) = (f[0], f[1], f[2], f[3], f[4], f[5], f[6]);
        let ch: Vec<_> = (0..4).map(|_| m.challenge_usable_after(FirstPhase)).collect();
        let cur = Rotation::cur();
        m.create_gate("digit", |c| {
            let ty = c.query_fixed(qd, cur);
            let z = c.query_advice(d, cur);
            let zn = c.query_advice(d, Rotation(1));
            let digit = z - zn * Fr::from(4);
            let mut p = digit.clone();
            for k in 1..=3u64 {
                p = p * (digit.clone() - num(k));
            }
            vec![row_is(&ty, 1, 1) * p]
        });
        m.create_gate("zero", |c| {
            let ty = c.query_fixed(q2, cur);
            let z = c.query_advice(d, cur);
            vec![row_is(&ty, 2, 3) * z]
        });
        m.create_gate("account memory", |c| {
            let ty = c.query_fixed(q2, cur);
            let acc = c.query_fixed(ft, cur);
            let fin = c.query_advice(d, cur);
            let ftime = c.query_advice(d, Rotation(-1));
            let ini = c.query_advice(d, Rotation(17));
            let t0 = c.query_advice(t, cur);
            let t1 = c.query_advice(t, Rotation(1));
            let al = c.query_challenge(ch[0]);
            let be = c.query_challenge(ch[1]);
            let be2 = be.clone() * be.clone();
            vec![
                row_is(&ty, 1, 3)
                    * (t1 * fp(&al, &be, &be2, &acc, &fin, &ftime) - t0 * fp(&al, &be, &be2, &acc, &ini, &num(0))),
            ]
        });
        m.create_gate("account encoder", |c| {
            let ty = c.query_fixed(q2, cur);
            let ini = c.query_advice(d, Rotation(17));
            let fin = c.query_advice(d, cur);
            let rho = c.query_challenge(ch[3]);
            let prev = c.query_advice(r, Rotation(-116));
            let u = c.query_advice(r, cur);
            let sum = c.query_advice(r, Rotation(1));
            vec![row_is(&ty, 1, 3) * (sum - (prev - (ini + rho * fin) * u))]
        });
        m.create_gate("boundary", |c| {
            let ty = c.query_fixed(q2, cur);
            let t0 = c.query_advice(t, cur);
            let r0 = c.query_advice(r, cur);
            let on = row_is(&ty, 3, 3);
            vec![on.clone() * (t0 - num(1)), on * r0]
        });
        m.create_gate("carry", |c| {
            let ty = c.query_fixed(q3, cur);
            let t0 = c.query_advice(t, cur);
            let t1 = c.query_advice(t, Rotation(1));
            vec![row_is(&ty, 1, 2) * (t1 - t0)]
        });
        m.create_gate("transfer", |c| {
            let ty = c.query_fixed(q3, cur);
            let now = c.query_fixed(ft, cur);
            let a = c.query_advice(d, cur);
            let w = c.query_advice(d, Rotation(17));
            let gs = c.query_advice(d, Rotation(34));
            let gr = c.query_advice(d, Rotation(40));
            let s = c.query_advice(d, Rotation(46));
            let rc = c.query_advice(d, Rotation(47));
            let or = c.query_advice(d, Rotation(48));
            let t0 = c.query_advice(t, cur);
            let t1 = c.query_advice(t, Rotation(1));
            let al = c.query_challenge(ch[0]);
            let be = c.query_challenge(ch[1]);
            let be2 = be.clone() * be.clone();
            let f = |x: &E, v: &E, tm: &E| fp(&al, &be, &be2, x, v, tm);
            let taken = f(&s, &(w.clone() + a.clone()), &(now.clone() - gs)) * f(&rc, &or, &(now.clone() - gr));
            let put = f(&s, &w, &(now.clone() + num(1))) * f(&rc, &(or.clone() + a), &(now + num(2)));
            vec![row_is(&ty, 2, 2) * (t1 * taken - t0 * put)]
        });
        m.create_gate("horner", |c| {
            let ty = c.query_fixed(q4, cur);
            let g = c.query_challenge(ch[2]);
            let r0 = c.query_advice(r, cur);
            let a = c.query_fixed(f0, cur);
            let b = c.query_fixed(f1, cur);
            let r1 = c.query_advice(r, Rotation(1));
            vec![row_is(&ty, 1, 3) * (r1 - ((r0 * g.clone() + a) * g + b))]
        });
        m.create_gate("horner start", |c| {
            let ty = c.query_fixed(q4, cur);
            let g = c.query_challenge(ch[2]);
            let a = c.query_fixed(f0, cur);
            let b = c.query_fixed(f1, cur);
            let r1 = c.query_advice(r, Rotation(1));
            vec![row_is(&ty, 2, 3) * (r1 - (a * g + b))]
        });
        m.create_gate("public", |c| {
            let ty = c.query_fixed(q4, cur);
            let rho = c.query_challenge(ch[3]);
            let g = c.query_challenge(ch[2]);
            let p = c.query_instance(i[0], cur);
            let de = c.query_instance(i[1], cur);
            let n = c.query_instance(i[2], cur);
            let r0 = c.query_advice(r, cur);
            let r1 = c.query_advice(r, Rotation(1));
            let x = p.clone() + rho.clone() * n.clone() + rho.clone() * rho * (p + de - n);
            vec![row_is(&ty, 3, 3) * (r1 - (r0 * g + x))]
        });
        Cfg
    }
    fn synthesize(&self, _: Cfg, _: impl Layouter<Fr>) -> Result<(), Error> {
        Ok(())
    }
}
fn main() {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [srs, vk, instances, proof]: [Vec<u8>; 4] = paths
        .iter()
        .map(|path| std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}")))
        .collect::<Vec<_>>()
        .try_into()
        .expect("four files: SRS VK INSTANCES PROOF");
    let params = ParamsKZG::<Bn256>::read_custom(&mut &srs[..], SerdeFormat::RawBytes).expect("SRS");
    let vk = VerifyingKey::<G1Affine>::from_bytes::<Update>(&vk, SerdeFormat::Processed, ()).expect("VK");
    let scalar = |bytes: &[u8]| Fr::from_repr(bytes.try_into().expect("32 bytes")).expect("canonical scalar");
    let columns: Vec<Vec<Fr>> = instances
        .chunks(128 * 32)
        .map(|column| column.chunks(32).map(scalar).collect())
        .collect();
    let accepts = |columns: &[Vec<Fr>], proof: &[u8]| {
        let columns: Vec<&[Fr]> = columns.iter().map(|column| &column[..]).collect();
        let mut transcript = Blake2bRead::<_, G1Affine, Challenge255<_>>::init(proof);
        verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<Bn256>, _, _, _>(
            params.verifier_params(),
            &vk,
            SingleStrategy::new(&params),
            &[&columns],
            &mut transcript,
        )
        .is_ok()
    };
    println!("key digest  {:?}", vk.transcript_repr());
    assert!(accepts(&columns, &proof), "halo2-axiom refuses the proof");
    let mut changed = columns.clone();
    changed[1][5] += Fr::from(1);
    assert!(!accepts(&changed, &proof), "a changed public word is accepted");
    for i in 0..proof.len() {
        let mut changed = proof.clone();
        changed[i] ^= 1;
        assert!(!accepts(&columns, &changed), "a change of byte {i} is accepted");
    }
    println!(
        "accepted by halo2-axiom: {} bytes; refused with a public word or any byte changed",
        proof.len()
    );
}
