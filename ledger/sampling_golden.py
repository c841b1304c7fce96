#!/usr/bin/env python3
"""The expected values of Sampling.TheseExactBits (sampling_test.cpp), computed again in Python: ChaCha20 keystream of
SeededRng(42, 7), then the same operations on IEEE doubles in the same order as sampling.cpp."""
import math
import struct


def chacha20_block(key: bytes, nonce: bytes, counter: int) -> bytes:
    start = [*struct.unpack("<4I", b"expand 32-byte k"), *struct.unpack("<8I", key),
             counter & 0xFFFFFFFF, counter >> 32, *struct.unpack("<2I", nonce)]
    w = start[:]

    def mix(a, b, turn, into):
        w[a] = (w[a] + w[b]) & 0xFFFFFFFF
        x = w[into] ^ w[a]
        w[into] = ((x << turn) | (x >> (32 - turn))) & 0xFFFFFFFF

    for _ in range(10):
        for a, b, c, d in [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                           (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]:
            mix(a, b, 16, d)
            mix(c, d, 12, b)
            mix(a, b, 8, d)
            mix(c, d, 7, b)
    return struct.pack("<16I", *[(a + b) & 0xFFFFFFFF for a, b in zip(w, start)])


class SeededRng:
    def __init__(self, seed: int, stream: int):
        self.key, self.nonce = struct.pack("<Q", seed) + bytes(24), struct.pack("<Q", stream)
        self.counter, self.bytes = 0, b""

    def next_u64(self) -> int:
        if not self.bytes:
            self.bytes, self.counter = chacha20_block(self.key, self.nonce, self.counter), self.counter + 1
        value, self.bytes = struct.unpack("<Q", self.bytes[:8])[0], self.bytes[8:]
        return value

    def below(self, bound: int) -> int:
        top = 2**64 - 1
        while True:
            value = self.next_u64()
            if value < top - top % bound:
                return value % bound


LN2, SQRT_HALF = float.fromhex("0x1.62e42fefa39efp-1"), float.fromhex("0x1.6a09e667f3bcdp-1")
LN2_HIGH, LN2_LOW = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")


def log(x):
    m, exponent = math.frexp(x)
    if m < SQRT_HALF:
        m, exponent = m * 2, exponent - 1
    t = (m - 1) / (m + 1)
    t2, series = t * t, 0.0
    for odd in range(23, 2, -2):
        series = (series + 1.0 / odd) * t2
    return (exponent * LN2_LOW + 2 * t * series) + 2 * t + exponent * LN2_HIGH


def exp(x):
    scaled = x / LN2
    k = int(scaled + (0.5 if scaled >= 0 else -0.5))
    r, series = (x - k * LN2_HIGH) - k * LN2_LOW, 1.0
    for i in range(16, 0, -1):
        series = 1 + series * r / i
    return math.ldexp(series, k)


def uniform_open(rng):
    return float((rng.next_u64() >> 12) << 1 | 1) * 2.0**-53


def normal(rng):
    while True:
        u = 2 * uniform_open(rng) - 1
        v = 2 * uniform_open(rng) - 1
        s = u * u + v * v
        if 0 < s < 1:
            return u * math.sqrt(-2 * log(s) / s)


def pick(rng, shares):
    at = rng.below(1000)
    for part, share in enumerate(shares):
        if at < share:
            return part
        at -= share


def amount_wei(rng):
    part = pick(rng, [69, 288, 536, 107])
    z = max(-6.0, min(6.0, normal(rng)))
    wei = int(exp([39.45, 41.48, 42.24, 48.28][part] + [0.42, 0.03, 1.29, 0.79][part] * z))
    whole = [10**18, 10**16, 10**9, 1][pick(rng, [10, 69, 566, 355])]
    return max(wei - wei % whole if wei >= whole else wei, 1)


def block_gap(rng):
    if rng.below(10000) < 2126:
        return 0
    mean = 8.9 if rng.below(100) < 85 else 52.0
    rate = -log(1.0 - 1.0 / mean)
    return 1 + int(-log(uniform_open(rng)) / rate)


if __name__ == "__main__":
    source = SeededRng(42, 7)
    for value in (log(3.0), exp(1.0), normal(source)):
        print(struct.pack(">d", value).hex())
    print(amount_wei(source), [block_gap(source) for _ in range(8)])
