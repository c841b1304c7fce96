#!/usr/bin/env python3
"""Derives every constant of algebra/ from the BN parameter x, in plain integers, and known answers to test against.

  derive_bn254.py            prints the constants
  derive_bn254.py --vectors  prints tests/vectors/bn254.json (which algebra/vectors_test.cpp reads)
  derive_bn254.py --check FILE  exits 1 unless FILE is what --vectors prints
"""
import json
import random
import sys

X = 4965661367192848881
Q = 36 * X**4 + 36 * X**3 + 24 * X**2 + 6 * X + 1
R = 36 * X**4 + 36 * X**3 + 18 * X**2 + 6 * X + 1
MONT = 2**256


def hex64(value):
    return f"0x{value:064x}"


# F_q² as pairs, u² = -1.
def mul2(a, b):
    return ((a[0] * b[0] - a[1] * b[1]) % Q, (a[0] * b[1] + a[1] * b[0]) % Q)


def pow2(a, e):
    out = (1, 0)
    while e:
        if e & 1:
            out = mul2(out, a)
        a = mul2(a, a)
        e >>= 1
    return out


def inv2(a):
    norm = pow(a[0] * a[0] + a[1] * a[1], -1, Q)
    return (a[0] * norm % Q, -a[1] * norm % Q)


XI = (9, 1)


# Points of y² = x³ + b by the textbook formulas; None is the identity.
def add_points(p, q):
    if p is None or q is None:
        return q if p is None else p
    if p[0] == q[0]:
        if (p[1] + q[1]) % Q == 0:
            return None
        slope = 3 * p[0] * p[0] * pow(2 * p[1], -1, Q) % Q
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, Q) % Q
    x = (slope * slope - p[0] - q[0]) % Q
    return (x, (slope * (p[0] - x) - p[1]) % Q)


def times(k, p):
    out = None
    while k:
        if k & 1:
            out = add_points(out, p)
        p = add_points(p, p)
        k >>= 1
    return out


def constants():
    t = (R - 1) >> 28
    assert t % 2 == 1 and Q % 4 == 3 and (R - 1) % 3 == 0
    root = pow(7, t, R)
    assert pow(root, 2**27, R) == R - 1
    b2 = mul2((3, 0), inv2(XI))
    frobenius = [pow2(XI, i * (Q - 1) // 6) for i in range(6)]
    # The endomorphism (x, y) -> (beta·x, y) of G1 and its eigenvalue; of the two cube roots the small ones.
    lam = 36 * X**3 + 18 * X**2 + 6 * X + 1
    assert (lam * lam + lam + 1) % R == 0
    beta = min(b for b in (pow(3, (Q - 1) // 3, Q), pow(3, 2 * (Q - 1) // 3, Q)))
    assert times(lam, (1, 2)) == (beta, 2)
    a, b, c = 6 * X**2 + 4 * X + 1, 2 * X + 1, 6 * X**2 + 2 * X
    assert (a + b * lam) % R == 0 and (-b + c * lam) % R == 0 and a * c + b * b == R
    return {
        "x": hex64(X), "q": hex64(Q), "r": hex64(R),
        "fr_root_of_unity": hex64(root), "fr_delta": hex64(pow(7, 2**28, R)),
        "fr_zeta": hex64(pow(7, 2 * (R - 1) // 3, R)),
        "fr_montgomery_one": hex64(MONT % R), "fq_montgomery_one": hex64(MONT % Q),
        "g2_b": [hex64(v) for v in b2],
        "frobenius": [[hex64(v) for v in f] for f in frobenius],
        "glv_lambda": hex64(lam), "glv_beta": hex64(beta),
        "glv_a": hex64(a), "glv_b": hex64(b), "glv_c": hex64(c),
        "glv_c_over_r": hex64((MONT * c + R // 2) // R), "glv_b_over_r": hex64((MONT * b + R // 2) // R),
    }


def field_rows(p):
    rng = random.Random(254)
    edges = [0, 1, 2, p - 1, p - 2, (p - 1) // 2, (p + 1) // 2, MONT % p, MONT * MONT % p, pow(MONT, -1, p)]
    for shift in (64, 128, 192):
        edges += [2**shift - 1, 2**shift, p - 2**shift]
    # Montgomery forms with full words: the carries of the product
    edges += [v * pow(MONT, -1, p) % p for v in (2**64 - 1, 2**128 - 1, 2**192 - 1, p - 1, p - 2**64, p - 2**192)]
    values = edges + [rng.randrange(p) for _ in range(12)]
    rows = []
    for i, a in enumerate(values):
        for b in (values[(i * 7 + 3) % len(values)], values[(i * 11 + 5) % len(values)], a):
            rows.append([hex64(v) for v in (a, b, (a + b) % p, (a - b) % p, a * b % p, pow(a, -1, p) if a else 0,
                                            a * MONT % p)])
    return rows


def vectors():
    scalars = [1, 2, 3, R - 1, R - 2, 2**64, 0x123456789ABCDEF0123456789ABCDEF, constants_lambda()]
    wide = list(range(64))
    return {
        "origin": "tools/derive_bn254.py --vectors (plain Python integers)",
        "constants": constants(),
        "field_columns": ["a", "b", "a+b", "a-b", "a*b", "1/a or 0", "a*2^256"],
        "fr": field_rows(R), "fq": field_rows(Q),
        "wide_reduction_of_bytes_00_to_3f": hex64(int.from_bytes(bytes(wide), "little") % R),
        "g1_multiples": [[hex64(v) for v in (k, *times(k, (1, 2)))] for k in scalars],
    }


def constants_lambda():
    return 36 * X**3 + 18 * X**2 + 6 * X + 1


def vectors_text():
    def rows(name, table):
        return f' "{name}": [\n' + ",\n".join("  " + json.dumps(row) for row in table) + "\n ]"

    parts = []
    for name, value in vectors().items():
        parts.append(rows(name, value) if name in ("fr", "fq", "g1_multiples") else
                     f' "{name}": ' + json.dumps(value, indent=1 if name == "constants" else None))
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments):
    if not arguments:
        print(json.dumps(constants(), indent=1))
    elif arguments == ["--vectors"]:
        sys.stdout.write(vectors_text())
    elif len(arguments) == 2 and arguments[0] == "--check":
        with open(arguments[1], encoding="utf-8") as file:
            if file.read() != vectors_text():
                sys.exit(f"{arguments[1]} is not what derive_bn254.py --vectors prints")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
