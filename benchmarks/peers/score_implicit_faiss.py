#!/usr/bin/env python3
"""Exact top k by inner product: nextbest's score_top_k against implicit's topk and faiss's IndexFlatIP, on the same
factors, interleaved.

    pip install implicit faiss-cpu scipy numpy
    benchmarks/peers/score_implicit_faiss.py build/release/bin/bench_score [--factors FOLDER] [--dim 64] [--rounds 3]

Without --factors the factors are drawn from a normal distribution. FOLDER holds users.f32, items.f32 (row-major) and
owned.indptr.i64, owned.indices.i32. Owned items are filtered by implicit and by nextbest; faiss has no such filter and
is asked for the plain top k, which is less work. --users takes that many users for the peers and scales their times
up. The lists are compared with implicit's. Prints medians and ratios as JSON; the index that nextbest makes once is
named apart.
"""
import argparse
import json
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import faiss
import implicit
import numpy
import scipy.sparse
from implicit.cpu.topk import topk


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(work):
    start, cpu = time.perf_counter(), cpu_seconds()
    result = work()
    return {"seconds": time.perf_counter() - start, "cpu": cpu_seconds() - cpu}, result


def draw(folder, users, items, dim):
    random = numpy.random.default_rng(1)
    random.standard_normal((users, dim), dtype=numpy.float32).tofile(Path(folder, "users.f32"))
    random.standard_normal((items, dim), dtype=numpy.float32).tofile(Path(folder, "items.f32"))
    owned = [numpy.unique((items * random.random(n) ** 3).astype(numpy.int32))
             for n in numpy.minimum(random.geometric(1 / 12, users), 200)]
    numpy.cumsum([0] + [len(row) for row in owned], dtype=numpy.int64).tofile(Path(folder, "owned.indptr.i64"))
    numpy.concatenate(owned).tofile(Path(folder, "owned.indices.i32"))


def ours(args, folder):
    command = [args.program, folder, str(args.dim), str(args.k), str(args.threads), "1"]
    line = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return ({"seconds": line["score_seconds"], "cpu": line["score_cpu"]},
            {"seconds": line["index_seconds"], "cpu": line["index_cpu"]})


def compare(args, folder):
    users = numpy.fromfile(Path(folder, "users.f32"), numpy.float32).reshape(-1, args.dim)
    items = numpy.fromfile(Path(folder, "items.f32"), numpy.float32).reshape(-1, args.dim)
    indptr = numpy.fromfile(Path(folder, "owned.indptr.i64"), numpy.int64)
    indices = numpy.fromfile(Path(folder, "owned.indices.i32"), numpy.int32)
    owned = scipy.sparse.csr_matrix((numpy.ones(len(indices), numpy.float32), indices, indptr),
                                    shape=(len(users), len(items)))
    some = min(args.users or len(users), len(users))
    scale = len(users) / some
    faiss.omp_set_num_threads(args.threads)
    index = faiss.IndexFlatIP(args.dim)
    index.add(items)
    times = {"nextbest": [], "nextbest, index": [], "implicit": [], "faiss": []}
    for _ in range(args.rounds):
        score, made = ours(args, folder)
        times["nextbest"].append(score)
        times["nextbest, index"].append(made)
        time_implicit, (_, scores) = timed(
            lambda: topk(items, users[:some], args.k, filter_query_items=owned[:some], num_threads=args.threads))
        time_faiss, _ = timed(lambda: index.search(users[:some], args.k))
        for name, taken in (("implicit", time_implicit), ("faiss", time_faiss)):
            times[name].append({unit: value * scale for unit, value in taken.items()})
    mine = numpy.fromfile(Path(folder, "ours.score.f32"), numpy.float32).reshape(-1, args.k)[:some]
    # implicit sums in another order, so scores agree to rounding; a wrong item would show as a wrong score.
    worst = float(numpy.max(numpy.abs(mine - scores) / numpy.maximum(1e-3, numpy.abs(scores))))
    medians = {unit: {name: statistics.median(t[unit] for t in taken) for name, taken in times.items()}
               for unit in ("seconds", "cpu")}
    for of in medians.values():
        of["ratio to the faster peer"] = min(of["implicit"], of["faiss"]) / of["nextbest"]
    return {"implicit": implicit.__version__, "faiss": faiss.__version__, "users": len(users), "items": len(items),
            "dim": args.dim, "k": args.k, "threads": args.threads, "largest relative difference": worst, **medians}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--factors")
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--users", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not args.factors:
            draw(folder, 20_000, 300_000, args.dim)
        print(json.dumps(compare(args, args.factors or folder), indent=1))


if __name__ == "__main__":
    main()
