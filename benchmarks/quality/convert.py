"""Turns published evaluation data sets into order files that nextbest reads.

    .venv/bin/python benchmarks/quality/convert.py NAME FOLDER

NAME is tafeng, gowalla, amazon_beauty or beibei; the original files lie in $NEXTBEST_TEST_DATA/NAME. Writes
FOLDER/NAME.parquet. What is history and what is a target stays exactly as published; examples/NAME.toml evaluates it.
"""

import datetime
import gzip
import json
import os
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq

# These data have an order but no dates. The newest order of everybody gets the same day, the one before it the day
# before, and so on: ages in days are then ages in orders, for every customer alike.
LAST_DAY = datetime.date(2001, 2, 28)


def days_back(age):
    return LAST_DAY - datetime.timedelta(days=age)


def tafeng(source):
    """Baskets of fixed train, validation and test users; the last basket of the latter two is to be predicted."""
    with gzip.open(source / "TaFeng.json.gz", "rt") as text:
        users = json.load(text)
    rows = {"order_id": [], "customer_id": [], "item_id": [], "ordered_at": [], "split": []}
    order = 0
    for part, held_out in (("train", "train"), ("validate", "validation"), ("test", "test")):
        for user, baskets in users[part].items():
            for place, basket in enumerate(baskets):
                age = len(baskets) - 1 - place
                for item in basket:
                    rows["order_id"].append(order)
                    rows["customer_id"].append(int(user))
                    rows["item_id"].append(item)
                    rows["ordered_at"].append(days_back(age))
                    rows["split"].append(held_out if age == 0 else "train")
                order += 1
    return rows


def lines_of(path):
    """`user item item ...`"""
    with gzip.open(path, "rt") as text:
        for line in text:
            user, *items = map(int, line.split())
            yield user, items


def gowalla(source):
    """Check-ins of a fixed random split, without order or time."""
    rows = {"customer_id": [], "item_id": [], "split": []}
    for part in ("train", "test"):
        for user, items in lines_of(source / f"{part}.txt.gz"):
            rows["customer_id"] += [user] * len(items)
            rows["item_id"] += items
            rows["split"] += [part] * len(items)
    return rows


def amazon_beauty(source):
    """Reviews of each user in time order; the last is the target, the one before it for validation."""
    rows = {"customer_id": [], "item_id": [], "ordered_at": []}
    for user, items in lines_of(source / "Beauty.txt.gz"):
        rows["customer_id"] += [user] * len(items)
        rows["item_id"] += items
        rows["ordered_at"] += [days_back(len(items) - 1 - place) for place in range(len(items))]
    return rows


def beibei(source):
    """Purchases, one held out per user, without order or time."""
    rows = {"customer_id": [], "item_id": [], "split": []}
    for part in ("train", "test"):
        with gzip.open(source / f"buy.{part}.txt.gz", "rt") as text:
            next(text)
            for line in text:
                user, item = map(int, line.split())
                rows["customer_id"].append(user)
                rows["item_id"].append(item)
                rows["split"].append(part)
    return rows


CONVERTERS = {"tafeng": tafeng, "gowalla": gowalla, "amazon_beauty": amazon_beauty, "beibei": beibei}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in CONVERTERS:
        sys.exit(__doc__)
    name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    data = os.environ.get("NEXTBEST_TEST_DATA")
    if not data:
        sys.exit("convert: NEXTBEST_TEST_DATA is not set: it names the folder with the original data sets")
    table = pa.table(CONVERTERS[name](pathlib.Path(data) / name))
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{name}.parquet"
    pq.write_table(table, unfinished, compression="zstd")
    unfinished.replace(folder / f"{name}.parquet")
    print(f"{folder / name}.parquet: {table.num_rows} lines")


if __name__ == "__main__":
    main()
