"""Verifies LatentLedger proofs: needs a vk.json and a proof.json, nothing else.

    import pathlib
    import latentledger

    result = latentledger.verify(pathlib.Path("vk.json"), pathlib.Path("proof.json"))
    if not result.accepted:
        raise SystemExit(result.reason)

A proof that is well-formed and false is an answer (``accepted`` is False). Bytes that are not what their format says, and
a proof made under another key, raise VerifierError. Take the verifying key from somebody you trust, and look at
``srs_standing`` and at the public vectors: they are what was proved.
"""
from __future__ import annotations

import dataclasses
import os
from typing import Optional, Union

from . import _native

__all__ = ["Key", "VerifierError", "VerifyResult", "verify"]
__version__: str = _native.version()

Source = Union[str, bytes, bytearray, memoryview, "os.PathLike[str]"]
"""A JSON text (str or bytes), or the path of a file with it (pathlib.Path)."""

_CODES = {1: "invalid_argument", 2: "malformed", 3: "mismatch", 4: "memory", 5: "internal"}


class VerifierError(ValueError):
    """The question could not be answered. ``code``: "malformed", "mismatch" (another key, an edited file), "memory",
    "invalid_argument" or "internal"."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.code: str = _CODES.get(status, "internal")


@dataclasses.dataclass(frozen=True)
class VerifyResult:
    """What came out of one verification. True where a bool is expected exactly when the proof is accepted."""

    accepted: bool
    reason: str  #: why not; empty when accepted
    statement: str  #: "update", "delta", "update-private", "genesis" or "open"
    transfers: int  #: the most that one batch may hold; how many there were stays hidden
    vk_digest: str  #: of the key, 64 hex digits
    srs_standing: str  #: "ceremony", "simulated", "test-only" or "unknown"
    srs_name: str
    prev: tuple[int, ...]  #: the public vectors, in units of 2^-(v_frac_bits + balance_bits); empty where there is none
    delta: tuple[int, ...]
    new: tuple[int, ...]
    embedding: tuple[int, ...]  #: of "genesis" and "open"
    state_before: Optional[str]  #: of an accepted "update-private": the commitment, 64 hex digits
    state: Optional[str]  #: the state after it, or that of an accepted "genesis" or "open". Equal texts are equal states

    def __bool__(self) -> bool:
        return self.accepted


class Key:
    """A verifying key, read and checked once, for many proofs. Never changes; threads may share it.

    Raises VerifierError for a text that is no vk.json, OSError for a path that cannot be read, TypeError otherwise.
    """

    statement: str
    digest: str
    vhat_digest: str
    accounts: int
    dims: int
    transfers: int
    proof_bytes: int
    k: int
    srs_standing: str
    srs_name: str

    def __init__(self, vk: Source) -> None:
        self._native = _native.Key(_read(vk, "vk"))
        for name, value in self._native.facts().items():
            setattr(self, name, value)

    def verify(self, proof: Source) -> VerifyResult:
        """Checks a proof.json under this key."""
        accepted, reason, *vectors, before, after = self._native.verify(_read(proof, "proof"))
        return VerifyResult(accepted, reason, self.statement, self.transfers, self.digest, self.srs_standing, self.srs_name,
                            *map(tuple, vectors), before, after)

    def __repr__(self) -> str:
        return f"<latentledger.Key {self.statement} {self.digest[:16]}... SRS {self.srs_standing}>"


def verify(vk: Source, proof: Source) -> VerifyResult:
    """Checks a proof.json under a vk.json. Raises as Key does."""
    return Key(vk).verify(proof)


def _read(source: Source, name: str) -> bytes:
    if isinstance(source, str):
        return source.encode("utf-8", "surrogatepass")
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, os.PathLike):
        with open(source, "rb") as file:
            return file.read()
    raise TypeError(f"{name}: str, bytes or a path is expected, not {type(source).__name__}")
