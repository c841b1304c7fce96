//! A halo2-axiom circuit that does what a description says: columns and queries in its order, one region, absolute rows.
use std::{
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
    time::Instant,
};

use halo2_axiom::{
    circuit::{Cell, Layouter, SimpleFloorPlanner, Value},
    halo2curves::{
        bn256::Fr,
        ff::{Field, PrimeField},
    },
    plonk::*,
    poly::Rotation,
};

use crate::description::{Argument, CellAt, Description, Expr, Kind, Witness};

/// Time spent in working out a witness from its rules, which a circuit written in Rust would not need.
pub static INTERPRETED_NS: AtomicU64 = AtomicU64::new(0);

#[derive(Clone)]
pub struct Described {
    pub circuit: Arc<Description>,
    pub witness: Option<Arc<Witness>>,
}

#[derive(Clone)]
pub struct Columns {
    advice: Vec<Column<Advice>>,
    fixed: Vec<Column<Fixed>>,
    instance: Vec<Column<Instance>>,
    selectors: Vec<Selector>,
    challenges: Vec<Challenge>,
}

impl Columns {
    fn any(&self, kind: Kind, column: usize) -> Column<Any> {
        match kind {
            Kind::Advice => self.advice[column].into(),
            Kind::Fixed => self.fixed[column].into(),
            Kind::Instance => self.instance[column].into(),
        }
    }
    fn cell(&self, at: CellAt) -> Cell {
        Cell { row_offset: at.row, column: self.any(at.kind, at.column) }
    }
    fn expression(&self, cells: &mut VirtualCells<'_, Fr>, e: &Expr) -> Expression<Fr> {
        let mut inner = |e: &Expr| Box::new(self.expression(cells, e));
        match e {
            Expr::Constant(value) => Expression::Constant(*value),
            Expr::Negated(a) => Expression::Negated(inner(a)),
            Expr::Sum(a, b) => Expression::Sum(inner(a), inner(b)),
            Expr::Product(a, b) => Expression::Product(inner(a), inner(b)),
            Expr::Scaled(a, factor) => Expression::Scaled(inner(a), *factor),
            Expr::Challenge(i) => cells.query_challenge(self.challenges[*i]),
            Expr::Selector(i) => cells.query_selector(self.selectors[*i]),
            Expr::Query(kind, column, rotation) => cells.query_any(self.any(*kind, *column), Rotation(*rotation)),
        }
    }
    fn pairs(&self, cells: &mut VirtualCells<'_, Fr>, argument: &Argument) -> Vec<(Expression<Fr>, Expression<Fr>)> {
        argument.pairs.iter().map(|(a, b)| (self.expression(cells, a), self.expression(cells, b))).collect()
    }
}

fn evaluate(e: &Expr, cell: &dyn Fn(Kind, usize, i32) -> Fr, challenges: &[Option<Fr>]) -> Option<Fr> {
    let of = |e: &Expr| evaluate(e, cell, challenges);
    Some(match e {
        Expr::Constant(value) => *value,
        Expr::Query(kind, column, rotation) => cell(*kind, *column, *rotation),
        Expr::Challenge(i) => challenges[*i]?,
        Expr::Selector(_) => panic!("a witness holds no selectors"),
        Expr::Negated(a) => -of(a)?,
        Expr::Sum(a, b) => of(a)? + of(b)?,
        Expr::Product(a, b) => of(a)? * of(b)?,
        Expr::Scaled(a, factor) => of(a)? * factor,
    })
}

/// Rules whose challenges are not squeezed yet are left out: synthesis runs again in the phase of their column.
fn advice_values(circuit: &Description, witness: &Witness, challenges: &[Option<Fr>]) -> Vec<Vec<Fr>> {
    let n = 1usize << circuit.k;
    let padded = |columns: &[Vec<Fr>]| {
        let mut columns = columns.to_vec();
        columns.iter_mut().for_each(|column| column.resize(n, Fr::ZERO));
        columns
    };
    let mut advice = padded(&witness.advice);
    let instance = padded(&witness.instances);
    for rule in &witness.rules {
        for &row in &rule.rows {
            let cell = |kind: Kind, column: usize, rotation: i32| {
                let at = (row as i64 + n as i64 + rotation as i64) as usize % n;
                match kind {
                    Kind::Advice => advice[column][at],
                    Kind::Fixed => circuit.fixed[column][at],
                    Kind::Instance => instance[column][at],
                }
            };
            let Some(mut value) = evaluate(&rule.value, &cell, challenges) else { break };
            if let Some(divisor) = &rule.divisor {
                let Some(divisor) = evaluate(divisor, &cell, challenges) else { break };
                value *= divisor.invert().expect("a divisor that is not zero");
            }
            advice[rule.column][row] = value;
        }
    }
    advice
}

