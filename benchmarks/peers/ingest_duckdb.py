#!/usr/bin/env python3
"""Order lines with dense codes, sorted by customer and time, as a user of duckdb would make them: dictionaries by
distinct, then joined. Writes nothing.

    ingest_duckdb.py FILES      FILES: a glob of Parquet or CSV files
"""

import sys

import duckdb

from clock import Clock, report

files = sys.argv[1]
clock = Clock()
db = duckdb.connect()
db.execute("set preserve_insertion_order = false")
reader = "read_csv" if files.endswith("csv") else "read_parquet"
db.execute(f"create table lines as select order_id, customer_id, item_id, ordered_at, quantity, unit_price "
           f"from {reader}('{files}')")
for name in ("order", "customer", "item"):
    db.execute(f"create table {name}s as select {name}_id, row_number() over (order by {name}_id) - 1 as {name}_code "
               f"from (select distinct {name}_id from lines)")
db.execute("create table log as select customer_code, order_code, item_code, ordered_at, quantity, unit_price "
           "from lines join orders using (order_id) join customers using (customer_id) join items using (item_id) "
           "order by customer_code, ordered_at, order_code, item_code")
report(clock.taken(), lines=db.execute("select count(*) from log").fetchone()[0])
