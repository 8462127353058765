"""The plan against what runs need: measured peaks within a quarter of the planned ones; budgets that are kept."""

import json
import subprocess
import time

import pytest

from shop import Shop, order_lines

MIB = 1 << 20


def plan_of(program, *arguments):
    done = subprocess.run([program, "plan", *map(str, arguments), "--json"], capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout), done.stderr


def stages_of(program, folder, *arguments, verb="run"):
    done = subprocess.run([program, verb, *map(str, arguments), "--json"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {stage["name"]: stage for stage in json.loads(done.stdout)["stages"]}


@pytest.fixture(scope="module")
def retailer(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("synth")
    subprocess.run([program, "synth", folder, "--lines", "400000", "--items", "20000", "--customers", "2000"],
                   check=True, capture_output=True)
    return folder


def compare(program, folder, job, *arguments):
    """Every stage that does something: planned by the sizes of the log, and the whole by the files alone."""
    code, before, complaint = plan_of(program, job, *arguments)
    assert code == 0, complaint
    measured = stages_of(program, folder, job, *arguments)
    ratios = {name: stage["planned_host_bytes"] / stage["peak_host_bytes"]
              for name, stage in measured.items() if name not in ("check", "export")}
    assert all(0.75 < ratio < 1.25 for ratio in ratios.values()), ratios
    peak = max(stage["peak_host_bytes"] for stage in measured.values())
    assert 0.75 < before["peak_host_bytes"] / peak < 1.25, (before, peak)


def test_a_synthetic_retailer(program, retailer):
    compare(program, retailer, retailer / "job.toml", "--set", "embeddings.iterations=2", "--threads", "2")


@pytest.fixture
def online_retail(test_data, tmp_path):
    job = tmp_path / "job.toml"
    job.write_text(f"""
[job]
out_dir = "{tmp_path}/out"
[input.orders]
path = "{test_data}/online_retail/*.csv.gz"
[input.orders.columns]
order_id = "InvoiceNo"
item_id = "StockCode"
customer_id = "CustomerID"
ordered_at = "InvoiceDate"
quantity = "Quantity"
unit_price = "UnitPrice"
item_name = "Description"
[clean]
cancelled_order_prefix = "C"
repeated_orders = "first_file"
[embeddings]
iterations = 2
""")
    return job


def test_online_retail(program, online_retail):
    compare(program, online_retail.parent, online_retail, "--threads", "2")


@pytest.fixture
def complete_journey(test_data, tmp_path):
    job = tmp_path / "job.toml"
    job.write_text(f"""
[job]
out_dir = "{tmp_path}/out"
[input.orders]
path = "{test_data}/complete_journey/transactions_sample.csv.gz"
[input.orders.columns]
order_id = "basket_id"
customer_id = "household_id"
item_id = "product_id"
ordered_at = "transaction_timestamp"
line_value = "sales_value"
[input.items]
path = "{test_data}/complete_journey/products.csv.gz"
[input.items.columns]
item_id = "product_id"
name = "product_type"
category = ["department", "product_category", "product_type"]
[embeddings]
iterations = 2
""")
    return job


def test_complete_journey(program, complete_journey):
    compare(program, complete_journey.parent, complete_journey, "--threads", "2")


def test_is_quick_on_parquet(program, retailer):
    start = time.monotonic()
    code, plan, _ = plan_of(program, retailer / "job.toml")
    assert code == 0 and time.monotonic() - start < 2
    assert plan["data"]["lines"] > 380_000 and 10_000 < plan["data"]["items"] <= 20_000
    assert [stage["name"] for stage in plan["stages"]] == ["ingest", "check", "pairs", "evaluate", "train", "recommend",
                                                           "export"]
    assert all(stage["seconds"] > 0 and stage["tiles"] >= 1 for stage in plan["stages"])


def table(out):
    import pyarrow.parquet as pq
    return pq.read_table(out / "work/pairs").drop_columns(["run_id"])


def test_smaller_tiles_give_the_same_pairs(program, retailer):
    def pairs(out, *budget):
        return stages_of(program, retailer, retailer / "job.toml", "--set", f"job.out_dir={out}", *budget, verb="pairs")

    stages = pairs(retailer / "usual")
    usual = stages.pop("pairs")
    budget = max(stage["planned_host_bytes"] for stage in stages.values()) + MIB
    assert budget < usual["planned_host_bytes"]
    tiled = pairs(retailer / "small", "--set", f"device.max_host_memory={budget}B")["pairs"]
    assert tiled["details"]["tiles"] > usual["details"]["tiles"]
    assert tiled["planned_host_bytes"] <= budget
    assert tiled["peak_host_bytes"] < usual["peak_host_bytes"]
    assert table(retailer / "small").equals(table(retailer / "usual"))


def test_what_does_not_fit_ends_before_the_work(program, tmp_path):
    shop = Shop(program, tmp_path)
    shop.write_orders(order_lines())
    shop.write_job()
    code, plan, complaint = plan_of(program, tmp_path / "job.toml", "--set", f"input.orders.path={tmp_path}/orders.csv",
                                    "--set", "device.max_host_memory=100MiB")
    assert code == 6 and plan["peak_host_bytes"] > 100 * MIB
    done = shop.run("run", "job.toml", "--set", "device.max_host_memory=100MiB")
    assert done.returncode == 6
    for said in (complaint, done.stderr):
        assert "the stage " in said and "104857600 are available" in said
    assert not (shop.out / "work/orders.h5").exists() and not (shop.out / "latest").exists()


def test_tiling_can_be_forbidden(program, retailer):
    plan = plan_of(program, retailer / "job.toml")[1]
    pairs = next(stage for stage in plan["stages"] if stage["name"] == "pairs")
    budget = ["--set", f"device.max_host_memory={pairs['planned_host_bytes'] - MIB}B"]
    tiled = next(stage for stage in plan_of(program, retailer / "job.toml", *budget)[1]["stages"]
                 if stage["name"] == "pairs")
    assert tiled["tiles"] > pairs["tiles"] and tiled["planned_host_bytes"] < pairs["planned_host_bytes"]
    code, _, complaint = plan_of(program, retailer / "job.toml", *budget, "--set", "device.on_over_budget=fail")
    assert code == 6 and "the stage pairs" in complaint
