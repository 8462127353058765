#!/usr/bin/env python3
"""Item pairs of baskets: nextbest's pair_top_k against implicit's ItemItemRecommender, on the same matrix, interleaved.

    pip install implicit scipy numpy
    benchmarks/peers/pairs_implicit.py build/release/bin/bench_pairs [--customers 1550000] [--items 300000] [--rounds 3]

implicit finds the 50 partners with the highest counts (one measure). bench_pairs indexes the baskets, finds the 50 best
by the same count with the customers and the expected count of each, and computes nine measures of every pair kept. Both
times start from baskets in memory. Prints the medians and their ratio, in seconds and in seconds of CPU, as JSON.
"""
import argparse
import json
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import implicit
import numpy
import scipy.sparse
from implicit.nearest_neighbours import ItemItemRecommender


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def ours(program, folder, args):
    command = [program, "count", folder, args.measure, str(args.k), str(args.threads), "1"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def theirs(baskets, args):
    start, cpu = time.perf_counter(), cpu_seconds()
    model = ItemItemRecommender(K=args.k, num_threads=args.threads)
    model.fit(baskets, show_progress=False)
    return {"seconds": time.perf_counter() - start, "cpu": cpu_seconds() - cpu}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--customers", type=int, default=1_550_000)
    parser.add_argument("--items", type=int, default=300_000)
    parser.add_argument("--k", type=int, default=50)
    parser.add_argument("--measure", default="count", choices=["count", "cosine", "llr"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([args.program, "make", folder, str(args.customers), str(args.items)], check=True)
        indptr = numpy.fromfile(Path(folder, "baskets.indptr.i64"), numpy.int64)
        indices = numpy.fromfile(Path(folder, "baskets.indices.i32"), numpy.int32)
        baskets = scipy.sparse.csr_matrix((numpy.ones(len(indices)), indices, indptr))
        rounds = [(ours(args.program, folder, args), theirs(baskets, args)) for _ in range(args.rounds)]
    result = {"implicit": implicit.__version__, "lines": len(indices), "threads": args.threads}
    for unit in ("seconds", "cpu"):
        mine = statistics.median(r[0][unit] for r in rounds)
        peer = statistics.median(r[1][unit] for r in rounds)
        result[unit] = {"nextbest": mine, "implicit": peer, "ratio": peer / mine}
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
