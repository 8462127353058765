"""metrics.json against trec_eval: real data through the command line, targets found again from the original files, lists
read from evaluation_lists. Nothing here shares code with the program."""

import collections
import csv
import datetime
import gzip
import json
import math
import os
import pathlib
import subprocess
import sys

import pyarrow.dataset as ds
import pytest
import pytrec_eval

ROOT = pathlib.Path(__file__).resolve().parents[2]
CUTOFFS = [5, 10, 20]
TREC_NAMES = {"recall": "recall", "ndcg": "ndcg_cut", "hit_rate": "success", "precision": "P", "map": "map_cut"}


def evaluate(program, job):
    done = subprocess.run([program, "evaluate", job], cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": ""})
    assert done.returncode == 0, done.stderr[-3000:]


def read_lists(folder):
    """{source: {customer: [items, best first]}}"""
    table = ds.dataset(folder, format="parquet").to_table().to_pydict()
    lists = collections.defaultdict(lambda: collections.defaultdict(list))
    rows = zip(table["source"], table["customer_id"], table["rank"], table["item_id"])
    for source, customer, rank, item in sorted(rows):
        lists[source][customer].append(item)
        assert len(lists[source][customer]) == rank
    return lists


def trec_means(lists, targets):
    """trec_eval's means over the customers with targets; ranks stand for scores, so that ties keep their order."""
    qrels = {str(c): {str(i): 1 for i in items} for c, items in targets.items()}
    out = {}
    for k in CUTOFFS:
        run = {str(c): {str(i): float(-r) for r, i in enumerate(lists.get(c, [])[:k])} for c in targets}
        run = {c: items for c, items in run.items() if items}
        names = {f"{trec}.{k}" for trec in TREC_NAMES.values()} | {"recip_rank"}
        values = pytrec_eval.RelevanceEvaluator(qrels, names).evaluate(run).values()
        for ours, trec in TREC_NAMES.items():
            out[f"{ours}_at_{k}"] = sum(v[f"{trec}_{k}"] for v in values) / len(targets)
        out[f"mrr_at_{k}"] = sum(v["recip_rank"] for v in values) / len(targets)
    return out


def other_means(lists, targets, known_items):
    """What trec_eval does not have."""
    out = collections.defaultdict(float)
    for k in CUTOFFS:
        listed = set()
        for customer, wanted in targets.items():
            places = lists.get(customer, [])[:k]
            listed.update(places)
            hits = [item in wanted for item in places]
            gain = sum(1 / math.log2(r + 2) for r, hit in enumerate(hits) if hit)
            out[f"recall_min_k_at_{k}"] += sum(hits) / min(k, len(wanted)) / len(targets)
            full = sum(1 / math.log2(r + 2) for r in range(len(wanted)))
            out[f"ndcg_full_ideal_at_{k}"] += gain / full / len(targets)
        out[f"coverage_at_{k}"] = len(listed) / known_items
    return out


def check(metrics, lists, targets, history, known_items):
    classes = {
        "all": targets,
        "new": {c: t - history.get(c, set()) for c, t in targets.items()},
        "repeat": {c: t & history.get(c, set()) for c, t in targets.items()},
    }
    assert metrics["customers"] == len(targets)
    for name, wanted in classes.items():
        wanted = {c: t for c, t in wanted.items() if t}
        assert metrics["customers_by_target"][name] == len(wanted)
        for source, found in [("blend", metrics["targets"]), *metrics["sources"].items()]:
            expected = {**trec_means(lists[source], wanted), **other_means(lists[source], wanted, known_items)}
            of_lists = {metric for metric in found[name] if not metric.startswith("attach_rate")}  # carts have no lists
            assert set(expected) == of_lists, (source, name)
            for metric, value in expected.items():
                number = found[name][metric]
                assert number["value"] == pytest.approx(value, abs=1e-6), (source, name, metric)
                assert number["lo"] <= number["value"] + 1e-9 and number["value"] <= number["hi"] + 1e-9


def personal_frequency(baskets, customers):
    """GP-TopFreq from {customer: [basket, ...]}; baskets are sets."""
    popularity = collections.Counter(i for orders in baskets.values() for basket in orders for i in basket)
    popular = sorted(popularity, key=lambda i: (-popularity[i], i))
    out = {}
    for customer in customers:
        own = collections.Counter(i for basket in baskets[customer] for i in basket)
        places = sorted(own, key=lambda i: (-own[i], -popularity[i], i))[:max(CUTOFFS)]
        for item in popular:
            if len(places) == max(CUTOFFS):
                break
            if item not in own:
                places.append(item)
        out[customer] = places
    return out


def check_baseline(metrics, name, lists, targets):
    for metric, value in trec_means(lists, targets).items():
        assert metrics["baselines"][name]["all"][metric]["value"] == pytest.approx(value, abs=1e-6), (name, metric)


JOB = """
[job]
out_dir = "{out}"
[input.orders]
path = "{path}"
{columns}
[recommend]
sources = ["habit", "popularity"]
[evaluate]
{split}
"""


def test_column_split_on_tafeng(program, test_data, tmp_path):
    subprocess.run([sys.executable, ROOT / "benchmarks/quality/convert.py", "tafeng", tmp_path], check=True,
                   env={**os.environ, "NEXTBEST_TEST_DATA": str(test_data)})
    job = tmp_path / "job.toml"
    job.write_text(JOB.format(out=tmp_path / "out", path=tmp_path / "tafeng.parquet", columns="",
                              split='split = { kind = "column" }'))
    evaluate(program, job)
    metrics = json.loads((tmp_path / "out/work/metrics.json").read_text())

    with gzip.open(test_data / "tafeng/TaFeng.json.gz", "rt") as text:
        users = json.load(text)
    learnt = {int(u): [set(b) for b in (baskets[:-1] if part == "test" else baskets)]
              for part in users for u, baskets in users[part].items()}
    targets = {int(u): set(baskets[-1]) for u, baskets in users["test"].items()}
    history = {c: set().union(*baskets) for c, baskets in learnt.items()}
    known = set().union(*history.values())
    check(metrics, read_lists(tmp_path / "out/work/evaluation_lists"), targets, history, len(known))
    check_baseline(metrics, "personal_frequency", personal_frequency(learnt, targets), targets)


def test_time_split_on_complete_journey_sample(program, test_data, tmp_path):
    path = test_data / "complete_journey/transactions_sample.csv.gz"
    job = tmp_path / "job.toml"
    columns = """[input.orders.columns]
order_id = "basket_id"
customer_id = "household_id"
item_id = "product_id"
ordered_at = "transaction_timestamp"
"""
    job.write_text(JOB.format(out=tmp_path / "out", path=path, columns=columns,
                              split='split = { kind = "time", validation_days = 28, test_days = 28 }'))
    evaluate(program, job)
    metrics = json.loads((tmp_path / "out/work/metrics.json").read_text())

    with gzip.open(path, "rt") as text:
        lines = [(int(r["household_id"]), r["basket_id"], int(r["product_id"]),
                  datetime.datetime.fromisoformat(r["transaction_timestamp"])) for r in csv.DictReader(text)
                 if float(r["quantity"]) >= 0]
    basket_time = {}
    for _, basket, _, time in lines:
        basket_time[basket] = min(time, basket_time.get(basket, time))
    cut = max(time for *_, time in lines) - datetime.timedelta(days=28)
    learnt, targets = collections.defaultdict(lambda: collections.defaultdict(set)), collections.defaultdict(set)
    for customer, basket, item, _ in lines:
        if basket_time[basket] <= cut:
            learnt[customer][basket].add(item)
        else:
            targets[customer].add(item)
    learnt = {c: list(baskets.values()) for c, baskets in learnt.items()}
    history = {c: set().union(*baskets) for c, baskets in learnt.items()}
    known = set().union(*history.values())
    # A time split asks about the customers and the products that one has.
    targets = {c: t & known for c, t in targets.items() if c in learnt}
    targets = {c: t for c, t in targets.items() if t}
    check(metrics, read_lists(tmp_path / "out/work/evaluation_lists"), targets, history, len(known))
    check_baseline(metrics, "personal_frequency", personal_frequency(learnt, targets), targets)