impl Circuit<Fr> for Described {
    type Config = Columns;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Option<Arc<Description>>;

    fn params(&self) -> Self::Params {
        Some(self.circuit.clone())
    }
    fn without_witnesses(&self) -> Self {
        Described { circuit: self.circuit.clone(), witness: None }
    }
    fn configure(_: &mut ConstraintSystem<Fr>) -> Columns {
        unreachable!("configured with its description")
    }
    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, params: Self::Params) -> Columns {
        let circuit = params.expect("a description");
        let mut columns = Columns { advice: vec![], fixed: vec![], instance: vec![], selectors: vec![], challenges: vec![] };
        for phase in &circuit.advice_phases {
            columns.advice.push(match phase {
                0 => meta.advice_column_in(FirstPhase),
                1 => meta.advice_column_in(SecondPhase),
                _ => meta.advice_column_in(ThirdPhase),
            });
        }
        columns.fixed = circuit.fixed.iter().map(|_| meta.fixed_column()).collect();
        columns.instance = (0..circuit.instance_columns).map(|_| meta.instance_column()).collect();
        for phase in &circuit.challenge_phases {
            columns.challenges.push(match phase {
                0 => meta.challenge_usable_after(FirstPhase),
                1 => meta.challenge_usable_after(SecondPhase),
                _ => meta.challenge_usable_after(ThirdPhase),
            });
        }
        for selector in &circuit.selectors {
            columns.selectors.push(if selector.simple { meta.selector() } else { meta.complex_selector() });
        }
        // All queries in their order, before the first expression asks for one.
        let mut registered = false;
        let mut register = |cells: &mut VirtualCells<'_, Fr>| {
            if !std::mem::replace(&mut registered, true) {
                for (kind, column, rotation) in &circuit.queries {
                    cells.query_any(columns.any(*kind, *column), Rotation(*rotation));
                }
            }
        };
        for (name, constraints) in &circuit.gates {
            meta.create_gate(name, |cells| {
                register(cells);
                constraints.iter().map(|(name, e)| (name.clone(), columns.expression(cells, e))).collect::<Vec<_>>()
            });
        }
        for lookup in &circuit.lookups {
            meta.lookup_any(&lookup.name, |cells| {
                register(cells);
                columns.pairs(cells, lookup)
            });
        }
        for (kind, column) in &circuit.permutation {
            meta.enable_equality(columns.any(*kind, *column));
        }
        for column in &circuit.constants {
            meta.enable_constant(columns.fixed[*column]);
        }
        if let Some(degree) = circuit.minimum_degree {
            meta.set_minimum_degree(degree);
        }
        columns
    }

    fn synthesize(&self, columns: Columns, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let mut challenges = vec![None; columns.challenges.len()];
        for (challenge, known) in columns.challenges.iter().zip(&mut challenges) {
            layouter.get_challenge(*challenge).map(|value| *known = Some(value));
        }
        layouter.assign_region(
            || "all",
            |mut region| {
                for (column, values) in columns.fixed.iter().zip(&self.circuit.fixed) {
                    for (row, value) in values.iter().enumerate().filter(|(_, value)| !bool::from(value.is_zero())) {
                        region.assign_fixed(*column, row, *value);
                    }
                }
                for (selector, description) in columns.selectors.iter().zip(&self.circuit.selectors) {
                    for row in &description.rows {
                        selector.enable(&mut region, *row)?;
                    }
                }
                if let Some(witness) = &self.witness {
                    let began = Instant::now();
                    let advice = advice_values(&self.circuit, witness, &challenges);
                    INTERPRETED_NS.fetch_add(began.elapsed().as_nanos() as u64, Ordering::Relaxed);
                    for (column, values) in columns.advice.iter().zip(&advice) {
                        for (row, value) in values.iter().enumerate().filter(|(_, value)| !bool::from(value.is_zero())) {
                            region.assign_advice(*column, row, Value::known(*value));
                        }
                    }
                }
                for (left, right) in &self.circuit.copies {
                    region.constrain_equal(columns.cell(*left), columns.cell(*right));
                }
                Ok(())
            },
        )
    }
}

/// 32 little-endian bytes as hex: how our files write a key's digest.
pub fn digest_text(repr: &Fr) -> String {
    hex(repr.to_repr().as_ref())
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
