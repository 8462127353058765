"""The whole program on a retailer whose truth is known: what was planted comes back in the published tables."""

import json
import subprocess

import pytest

pq = pytest.importorskip("pyarrow.parquet")

TOP = 3  # a complement counts as found among so many pairs of its item


def rows(path):
    return pq.read_table(path).to_pylist()


@pytest.fixture(scope="module")
def shop(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted") / "shop"
    quick = ["embeddings.iterations=2", "embeddings.factors=16", "evaluate.enabled=false"]
    subprocess.run([program, "synth", folder, "--lines", "120000", "--items", "1000", "--customers", "3000"],
                   check=True, capture_output=True)
    subprocess.run([program, "run", folder / "job.toml"] + [word for key in quick for word in ("--set", key)],
                   check=True, capture_output=True)
    return folder


def planted(shop, name, left, right):
    pairs = {(row[left], row[right]) for row in rows(shop / f"truth/{name}.parquet")}
    assert pairs
    return pairs


def either_way(pairs):
    return pairs | {(b, a) for a, b in pairs}


def test_planted_complements_are_the_best_pairs(shop):
    truth = planted(shop, "complements", "item_id", "complement_id")
    pairs = [row for row in rows(shop / "out/latest/pairs") if row["source"] == "together"]
    near_the_top = {(row["target_item_id"], row["item_id"]) for row in pairs if row["rank"] <= TOP}
    recall = len(truth & near_the_top) / len(truth)
    once = [row for row in pairs if row["target_item_id"] < row["item_id"]]
    best = sorted(once, key=lambda row: -row["score"])[:len(truth)]
    hits = [row for row in best if (row["target_item_id"], row["item_id"]) in either_way(truth)]
    precision = len(hits) / len(best)
    print(f"recall {recall:.3f}, precision {precision:.3f}")
    assert recall >= 0.95 and precision >= 0.9


def test_no_substitute_is_among_the_pairs(shop):
    substitutes = either_way(planted(shop, "substitutes", "item_id", "substitute_id"))
    pairs = {(row["target_item_id"], row["item_id"]) for row in rows(shop / "out/latest/pairs")}
    assert len(pairs) > 1000
    assert not pairs & substitutes


def test_returns_were_netted(shop):
    found = {finding["rule"]: finding for finding in
             json.loads((shop / "out/latest/data_quality.json").read_text())["findings"]}
    assert found["returns"]["lines"] > 500


def test_every_customer_has_a_list(shop):
    lists = {}
    for row in rows(shop / "out/latest/next_best"):
        lists.setdefault(row["customer_id"], []).append(row)
    assert len(lists) > 2500
    for of_one in lists.values():
        assert [row["rank"] for row in of_one] == list(range(1, len(of_one) + 1))
        assert len(of_one) == 20 or of_one[0]["short_list_reason"]
