#!/usr/bin/env python3
"""Shares of a proof's processor time, from the stacks that perf has sampled (tools/profile_proof.sh).

    profile_shares.py BENCH.json STACKS.txt > PROFILE.json

BENCH.json is what `latentledger bench --only prove_256 --json` printed while it was sampled, STACKS.txt what `perf script -F
pid,tid,ip,sym` says of the run. Each sample counts for the innermost function that one of the patterns names, so a transform that
the quotient asks for is a transform, and a product inside a sum of points belongs to that sum. Samples of loading keys and data, and
of processes that the bench has started, are left out.
"""
import collections
import json
import re
import sys

# In this order only where one function's name fits two: the first that fits counts.
PARTS = [
    ("MSM", r"msm|Msm|MSM|BatchAdder|AffineSums|sum_batch|BucketSums|side_by_side|Modulus52<4332616871279656263|invert_times|bucket|Bucket|glv|affine_sums|batch_to_affine|Srs::commit|Endomorphism"),
    ("NTT", r"Ntt|\bntt|intt|butterfl|scale_by_powers|to_bit_reversed"),
    ("quotient", r"quotient|Quotient|RowProgram|row_program|numerator|Numerator|divide_by_vanishing"),
    ("permutation and lookups", r"permutation|Permutation|products|lookup|Lookup"),
    ("opening", r"shplonk|gwc|opening|Opening|divide_by_linear|add_scaled|evaluate|horner"),
    ("random", r"Rng|random|chacha|getrandom|sodium"),
    ("transcript", r"Transcript|transcript|blake2|Blake2|keccak|Keccak|challenge"),
    ("witness", r"trace_update|update_statement|Update|update|Layouter|Region|Witness|PhaseAssignment|first_invalid|embed|fill_"
                r"|MemoryCheck|memory_check|digit|encoder_rows|balances"),
    ("I/O", r"read_file|write_file|write_text|MappedFile|vfs_|ksys_(read|write)|fsync"),
]
LOADING = re.compile(r"load_key_folder|load_ether_ledger|load_ledger|proving_key|Dataset::load|make_witness|posix_spawn|run_verb|dl_|_dl_"
                     r"|load_module|Srs::read|Application::parse|CLI::|sha256")
NAMED = [(name, re.compile(pattern)) for name, pattern in PARTS]


def stacks(lines):
    """(process, functions from the innermost outwards) of each sample."""
    process, functions = None, []
    for line in [*lines, "\n"]:
        if not line.strip():
            if process is not None:
                yield process, functions
            process, functions = None, []
        elif line[0].isspace() and process is not None:
            functions.append(line.split(None, 1)[1].strip() if len(line.split(None, 1)) > 1 else "")
        else:
            head = re.match(r"\s*(\d+)(?:/\s*\d+)?\s*$", line)
            if head:
                process = int(head.group(1))


def part_of(functions):
    for function in functions:
        for name, pattern in NAMED:
            if pattern.search(function):
                return name
    kernel = functions and re.match(r"(do_|__|sys|entry_|asm_|clear_page|exc_|handle_)", functions[0])
    return "memory pages and system" if kernel else "other"


def shares(lines):
    counts, skipped, found = collections.Counter(), 0, list(stacks(lines))
    # The process that proves, fifteen times over, has the most samples; those that it starts have few.
    bench = collections.Counter(process for process, _ in found).most_common(1)[0][0] if found else None
    for process, functions in found:
        if process != bench or any(LOADING.search(function) for function in functions):
            skipped += 1
        else:
            counts[part_of(functions)] += 1
    total = sum(counts.values())
    if total == 0:
        sys.exit("profile_shares: no sample of a proof in the stacks")
    return {"samples": total, "left_out": skipped,
            "shares": {name: round(count / total, 4) for name, count in counts.most_common()}}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        result = json.load(file)["result"]
    row = next(row for row in result["results"] if row["name"] == "prove_256")
    with open(sys.argv[2], encoding="utf-8", errors="replace") as file:
        profile = shares(file)
    head = {key: result[key] for key in ("machine", "kernels", "threads", "commit", "compiler")}
    cpu = row["cpu_seconds"]
    profile = {"of": row["what"], "cpu_seconds_sampled": cpu, **profile}
    print(json.dumps({"result": {**head, "profile": profile, "results": []}}, indent=1))


if __name__ == "__main__":
    main()
