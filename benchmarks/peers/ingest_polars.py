#!/usr/bin/env python3
"""The same as ingest_duckdb.py with polars.

    ingest_polars.py FILES
"""

import sys

import polars as pl

from clock import Clock, report


def encoded(files):
    """The lines, sorted by customer and time, with a dense code for each id; and the dictionaries."""
    columns = ["order_id", "customer_id", "item_id", "ordered_at", "quantity", "unit_price"]
    scan = pl.scan_csv(files, try_parse_dates=True) if files.endswith("csv") else pl.scan_parquet(files)
    lines = scan.select(columns).collect()
    ids = {}
    for name in ("order", "customer", "item"):
        ids[name] = lines.select(pl.col(f"{name}_id").unique().sort()).with_row_index(f"{name}_code")
        lines = lines.join(ids[name], on=f"{name}_id", how="left").drop(f"{name}_id")
    return lines.sort("customer_code", "ordered_at", "order_code", "item_code"), ids


if __name__ == "__main__":
    clock = Clock()
    log, _ = encoded(sys.argv[1])
    report(clock.taken(), lines=log.height)
