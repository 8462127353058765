#!/usr/bin/env python3
"""The exact best K items of each customer by faiss's IndexFlatIP. It has no filter of owned items: less work.

    score_faiss.py FACTORS DIM K
"""

import sys

import faiss

import raw_files
from clock import Clock, report

folder, dim, k = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
customers, items = (raw_files.factors(folder, name, dim) for name in ("customers", "items"))
clock = Clock()
index = faiss.IndexFlatIP(dim)
index.add(items)
index.search(customers, k)
report(clock.taken())
