#!/usr/bin/env python3
"""Ingestion against duckdb and polars on the same files, one after another in turn; medians and ratios.

    nextbest synth /tmp/lines --lines 24000000 --items 300000 --customers 1550000
    benchmarks/peers/ingest.py --program build/release/bin/nextbest --python VENV/bin/python \\
        --files '/tmp/lines/orders/*.parquet' --out-dir /tmp/log --rounds 3

VENV holds duckdb and polars. Ours writes the whole order log (HDF5, synced to the disk), cleans, and counts what it
cleaned; the peers stop with a sorted table in memory. The files are read once before the first round, so that all find
them in the page cache.
"""

import argparse
import glob
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent


def run_ours(arguments):
    out = pathlib.Path(arguments.out_dir)
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        job = pathlib.Path(folder) / "job.toml"
        job.write_text(f'[job]\nout_dir = "{out}"\n[input.orders]\npath = "{arguments.files}"\n')
        subprocess.run([arguments.program, "ingest", str(job)], check=True, capture_output=True)
    stage = json.loads((out / "work" / "manifest.json").read_text())["stages"][0]
    return {"peer": "nextbest", "lines": stage["details"]["lines"], "seconds": round(stage["seconds"], 3),
            "peak_bytes": stage["peak_host_bytes"]}


def run_peer(arguments, script):
    result = subprocess.run([arguments.python, str(HERE / script), arguments.files], check=True, capture_output=True)
    return json.loads(result.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("program", "python", "files", "out-dir"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", help="write the measurements there")
    arguments = parser.parse_args()
    for path in glob.glob(arguments.files):
        pathlib.Path(path).read_bytes()

    rounds = []
    for _ in range(arguments.rounds):
        rounds.append([run_ours(arguments), run_peer(arguments, "ingest_duckdb.py"),
                       run_peer(arguments, "ingest_polars.py")])
        print("  ".join(f"{one['peer']} {one['seconds']:.2f} s" for one in rounds[-1]), flush=True)
    result = []
    for runs in zip(*rounds):
        seconds = statistics.median(one["seconds"] for one in runs)
        result.append({**runs[0], "seconds": seconds, "rounds": [one["seconds"] for one in runs],
                       "peak_bytes": max(one["peak_bytes"] for one in runs)})
    for one in result:
        ratio = one["seconds"] / result[0]["seconds"]
        print(f"{one['peer']:<10}{one['seconds']:>8.2f} s{ratio:>7.2f}x{one['peak_bytes'] / 2**30:>7.2f} GiB")
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
