#!/usr/bin/env python3
"""The 50 partners with the highest counts of every item, by implicit's ItemItemRecommender: one measure.

    pairs_implicit.py FOLDER K      FOLDER: as bench_pairs make writes it
"""

import sys

import implicit.nearest_neighbours

import raw_files
from clock import Clock, report

baskets = raw_files.matrix(sys.argv[1]).astype("float64")  # what it counts in
clock = Clock()
implicit.nearest_neighbours.ItemItemRecommender(K=int(sys.argv[2])).fit(baskets, show_progress=False)
report(clock.taken(), lines=baskets.nnz)
