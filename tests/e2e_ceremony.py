#!/usr/bin/env python3
"""End to end with ceremonies: 16 people, each a process of their own; the SRS they make; what must be refused; real files.

    e2e_ceremony.py BINARY SHARED
"""
import json
import pathlib
import shutil
import sys
import tempfile

from command import Command, changed, no_parts, run_all, sampled

BINARY, SHARED = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
REAL = SHARED / "vectors" / "srs"
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_ceremony_"))
ll = Command(BINARY, WORK)
PEOPLE = [f"person {i:02}" for i in range(1, 17)]
C = WORK / "c"


def sixteen_processes_make_an_srs():
    begun = ll.json("ceremony", "new", "--power", "4", "--beacon-source", "drand", "--beacon-round", "77",
                    "--beacon-iterations-exp", "10", "-o", "c/00.ceremony")["result"]
    assert begun["kind"] == "kzg" and begun["power"] == 4 and begun["simulated"] is False, begun
    (WORK / "dice.txt").write_text("3 1 4 1 5 9 2 6")
    seen = set()
    for i, name in enumerate(PEOPLE):
        answer = ll.run("ceremony", "contribute", "--name", name, "--entropy", f"secret words of {name}", "--entropy-file", "dice.txt",
                        "--key", f"c/key{i + 1:02}", "-i", f"c/{i:02}.ceremony", "-o", f"c/{i + 1:02}.ceremony", "--json")
        assert answer.code == 0 and "secret words" not in answer.out + answer.err, answer
        seen.add(json.loads(answer.out)["result"]["contributor"])
        assert (C / f"key{i + 1:02}").stat().st_mode & 0o077 == 0
    assert len(seen) == 16
    ll.expect(0, "ceremony", "beacon", "--source", "drand", "--round", "77", "--value", "aa" * 32, "--iterations-exp", "10",
              "-i", "c/16.ceremony", "-o", "c/final.ceremony")
    checked = ll.json("ceremony", "verify", "-i", "c/final.ceremony")["result"]
    assert checked["verified"] and checked["contributors"] == 16 and checked["beacon_announced"] and checked["beacon_replayed"], checked
    skipped = ll.json("ceremony", "verify", "-i", "c/final.ceremony", "--skip-beacon-replay")["result"]
    assert skipped["beacon_replayed"] is False and any("NOT computed again" in note for note in skipped["notes"]), skipped
    transcript = ll.json("ceremony", "transcript", "c/final.ceremony")["result"]
    assert [r["name"] for r in transcript["records"]] == PEOPLE + ["beacon"], transcript
    assert len(json.dumps(transcript)) < 40_000
    done = ll.json("ceremony", "finalize", "-i", "c/final.ceremony", "-o", "c/srs")["result"]
    finished = ["ceremony", "verify", "--srs", "c/srs/srs.bin", "--transcript", "c/srs/transcript.json"]
    assert ll.json(*finished)["result"]["contributors"] == 16
    ll.expect(4, "ceremony", "verify", "--srs", "c/srs/srs.bin", "--transcript", "dice.txt")
    ll.expect(2, "ceremony", "verify", "--srs", "c/srs/srs.bin")
    info = ll.json("srs", "info", "c/srs/srs.bin")["result"]
    assert info["sha256"] == done["sha256"] and info["k"] == 4 and info["standing"] == "unknown" and info["name"] is None, info
    for key in ("format", "k", "name", "sha256", "contributions", "beacon", "standing"):
        assert key in info, key
    sums = dict(reversed(line.split("  ")) for line in (C / "srs" / "SHA256SUMS").read_text().splitlines())
    for k in (1, 3):
        cut = ll.json("srs", "truncate", "c/srs/srs.bin", "--k", k, "-o", f"c/{k}.srs")["result"]
        assert cut["sha256"] == sums[f"k={k}"], (k, cut)
    assert ll.json("srs", "info", "c/final.ceremony")["result"]["format"] == "ceremony"
    ll.expect(0, "srs", "verify", "c/final.ceremony")


