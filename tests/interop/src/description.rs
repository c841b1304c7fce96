//! Circuits and witnesses as data: reads docs/formats/circuit.md. What is malformed panics: the files come from our own tests.
use halo2_axiom::halo2curves::{bn256::Fr, ff::PrimeField};
use serde_json::Value as Json;

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Advice,
    Fixed,
    Instance,
}

pub enum Expr {
    Constant(Fr),
    Query(Kind, usize, i32),
    Challenge(usize),
    Selector(usize),
    Negated(Box<Expr>),
    Sum(Box<Expr>, Box<Expr>),
    Product(Box<Expr>, Box<Expr>),
    Scaled(Box<Expr>, Fr),
}

pub struct SelectorRows {
    pub simple: bool,
    pub rows: Vec<usize>,
}

pub struct Argument {
    pub name: String,
    pub pairs: Vec<(Expr, Expr)>,
}

#[derive(Clone, Copy)]
pub struct CellAt {
    pub kind: Kind,
    pub column: usize,
    pub row: usize,
}

pub struct Description {
    pub k: u32,
    pub minimum_degree: Option<usize>,
    pub compress_selectors: bool,
    pub advice_phases: Vec<u64>,
    pub instance_columns: usize,
    pub challenge_phases: Vec<u64>,
    pub selectors: Vec<SelectorRows>,
    /// The plain ones: converted selectors are left to halo2.
    pub fixed: Vec<Vec<Fr>>,
    pub queries: Vec<(Kind, usize, i32)>,
    pub gates: Vec<(String, Vec<(String, Expr)>)>,
    pub lookups: Vec<Argument>,
    pub permutation: Vec<(Kind, usize)>,
    pub constants: Vec<usize>,
    pub copies: Vec<(CellAt, CellAt)>,
}

pub struct Rule {
    pub column: usize,
    pub rows: Vec<usize>,
    pub value: Expr,
    pub divisor: Option<Expr>,
}

pub struct Witness {
    pub instances: Vec<Vec<Fr>>,
    pub advice: Vec<Vec<Fr>>,
    pub rules: Vec<Rule>,
}

fn list(value: &Json) -> &Vec<Json> {
    value.as_array().expect("an array")
}

fn number(value: &Json) -> usize {
    value.as_u64().expect("a number") as usize
}

fn text(value: &Json) -> String {
    value.as_str().expect("a string").to_string()
}

fn scalar(value: &Json) -> Fr {
    let digits = value.as_str().and_then(|t| t.strip_prefix("0x")).expect("a field element");
    let padded = format!("{digits:0>64}");
    let mut bytes = [0u8; 32];
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&padded[62 - 2 * i..64 - 2 * i], 16).expect("hex");
    }
    Fr::from_repr(bytes).expect("below r")
}

fn kind(value: &Json) -> Kind {
    match value.as_str() {
        Some("advice") => Kind::Advice,
        Some("fixed") => Kind::Fixed,
        Some("instance") => Kind::Instance,
        _ => panic!("no kind of column: {value}"),
    }
}

fn runs(value: &Json) -> Vec<Fr> {
    let mut values = vec![];
    for run in list(value) {
        match run.as_array() {
            Some(pair) => values.extend(std::iter::repeat(scalar(&pair[0])).take(number(&pair[1]))),
            None => values.push(scalar(run)),
        }
    }
    values
}

fn expression(value: &Json) -> Expr {
    let inner = |i: usize| Box::new(expression(&value[i]));
    match value[0].as_str().expect("an expression") {
        "constant" => Expr::Constant(scalar(&value[1])),
        "challenge" => Expr::Challenge(number(&value[1])),
        "selector" => Expr::Selector(number(&value[1])),
        "negated" => Expr::Negated(inner(1)),
        "sum" => Expr::Sum(inner(1), inner(2)),
        "product" => Expr::Product(inner(1), inner(2)),
        "scaled" => Expr::Scaled(inner(1), scalar(&value[2])),
        _ => Expr::Query(kind(&value[0]), number(&value[1]), value[2].as_i64().expect("a rotation") as i32),
    }
}

fn cell(value: &[Json]) -> CellAt {
    CellAt { kind: kind(&value[0]), column: number(&value[1]), row: number(&value[2]) }
}

impl Description {
    pub fn read(json: &Json) -> Description {
        assert_eq!(json["format"], "latentledger-circuit");
        assert_eq!(json["schema_version"], 1);
        assert!(list(&json["shuffles"]).is_empty(), "halo2-axiom has no shuffles");
        let plain = number(&json["plain_fixed_columns"]);
        let mut queries = vec![];
        for (of, name) in [(Kind::Advice, "advice_queries"), (Kind::Instance, "instance_queries"), (Kind::Fixed, "fixed_queries")] {
            for query in list(&json[name]) {
                let column = number(&query[0]);
                if of != Kind::Fixed || column < plain {
                    queries.push((of, column, query[1].as_i64().expect("a rotation") as i32));
                }
            }
        }
        let numbers = |name: &str| list(&json[name]).iter().map(number).collect::<Vec<_>>();
        Description {
            k: number(&json["k"]) as u32,
            minimum_degree: json["minimum_degree"].as_u64().map(|d| d as usize),
            compress_selectors: json["compress_selectors"].as_bool().expect("a flag"),
            advice_phases: list(&json["advice"]).iter().map(|c| number(&c["phase"]) as u64).collect(),
            instance_columns: list(&json["instance"]).len(),
            challenge_phases: numbers("challenges").into_iter().map(|p| p as u64).collect(),
            selectors: list(&json["selectors"])
                .iter()
                .map(|s| SelectorRows {
                    simple: s["simple"].as_bool().expect("a flag"),
                    rows: list(&s["rows"]).iter().flat_map(|r| number(&r[0])..number(&r[0]) + number(&r[1])).collect(),
                })
                .collect(),
            fixed: list(&json["fixed"])[..plain].iter().map(runs).collect(),
            queries,
            gates: list(&json["gates"])
                .iter()
                .map(|g| {
                    let constraints = list(&g["constraints"]).iter();
                    (text(&g["name"]), constraints.map(|c| (text(&c["name"]), expression(&c["polynomial"]))).collect())
                })
                .collect(),
            lookups: list(&json["lookups"])
                .iter()
                .map(|l| Argument {
                    name: text(&l["name"]),
                    pairs: list(&l["inputs"]).iter().map(expression).zip(list(&l["tables"]).iter().map(expression)).collect(),
                })
                .collect(),
            permutation: list(&json["permutation"]).iter().map(|c| (kind(&c[0]), number(&c[1]))).collect(),
            constants: numbers("constants"),
            copies: list(&json["copies"]).iter().map(|c| (cell(&list(c)[..3]), cell(&list(c)[3..]))).collect(),
        }
    }
}

impl Witness {
    pub fn read(json: &Json) -> Witness {
        assert_eq!(json["format"], "latentledger-witness");
        assert_eq!(json["schema_version"], 1);
        Witness {
            instances: list(&json["instances"]).iter().map(runs).collect(),
            advice: list(&json["advice"]).iter().map(runs).collect(),
            rules: list(&json["rules"])
                .iter()
                .map(|r| {
                    let (first, count, step) = (number(&r["rows"][0]), number(&r["rows"][1]), number(&r["rows"][2]));
                    Rule {
                        column: number(&r["column"]),
                        rows: (0..count).map(|i| first + i * step).collect(),
                        value: expression(&r["value"]),
                        divisor: (!r["divisor"].is_null()).then(|| expression(&r["divisor"])),
                    }
                })
                .collect(),
        }
    }
}
