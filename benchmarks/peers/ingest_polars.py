#!/usr/bin/env python3
"""The same as ingest_duckdb.py with polars.

    ingest_polars.py FILES
"""

import json
import resource
import sys
import time

import polars as pl

files = sys.argv[1]
columns = ["order_id", "customer_id", "item_id", "ordered_at", "quantity", "unit_price"]
start = time.perf_counter()
scan = pl.scan_csv(files, try_parse_dates=True) if files.endswith("csv") else pl.scan_parquet(files)
lines = scan.select(columns).collect()
for name in ("order", "customer", "item"):
    codes = lines.select(pl.col(f"{name}_id").unique().sort()).with_row_index(f"{name}_code")
    lines = lines.join(codes, on=f"{name}_id", how="left").drop(f"{name}_id")
log = lines.sort("customer_code", "ordered_at", "order_code", "item_code")
print(json.dumps({"peer": "polars", "version": pl.__version__, "lines": log.height,
                  "seconds": round(time.perf_counter() - start, 3),
                  "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
