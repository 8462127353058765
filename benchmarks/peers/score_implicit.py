#!/usr/bin/env python3
"""The exact best K items of each customer but the owned ones, by implicit's topk (what `recommend` calls).

    score_implicit.py MATRIX FACTORS DIM K      MATRIX: as bench_als matrix writes it; FACTORS: customers.f32, items.f32

Writes implicit.score.f32 into FACTORS, to be compared with ours.
"""

import sys
from pathlib import Path

from implicit.cpu.topk import topk

import raw_files
from clock import Clock, report

folder, dim, k = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
customers, items = (raw_files.factors(folder, name, dim) for name in ("customers", "items"))
owned = raw_files.matrix(sys.argv[1], rows=len(customers))
owned.resize(len(customers), len(items))
clock = Clock()
_, scores = topk(items, customers, k, filter_query_items=owned)
taken = clock.taken()
scores.astype("float32").tofile(Path(folder, "implicit.score.f32"))
report(taken)
