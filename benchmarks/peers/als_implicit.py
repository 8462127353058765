#!/usr/bin/env python3
"""ALS beside the library implicit 0.7.3 (CPU), in turns on the same matrix.

    python3 -m venv PEERS && PEERS/bin/pip install implicit==0.7.3 scipy threadpoolctl
    PEERS/bin/python benchmarks/peers/als_implicit.py build/release/bin/bench_als [--dims 64 128] [--rounds 3] [--exact]

The matrix is made up (benchmarks/support/zipf_ratings.hpp); --customers and --items set its size. implicit minimises
sum_S C (1 - y)^2 + sum_not S y^2 + reg (|W|^2 + |H|^2) with one weight C for all purchases. With t = C / (C - 1) and
factors divided by sqrt(t), that is up to a constant t^2 (C - 1) times our objective with c = 1, alpha0 = 1 / (C - 1),
nu = 0, lambda = reg / (t (C - 1)). So both solve the same problem from the same start, and both objectives are
ours. implicit runs 3 plain CG steps (its default), or exact Cholesky with --exact, without computing
its loss, on all cores with BLAS on one thread, as it asks for. Seconds are per iteration (both half-steps) without the
objective, wall and processor time, medians over all rounds and all iterations but each first one, which pays for
what happens once.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402
import scipy.sparse  # noqa: E402
from implicit.cpu.als import AlternatingLeastSquares  # noqa: E402

WEIGHT = 41.0  # C
TARGET = WEIGHT / (WEIGHT - 1)
ALPHA0 = 1 / (WEIGHT - 1)


def loss(ratings, users, items, regularization):
    """sum_S (y - 1)^2 + alpha0 sum_all y^2 + lambda (|W|^2 + |H|^2)"""
    users, items = users / np.sqrt(TARGET), items / np.sqrt(TARGET)
    observed = 0.0
    for begin in range(0, ratings.shape[0], 50_000):
        rows = ratings[begin:begin + 50_000].tocoo()
        y = np.einsum("ij,ij->i", users[begin + rows.row], items[rows.col], dtype=np.float64)
        observed += np.sum((y - 1) ** 2)
    gramians = [np.dot(x.T, x).astype(np.float64) for x in (users, items)]
    return observed + ALPHA0 * np.sum(gramians[0] * gramians[1]) + regularization * sum(np.trace(g) for g in gramians)


def fit_implicit(ratings, folder, dim, iterations, regularization, exact, objectives):
    model = AlternatingLeastSquares(factors=dim, regularization=regularization * TARGET * (WEIGHT - 1), alpha=1.0,
                                    iterations=iterations, use_cg=not exact, calculate_training_loss=False)
    scale = np.float32(np.sqrt(TARGET))
    model.user_factors = scale * np.fromfile(f"{folder}/customers.f32", np.float32).reshape(-1, dim)
    model.item_factors = scale * np.fromfile(f"{folder}/items.f32", np.float32).reshape(-1, dim)
    found = []
    began = [time.perf_counter(), time.process_time()]

    def after(*_):
        wall, cpu = time.perf_counter() - began[0], time.process_time() - began[1]
        value = loss(ratings, model.user_factors, model.item_factors, regularization) if objectives else None
        found.append({"seconds": wall, "cpu_seconds": cpu, "objective": value})
        began[:] = time.perf_counter(), time.process_time()

    model.fit(ratings, show_progress=False, callback=after)
    return found


def fit_ours(program, folder, dim, iterations, regularization):
    lines = subprocess.run([program, "fit", folder, str(dim), str(iterations), repr(regularization), repr(ALPHA0), "0"],
                           check=True, capture_output=True, text=True).stdout.splitlines()
    return [dict(zip(("seconds", "cpu_seconds", "objective"), map(float, line.split()))) for line in lines]


def median(runs, key):
    return statistics.median(iteration[key] for run in runs for iteration in run[1:])


def compare(arguments, ratings, folder, dim):
    ours, theirs = [], []
    subprocess.run([arguments.program, "start", folder, *map(str, ratings.shape), str(dim)], check=True)
    for n in range(arguments.rounds):
        ours.append(fit_ours(arguments.program, folder, dim, arguments.iterations, arguments.regularization))
        theirs.append(fit_implicit(ratings, folder, dim, arguments.iterations, arguments.regularization, False, n == 0))
    result = {"dim": dim, "entries": int(ratings.nnz), "ours": ours, "implicit": theirs}
    if arguments.exact:
        exact = fit_implicit(ratings, folder, dim, arguments.iterations, arguments.regularization, True, True)
        result["exact"] = exact
        result["above_exact"] = [ours[0][-1]["objective"] / exact[-1]["objective"] - 1,
                                 theirs[0][-1]["objective"] / exact[-1]["objective"] - 1]
    for key in ("seconds", "cpu_seconds"):
        result[f"ratio_{key}"] = median(theirs, key) / median(ours, key)
    for i, (mine, peer) in enumerate(zip(ours[0], theirs[0])):
        print(f"d {dim} iteration {i + 1}: objective {mine['objective']:.6e} ours, {peer['objective']:.6e} implicit"
              + (f", {result['exact'][i]['objective']:.6e} exact" if arguments.exact else ""))
    print(f"d {dim}: seconds per iteration {median(ours, 'seconds'):.2f} ours, {median(theirs, 'seconds'):.2f} implicit, "
          f"ratio {result['ratio_seconds']:.1f}; processor seconds {median(ours, 'cpu_seconds'):.2f}, "
          f"{median(theirs, 'cpu_seconds'):.2f}, ratio {result['ratio_cpu_seconds']:.1f}"
          + (f"; above exact {result['above_exact'][0]:.3%} ours, {result['above_exact'][1]:.3%} implicit"
             if arguments.exact else ""), flush=True)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="bench_als")
    parser.add_argument("--dims", type=int, nargs="+", default=[64, 128])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--iterations", type=int, default=3)
    parser.add_argument("--customers", type=int, default=1_550_000)
    parser.add_argument("--items", type=int, default=300_000)
    parser.add_argument("--regularization", type=float, default=.3, help="lambda of our objective")
    parser.add_argument("--exact", action="store_true", help="also exact Cholesky, which takes long")
    parser.add_argument("--out", help="JSON file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([arguments.program, "matrix", folder, str(arguments.customers), str(arguments.items)], check=True)
        indptr = np.fromfile(f"{folder}/indptr.i64", dtype=np.int64)
        indices = np.fromfile(f"{folder}/indices.i32", dtype=np.int32)
        values = np.full(len(indices), WEIGHT, dtype=np.float32)
        ratings = scipy.sparse.csr_matrix((values, indices, indptr))
        results = [compare(arguments, ratings, folder, dim) for dim in arguments.dims]
    if arguments.out:
        with open(arguments.out, "w") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