def lies_are_refused():
    data = (C / "final.ceremony").read_bytes()
    for offset in sampled(len(data), 30):
        if data[offset] in b" \n":
            continue
        (WORK / "bad").write_bytes(changed(data, offset))
        ll.expect(4, "ceremony", "verify", "-i", "bad")
    for bad in (data[:-1], data + b"\0", data[: len(data) // 2], b""):
        (WORK / "bad").write_bytes(bad)
        ll.expect(4, "ceremony", "verify", "-i", "bad")
    # Older than the head, another ceremony's, its own input.
    ll.expect(0, "ceremony", "import", "c/03.ceremony", "-i", "c/02.ceremony", "-o", "c/taken.ceremony")
    error = ll.json("ceremony", "import", "c/02.ceremony", "-i", "c/03.ceremony", "-o", "c/never", code=4)
    assert error["code"] == "mismatch" and "not newer" in error["message"], error
    ll.expect(0, "ceremony", "new", "--power", "4", "-o", "c/other0")
    ll.expect(0, "ceremony", "contribute", "--name", "eve", "-i", "c/other0", "-o", "c/other1")
    ll.expect(4, "ceremony", "import", "c/other1", "-i", "c/00.ceremony", "-o", "c/never")
    ll.expect(2, "ceremony", "contribute", "--name", "eve", "-i", "c/other1", "-o", "c/other1")
    error = ll.json("ceremony", "beacon", "--source", "drand", "--round", "78", "--value", "aa" * 32, "--iterations-exp", "10",
                    "-i", "c/16.ceremony", "-o", "c/never", code=4)
    assert "77" in error["message"] and "78" in error["message"], error
    ll.expect(6, "ceremony", "finalize", "-i", "c/00.ceremony", "-o", "c/never-srs")
    assert not (C / "never").exists()


def attestations():
    ll.expect(0, "ceremony", "attest", "--before", "c/04.ceremony", "--after", "c/05.ceremony", "--key", "c/key05", "--text",
              "on my own laptop", "-o", "c/attestation.json")
    ll.expect(0, "ceremony", "verify", "-i", "c/final.ceremony", "--attestation", "c/attestation.json")
    ll.expect(4, "ceremony", "attest", "--before", "c/04.ceremony", "--after", "c/05.ceremony", "--key", "c/key06", "-o", "c/no.json")
    text = (C / "attestation.json").read_text()
    (C / "attestation.json").write_text(text.replace("own laptop", "own server"))
    ll.expect(4, "ceremony", "verify", "-i", "c/final.ceremony", "--attestation", "c/attestation.json")


def simulated_says_so():
    run = ll.expect(0, "ceremony", "simulate", "--power", "4", "--contributors", "16", "-o", "sim")
    assert "SIMULATED" in run.err and "SIMULATED" in run.out, run
    info = ll.json("srs", "info", "sim/srs.bin")["result"]
    assert info["standing"] == "simulated" and "SIMULATED" in info["name"], info
    assert ll.json("srs", "info", "sim/state.ceremony")["result"]["standing"] == "simulated"
    assert ll.json("ceremony", "verify", "-i", "sim/state.ceremony")["result"]["simulated"] is True
    text = (WORK / "sim" / "state.ceremony").read_bytes().replace(b'"simulated": true', b'"simulated": fals')
    (WORK / "bad").write_bytes(text)
    ll.expect(4, "ceremony", "verify", "-i", "bad")


def every_pasted_example_works():
    for verb in ("new", "contribute", "beacon", "verify", "finalize", "transcript", "import", "simulate"):
        example = ll.expect(0, "ceremony", verb, "--help").out.splitlines()[0].split()[1:]
        ll.expect(0, *example)
    ll.expect(0, "ceremony", "new", "--ptau", "--power", "3", "-o", "c/2.ceremony")
    ll.expect(0, *ll.expect(0, "ceremony", "export", "--help").out.splitlines()[0].split()[1:])
    ll.expect(0, "ceremony", "contribute", "--name", "ada", "--key", "c/key", "-i", "c/2.ceremony", "-o", "c/3.ceremony")
    ll.expect(0, "ceremony", "attest", "--key", "c/key", "--before", "c/2.ceremony", "--after", "c/3.ceremony", "--text", "on my laptop",
              "-o", "c/attestation.json")


def a_beacon_that_was_stopped_goes_on():
    ll.expect(0, "ceremony", "new", "--power", "2", "-o", "c/b0")
    ll.expect(0, "ceremony", "contribute", "--name", "ada", "-i", "c/b0", "-o", "c/b1")
    words = ["ceremony", "beacon", "--source", "x", "--value", "01", "--iterations-exp", "22", "--resume", "-i", "c/b1", "-o", "c/b2"]
    run = ll.interrupt_after(0.05, *words)
    assert run.code in (0, 130), run
    if run.code == 130:
        assert not (C / "b2").exists()
        ll.expect(0, *words)
    ll.expect(0, "ceremony", "verify", "-i", "c/b2")


def wrong_files_are_named():
    (WORK / "eip4844.json").write_text(json.dumps({"transcripts": [{"numG1Powers": 4096, "numG2Powers": 65, "powersOfTau": {}}]}))
    (WORK / "ckzg.txt").write_text("4096\n65\n" + "a0413c0dcafec6dbc9f47d66785cf1e8c981044f7d13cfe3e4fcbb71b5408dfde6312493cb3c1d30516cb3ca88c03654\n")
    for name in ("eip4844.json", "ckzg.txt"):
        error = ll.json("srs", "info", name, code=6)
        assert "BLS12-381" in error["message"] and "BN254" in error["message"], error
    (WORK / "page.ptau").write_text("<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>")
    assert "web page" in ll.json("srs", "info", "page.ptau", code=4)["message"]


def a_file_named_like_hermez_is_not_hermez():
    ll.expect(0, "ceremony", "new", "--ptau", "--power", "3", "-o", "c/fake0")
    ll.expect(0, "ceremony", "contribute", "--name", "somebody", "-i", "c/fake0", "-o", "c/fake1")
    ll.expect(0, "ceremony", "export", "ptau", "-i", "c/fake1", "-o", "powersOfTau28_hez_final_10.ptau")
    for verb in ("info", "verify"):
        answer = ll.json("srs", verb, "powersOfTau28_hez_final_10.ptau")["result"]
        assert answer["name"] is None and answer["standing"] == "unknown" and answer["contributions"] == 1, answer


def the_bundled_srs_holds():
    folder = pathlib.Path(__file__).resolve().parent.parent / "srs"
    checked = ll.json("ceremony", "verify", "--srs", folder / "simulated-14.srs", "--transcript", folder / "simulated-14.transcript.json")["result"]
    assert checked["contributors"] == 16 and checked["simulated"] and checked["beacon_replayed"], checked
    info = ll.json("srs", "info", folder / "simulated-14.srs")["result"]
    assert info["standing"] == "simulated" and info["k"] == 14, info


def real_ceremonies_are_verified():
    if not REAL.exists():
        print(f"SKIPPED, LOUDLY: no real ceremony files at {REAL}")
        return
    hermez, ppot = REAL / "powersOfTau28_hez_final_08.ptau", REAL / "pot28_0086_nopoints.ptau"
    info = ll.json("srs", "info", hermez)["result"]
    assert info["name"] == "Hermez powersOfTau28_hez_final" and info["published_as"] == "powersOfTau28_hez_final_08.ptau", info
    assert info["standing"] == "ceremony" and info["contributions"] == 55 and info["beacon"] is True and info["k"] == 8, info
    checked = ll.json("srs", "verify", hermez)["result"]
    assert checked["chain_checked"] and checked["beacon_replayed"] and not checked["next_challenge_rederived"], checked
    assert any("CANNOT be derived again" in note for note in checked["notes"]), checked
    print(f"    Hermez 08: 55 contributions and all points in {checked['verify_ms']:.0f} ms")
    skipped = ll.json("srs", "verify", "--skip-beacon-replay", hermez)["result"]
    assert not skipped["beacon_replayed"] and any("NOT computed again" in note for note in skipped["notes"]), skipped
    checked = ll.json("srs", "verify", ppot)["result"]
    assert checked["chain_checked"] and not checked["points_checked"] and checked["contributions"] == 67, checked
    print(f"    PPoT 0086: 67 contributions in {checked['verify_ms']:.0f} ms")
    converted = ll.json("srs", "convert", hermez, "-o", "h8.srs")["result"]
    assert converted["sha256"] == "4b67ff25b9c00ffc5557f907d0c22cbfe6f4a75a41e5a16cffe199fb50105664", converted
    assert converted["standing"] == "ceremony" and converted["published_as"] == "halo2 raw, k = 8", converted
    five = ll.json("srs", "convert", hermez, "--k", "5", "--format", "processed", "-o", "h5.srs")["result"]
    assert five["format"] == "halo2-processed" and five["standing"] == "ceremony" and five["published_as"] is None, five
    one = ll.json("srs", "info", REAL / "ppot_0071_k1.srs")["result"]
    assert one["name"] == "Perpetual Powers of Tau 0071" and one["published_as"] == "halo2 raw, k = 1", one
    response = ll.json("srs", "verify", REAL / "ppot_response_form_k8.bin")["result"]
    assert response["format"] == "ppot-response" and response["standing"] == "unknown" and response["points_checked"], response
    # A real setup is where a ceremony of ours can begin.
    ll.expect(0, "ceremony", "new", "--from", hermez, "--power", "5", "-o", "c/h0")
    ll.expect(0, "ceremony", "contribute", "--name", "ada", "-i", "c/h0", "-o", "c/h1")
    unchecked = ll.json("ceremony", "verify", "-i", "c/h1")["result"]
    assert unchecked["initial_checked"] is False and any("--from-initial" in note for note in unchecked["notes"]), unchecked
    assert ll.json("ceremony", "verify", "-i", "c/h1", "--from-initial", hermez)["result"]["initial_checked"] is True
    ll.expect(4, "ceremony", "verify", "-i", "c/h1", "--from-initial", "h8.srs")
    ll.expect(6, "ceremony", "new", "--ptau", "--power", "8", "--from", hermez, "-o", "c/never")  # cut from power 28


if __name__ == "__main__":
    try:
        run_all([sixteen_processes_make_an_srs, lies_are_refused, attestations, simulated_says_so, wrong_files_are_named,
                 a_file_named_like_hermez_is_not_hermez, the_bundled_srs_holds, real_ceremonies_are_verified, a_beacon_that_was_stopped_goes_on,
                 every_pasted_example_works])
        no_parts(WORK)
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
