#!/usr/bin/env python3
"""The wheel as users have it: a real proof, an altered one, wrong types, garbage.

    python_binding.py VK_JSON PROOF_JSON OTHER_VK_JSON      (with `latentledger` installed; those of other statements beside them)
"""
import concurrent.futures
import json
import pathlib
import random
import sys

import latentledger

vk, proof, other = (pathlib.Path(name) for name in sys.argv[1:4])


def raises(kind, code, call, *arguments):
    try:
        call(*arguments)
    except kind as error:
        assert code is None or error.code == code, (error.code, str(error))
        assert str(error)
        return str(error)
    raise AssertionError(f"{kind.__name__} expected for {arguments!r:.80}")


result = latentledger.verify(vk, proof)
assert result.accepted and bool(result) and result.reason == "" and result.statement == "update", result
written = json.loads(proof.read_text())
assert [list(v) for v in (result.prev, result.delta, result.new)] == [written["public"][n] for n in ("prev", "delta", "new")]
assert result.vk_digest == written["vk_digest"] and result.srs_standing in ("ceremony", "simulated", "test-only", "unknown")
for form in (proof.read_text(), proof.read_bytes(), bytearray(proof.read_bytes()), memoryview(proof.read_bytes())):
    assert latentledger.verify(vk.read_text(), form).accepted

key = latentledger.Key(vk)
assert key.digest == result.vk_digest and key.digest[:16] in repr(key) and key.dims == len(result.prev)
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    assert all(pool.map(lambda _: key.verify(proof).accepted, range(32)))

lie = json.loads(proof.read_text())
lie["public"]["new"][0] += 1
answer = key.verify(json.dumps(lie))
assert not answer.accepted and not answer and answer.reason, answer
flipped = dict(written, proof=written["proof"][:-1] + ("0" if written["proof"][-1] != "0" else "1"))
assert not key.verify(json.dumps(flipped)).accepted

message = raises(latentledger.VerifierError, "mismatch", latentledger.verify, other, proof)
assert key.digest in message
raises(latentledger.VerifierError, "malformed", latentledger.verify, proof, proof)
for garbage in ("", "{}", "[" * 100000, b"\xff\xfe\x00", "\ud800", json.dumps({"format": "latentledger-proof"})):
    raises(latentledger.VerifierError, "malformed", key.verify, garbage)
    raises(latentledger.VerifierError, "malformed", latentledger.Key, garbage)
for wrong in (None, 5, 1.5, [], {}, object()):
    raises(TypeError, None, latentledger.verify, wrong, proof)
    raises(TypeError, None, key.verify, wrong)
raises(FileNotFoundError, None, latentledger.Key, pathlib.Path("absent.json"))
raises(TypeError, None, latentledger._native.Key, "text")

folder = vk.parent
chain = {name: latentledger.verify(folder / f"{name}_vk.json", folder / f"{name}_proof.json")
         for name in ("delta", "genesis", "update-private", "open")}
assert all(r.accepted and r.statement == name for name, r in chain.items()), chain
assert chain["genesis"].state == chain["update-private"].state_before != chain["update-private"].state == chain["open"].state
assert all(len(chain[n].embedding) == 8 and not chain[n].delta for n in ("genesis", "open")) and not chain["update-private"].embedding
assert len(chain["delta"].delta) == 8 and not chain["delta"].prev and chain["delta"].state is None and result.state is None
raises(latentledger.VerifierError, "mismatch", latentledger.verify, folder / "open_vk.json", folder / "genesis_proof.json")

numbers = random.Random(5)
refused = errors = 0
for _ in range(300):
    data = bytearray(proof.read_bytes())
    data[numbers.randrange(len(data) - 1)] ^= 1 << numbers.randrange(8)
    try:
        answer = key.verify(data)
        assert not answer.accepted, data
        refused += 1
    except latentledger.VerifierError:
        errors += 1
assert refused > 10 and errors > 10, (refused, errors)
print(f"latentledger {latentledger.__version__}: accepted; 300 changed proofs: {refused} refused, {errors} not read")
