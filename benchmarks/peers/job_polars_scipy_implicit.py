#!/usr/bin/env python3
"""The whole job as users of polars, scipy and implicit write it: order lines in; the table of pairs with its measures,
embeddings, and a list of new items for every customer out, as Parquet.

    job_polars_scipy_implicit.py FILES OUT FACTORS ITERATIONS TOP_PER_ITEM LIST_SIZE
"""

import sys
from pathlib import Path

import numpy
import polars as pl
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import ItemItemRecommender

from clock import Clock, report
from ingest_polars import encoded

BATCH = 50_000  # customers scored at a time


def counted(log, row, shape):
    rows, items = log[f"{row}_code"].to_numpy(), log["item_code"].to_numpy()
    matrix = scipy.sparse.csr_matrix((numpy.ones(log.height), (rows, items)), shape=shape)
    matrix.sum_duplicates()
    return matrix


def pairs(baskets, ids, top_per_item):
    baskets.data[:] = 1
    model = ItemItemRecommender(K=top_per_item + 1)  # an item is its own best partner there
    model.fit(baskets, show_progress=False)
    both = model.similarity.tocoo()
    both = pl.DataFrame({"target": both.row, "item": both.col, "n_orders_both": both.data}).filter(
        pl.col("target") != pl.col("item"))
    n = pl.Series("n", numpy.asarray(baskets.sum(axis=0)).ravel())
    name = ids["item"]["item_id"]
    a, b, units = n.gather(both["target"]), n.gather(both["item"]), baskets.shape[0]
    both = both.with_columns(n_target=a, n_item=b)
    both = both.with_columns(confidence=pl.col("n_orders_both") / pl.col("n_target"),
                             lift=pl.col("n_orders_both") * units / (pl.col("n_target") * pl.col("n_item")),
                             cosine=pl.col("n_orders_both") / (pl.col("n_target") * pl.col("n_item")).sqrt(),
                             jaccard=pl.col("n_orders_both")
                             / (pl.col("n_target") + pl.col("n_item") - pl.col("n_orders_both")))
    both = both.with_columns(target_item_id=name.gather(both["target"]), item_id=name.gather(both["item"]))
    return both.drop("target", "item").sort("target_item_id", "n_orders_both", descending=[False, True])


def lists(model, history, ids, size):
    for begin in range(0, history.shape[0], BATCH):
        customers = numpy.arange(begin, min(begin + BATCH, history.shape[0]))
        items, scores = model.recommend(customers, history[customers], N=size)
        yield pl.DataFrame({
            "customer_id": ids["customer"]["customer_id"].gather(numpy.repeat(customers, items.shape[1])),
            "item_id": ids["item"]["item_id"].gather(items.ravel()), "score": scores.ravel()})


def main(files, out, factors, iterations, top_per_item, list_size):
    clock = Clock()
    log, ids = encoded(files)
    items = ids["item"].height
    pairs(counted(log, "order", (ids["order"].height, items)), ids, int(top_per_item)).write_parquet(
        Path(out, "pairs.parquet"))
    history = counted(log, "customer", (ids["customer"].height, items))
    del log
    model = AlternatingLeastSquares(factors=int(factors), iterations=int(iterations))
    model.fit(history, show_progress=False)
    for side, name in ((model.user_factors, "customer"), (model.item_factors, "item")):
        ids[name].with_columns(factors=side).write_parquet(Path(out, f"{name}_factors.parquet"))
    for part, rows in enumerate(lists(model, history, ids, int(list_size))):
        rows.write_parquet(Path(out, f"next_best-{part:05}.parquet"))
    report(clock.taken())


main(*sys.argv[1:])
