#!/usr/bin/env python3
"""Derives the polynomial of model/erfc_coefficients.hpp: GELU in float64 from operators that ONNX Runtime has.

    erfc(z) = t exp(-z^2) Q(u),  t = 2 / (2 + z),  u = 2 t - 1,  z >= 0

Q is smooth on [-1, 1] (u = -1 is z = infinity), so its Chebyshev series falls quickly: by more than a factor of 2 a term, hence the
same polynomial in powers of u has small coefficients and Horner's rule loses nothing. erfc is computed here in 80 digits: its
Taylor series below z = 5, its continued fraction above.

    derive_erfc.py           prints the header's numbers
    derive_erfc.py --check   exits 1 unless the header holds them; prints the largest error of the series in float64
"""
import math
import pathlib
import re
import sys
from decimal import Decimal, getcontext

getcontext().prec = 80
TERMS = 28
NODES = 96
HEADER = pathlib.Path(__file__).resolve().parent.parent / "model" / "erfc_coefficients.hpp"


def pi():
    """Machin's formula."""
    def arctan_inverse(n):
        total, power, k = Decimal(0), Decimal(1) / n, 0
        while abs(power) > Decimal(10) ** -90:
            total += power / (2 * k + 1) * (-1) ** k
            power /= n * n
            k += 1
        return total
    return 4 * (4 * arctan_inverse(5) - arctan_inverse(239))


PI = pi()


def cosine(x):
    total, term, k = Decimal(0), Decimal(1), 0
    while abs(term) > Decimal(10) ** -70:
        total += term
        k += 2
        term *= -x * x / (k * (k - 1))
    return total


def scaled_erfc(z):
    """exp(z^2) erfc(z)."""
    if z < 5:
        total, term, n = Decimal(0), z, 0
        while abs(term) > Decimal(10) ** -75:  # erf = 2/sqrt(pi) exp(-z^2) sum 2^n z^(2n+1) / (2n+1)!!
            total += term
            n += 1
            term *= 2 * z * z / (2 * n + 1)
        return (z * z).exp() - 2 / PI.sqrt() * total
    fraction = z
    for k in range(1500, 0, -1):  # 1 / (z + (1/2) / (z + 1 / (z + (3/2) / (z + ..
        fraction = z + Decimal(k) / 2 / fraction
    return 1 / (PI.sqrt() * fraction)


def q(u):
    t = (u + 1) / 2
    return scaled_erfc(2 / t - 2) / t


def coefficients():
    angles = [PI * (2 * j + 1) / (2 * NODES) for j in range(NODES)]
    values = [q(cosine(angle)) for angle in angles]
    result = []
    for k in range(TERMS):
        c = 2 * sum(value * cosine(k * angle % (2 * PI)) for value, angle in zip(values, angles)) / NODES
        result.append(c / 2 if k == 0 else c)
    return powers(result)


def powers(chebyshev):
    """sum_k c_k T_k(u) as coefficients of u^0, u^1, ..; T_k+1 = 2 u T_k - T_k-1."""
    before, now = [Decimal(1)], [Decimal(0), Decimal(1)]
    total = [chebyshev[0]] + [Decimal(0)] * (len(chebyshev) - 1)
    for c in chebyshev[1:]:
        for i, factor in enumerate(now):
            total[i] += c * factor
        after = [Decimal(0)] + [2 * factor for factor in now]
        for i, factor in enumerate(before):
            after[i] -= factor
        before, now = now, after
    return total


def approximate(c, z):
    t = 2 / (2 + z)
    u = 2 * t - 1
    total = 0.0
    for coefficient in reversed(c):
        total = total * u + coefficient
    return t * math.exp(-z * z) * total


def main():
    numbers = [float(c) for c in coefficients()]
    if "--check" not in sys.argv:
        for number in numbers:
            print(f"    {number!r},")
        return 0
    table = HEADER.read_text(encoding="utf-8").split("kErfcCoefficients = {")[1].split("}")[0]
    found = [float(number) for number in re.findall(r"[-0-9.e+]+", table)]
    worst = max(abs(approximate(numbers, i / 500) - math.erfc(i / 500)) for i in range(15000))
    print(f"largest error of erfc in float64, z = 0 .. 30: {worst:.2g}")
    return 0 if found == numbers else 1


if __name__ == "__main__":
    sys.exit(main())
