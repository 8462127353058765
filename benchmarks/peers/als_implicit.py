#!/usr/bin/env python3
"""implicit's ALS on the CPU: 3 plain steps of conjugate gradients, its default, or exact Cholesky.

    als_implicit.py MATRIX START DIM ITERATIONS LAMBDA [--exact]      MATRIX, START: as bench_als writes them

implicit minimises sum_S C (1 - y)^2 + sum_not S y^2 + reg (|W|^2 + |H|^2) with one weight C for all purchases. With
t = C / (C - 1) and factors divided by sqrt(t), that is up to a constant t^2 (C - 1) times our objective with c = 1,
alpha0 = 1 / (C - 1), nu = 0, lambda = reg / (t (C - 1)). So both solve the same problem from the same start, and both
objectives are ours. Seconds are those of one iteration (both half-steps) without the objective, the median of all
iterations but the first, which pays for what happens once.
"""

import statistics
import sys

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares

import raw_files
from clock import Clock, report

ALPHA0 = .025
WEIGHT = 1 + 1 / ALPHA0  # C
TARGET = WEIGHT / (WEIGHT - 1)


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


def fit(ratings, start, dim, iterations, regularization, exact):
    model = AlternatingLeastSquares(factors=dim, regularization=regularization * TARGET * (WEIGHT - 1), alpha=1.0,
                                    iterations=iterations, use_cg=not exact, calculate_training_loss=False)
    scale = np.float32(np.sqrt(TARGET))
    model.user_factors = scale * raw_files.factors(start, "customers", dim)
    model.item_factors = scale * raw_files.factors(start, "items", dim)
    found, objective, clock = [], [], Clock()

    def after(*_):
        nonlocal clock
        found.append(clock.taken())
        objective.append(float(loss(ratings, model.user_factors, model.item_factors, regularization)))
        clock = Clock()

    model.fit(ratings, show_progress=False, callback=after)
    later = found[1:] or found
    return {unit: statistics.median(one[unit] for one in later) for unit in found[0]}, objective


def main(folder, start, dim, iterations, regularization, *exact):
    taken, objective = fit(raw_files.matrix(folder, WEIGHT), start, int(dim), int(iterations), float(regularization),
                           bool(exact))
    report(taken, objective=objective)


main(*sys.argv[1:])
