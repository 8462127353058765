"""Every bad input ends with its exit code and a message that says what, where and what to do; nothing half-written is
left, and what was published before stays as it was."""

import json
import os
import resource
import shutil
import subprocess

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from shop import JOB, Shop, order_lines


@pytest.fixture(scope="module")
def published(program, tmp_path_factory):
    """A shop with one publication; the tests work on copies of it."""
    shop = Shop(program, tmp_path_factory.mktemp("published"))
    shop.write_orders(order_lines())
    shop.write_job()
    result = shop.run()
    assert result.returncode == 0, result.stderr
    shop.check_whole()
    return shop


@pytest.fixture
def shop(published, tmp_path):
    folder = tmp_path / "shop"
    shutil.copytree(published.folder, folder, symlinks=True)
    return Shop(published.program, folder)


def refused(shop, code, *words, arguments=(), **options):
    """Runs the shop's job and demands the exit code, all words on standard error, and an untouched publication."""
    before = shop.published() if shop.out.is_dir() else {}
    result = shop.run(*arguments, **options)
    assert result.returncode == code, f"exit code {result.returncode}\n{result.stderr}"
    for word in words:
        assert word in result.stderr, f"{word!r} is not in:\n{result.stderr}"
    assert (shop.published() if shop.out.is_dir() else {}) == before
    return result


def edit_line(shop, number, change):
    """Changes one line of orders.csv; numbers as an editor shows them, the header being line 1."""
    lines = (shop.folder / "orders.csv").read_bytes().split(b"\n")
    lines[number - 1] = change(lines[number - 1])
    (shop.folder / "orders.csv").write_bytes(b"\n".join(lines))


def to_parquet(shop, name="orders.parquet"):
    table = pyarrow.csv.read_csv(shop.folder / "orders.csv")
    pyarrow.parquet.write_table(table, shop.folder / name)
    shop.write_job(JOB.replace("orders.csv", name))
    return shop.folder / name


# --- order files -----------------------------------------------------------------------------------------------------


def test_missing_file(shop):
    (shop.folder / "orders.csv").unlink()
    refused(shop, 3, "orders.csv")


def test_empty_file(shop):
    (shop.folder / "orders.csv").write_bytes(b"")
    refused(shop, 3, "orders.csv", "empty")


def test_header_only(shop):
    shop.write_orders([])
    refused(shop, 3, "orders.csv")


def test_empty_glob(shop):
    shop.write_job(JOB.replace("orders.csv", "nowhere/*.csv"))
    refused(shop, 3, "nowhere/*.csv")


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_truncated_parquet(shop, keep):
    path = to_parquet(shop)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    refused(shop, 3, "orders.parquet")


def test_corrupt_parquet(shop):
    path = to_parquet(shop)
    content = bytearray(path.read_bytes())
    content[4 : len(content) // 2] = bytes(255 - byte for byte in content[4 : len(content) // 2])
    path.write_bytes(content)
    refused(shop, 3, "orders.parquet")


def test_text_that_calls_itself_parquet(shop):
    (shop.folder / "orders.csv").rename(shop.folder / "orders.parquet")
    shop.write_job(JOB.replace("orders.csv", "orders.parquet"))
    refused(shop, 3, "orders.parquet")


def test_broken_csv_line(shop):
    edit_line(shop, 57, lambda line: b",".join(line.split(b",")[:3]))
    refused(shop, 3, "orders.csv", "57")


def test_truncated_gzip(shop):
    subprocess.run(["gzip", "-k", "orders.csv"], cwd=shop.folder, check=True)
    path = shop.folder / "orders.csv.gz"
    path.write_bytes(path.read_bytes()[:-200])
    shop.write_job(JOB.replace("orders.csv", "orders.csv.gz"))
    refused(shop, 3, "orders.csv.gz")


def test_wrong_type(shop):
    edit_line(shop, 31, lambda line: b",".join(line.split(b",")[:4] + [b"many", b"1.5"]))
    refused(shop, 3, "orders.csv", "31", "quantity", "many")


def test_time_that_is_none(shop):
    edit_line(shop, 12, lambda line: b",".join(line.split(b",")[:3] + [b"yesterday", b"1", b"1.5"]))
    refused(shop, 3, "orders.csv", "12", "ordered_at", "yesterday")


def test_id_that_is_not_utf8(shop):
    edit_line(shop, 9, lambda line: line.replace(b"item", b"\xff\xfe"))
    refused(shop, 3, "orders.csv", "9", "item_id", "UTF-8")


def test_unknown_mapped_column(shop):
    shop.write_job(JOB + '[input.orders.columns]\nitem_id = "sku"\n')
    refused(shop, 3, "sku", "item_id", "ordered_at", "unit_price")


def test_no_item_column(shop):
    content = (shop.folder / "orders.csv").read_text()
    (shop.folder / "orders.csv").write_text(content.replace("item_id", "thing", 1))
    refused(shop, 3, "item_id", "thing")


def test_bad_rows_within_the_bound_go_to_the_reject_file(shop):
    edit_line(shop, 31, lambda line: b",".join(line.split(b",")[:4] + [b"many", b"1.5"]))
    result = shop.run("run", "job.toml", "--max-bad-rows", "1")
    assert result.returncode == 0, result.stderr
    rejected = [path for path in shop.out.rglob("*") if path.is_file() and "reject" in path.name]
    assert rejected and b"many" in rejected[0].read_bytes()


def test_future_timestamps_over_the_gate(shop):
    for number in range(2, 40):
        edit_line(shop, number, lambda line: line.replace(b"2023-", b"2199-"))
    refused(shop, 4, "future_timestamps")


# --- catalogue -------------------------------------------------------------------------------------------------------


def test_duplicate_catalogue_ids(shop):
    rows = [f"item{i:02d},Thing {i}" for i in range(20)] + ["item07,Thing again"]
    (shop.folder / "items.csv").write_text("item_id,name\n" + "\n".join(rows) + "\n")
    shop.write_job(JOB + '[input.items]\npath = "items.csv"\n')
    refused(shop, 3, "items.csv", "item07", "22")


def test_missing_catalogue(shop):
    shop.write_job(JOB + '[input.items]\npath = "items.csv"\n')
    refused(shop, 3, "items.csv")


# --- job file and command line ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["pairs.top_per_item", "embeddings.factors", "embeddings.iterations", "recommend.list_size"])
def test_nothing_of_something(shop, key):
    refused(shop, 2, key.split(".")[1], arguments=("run", "job.toml", "--set", f"{key}=0"))


def test_a_cutoff_of_nothing(shop):
    refused(shop, 2, "cutoffs", arguments=("run", "job.toml", "--set", "evaluate.cutoffs=[0]"))


def test_unknown_key(shop):
    shop.write_job(JOB.replace("top_per_item", "top_per_itme"))
    refused(shop, 2, "job.toml", "top_per_itme", "top_per_item")


def test_unknown_key_of_set(shop):
    refused(shop, 2, "pairs.measur", "measure", arguments=("run", "job.toml", "--set", "pairs.measur=lift"))


def test_wrong_type_of_a_value(shop):
    shop.write_job(JOB.replace("factors = 8", 'factors = "eight"'))
    refused(shop, 2, "job.toml:11", "factors", "integer")


def test_a_job_file_that_is_no_toml(shop):
    shop.write_job("[job\nout_dir = out\n")
    refused(shop, 2, "job.toml", "1")


def test_missing_job_file(shop):
    refused(shop, 2, "nothing.toml", arguments=("run", "nothing.toml"))


def test_newer_schema_version(shop):
    shop.write_job("schema_version = 2\n" + JOB)
    refused(shop, 2, "schema_version", "2")


def test_unknown_verb(shop):
    refused(shop, 2, arguments=("runn", "job.toml"))


def test_unknown_device_kind(shop):
    refused(shop, 2, arguments=("run", "job.toml", "--device", "abacus"))


def test_cuda_that_is_not_built(shop):
    refused(shop, 7, "cuda", arguments=("run", "job.toml", "--device", "cuda"))


# --- splits that contradict the data ---------------------------------------------------------------------------------


def test_split_by_a_column_that_is_not_there(shop):
    shop.write_job(JOB + '[evaluate]\nsplit = { kind = "column" }\n')
    refused(shop, 3, "split")


def test_split_by_time_without_times(shop):
    lines = [",".join(line.split(",")[:3]) for line in (shop.folder / "orders.csv").read_text().splitlines()]
    (shop.folder / "orders.csv").write_text("\n".join(lines) + "\n")
    shop.write_job(JOB + '[evaluate]\nsplit = { kind = "time" }\n')
    refused(shop, 3, "ordered_at")


def test_test_days_longer_than_the_data(shop):
    shop.write_job(JOB + '[evaluate]\nsplit = { kind = "time", validation_days = 28, test_days = 4000 }\n')
    refused(shop, 3, "test_days")


def test_negative_days(shop):
    shop.write_job(JOB + '[evaluate]\nsplit = { kind = "time", test_days = -1 }\n')
    refused(shop, 2, "test_days")


# --- output ----------------------------------------------------------------------------------------------------------


def test_out_dir_below_a_file(shop):
    (shop.folder / "occupied").write_text("a file\n")
    refused(shop, 8, "occupied", arguments=("run", "job.toml", "--set", "job.out_dir=occupied/out"))


def test_out_dir_without_permission(shop):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (shop.folder / "locked").mkdir(mode=0o555)
    refused(shop, 8, "locked", arguments=("run", "job.toml", "--set", "job.out_dir=locked/out"))


@pytest.mark.parametrize("kilobytes", [1, 16, 64])
def test_files_that_may_not_grow(shop, kilobytes):
    """A limit on the size of files stands for a quota: writing fails in the middle of a file."""
    edit_line(shop, 2, lambda line: line + b"0")

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes << 10, kilobytes << 10))

    refused(shop, 8, "out", preexec_fn=limit)
    result = shop.run()
    assert result.returncode == 0, result.stderr
    shop.check_whole()


@pytest.mark.parametrize("kilobytes", [64, 200])
def test_full_disk(shop, kilobytes):
    disk = shop.folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", disk], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("a small tmpfs cannot be mounted here: " + mounted.stderr.decode().strip())
    try:
        result = refused(shop, 8, arguments=("run", "job.toml", "--set", "job.out_dir=disk/out"))
        assert "space" in result.stderr
        assert not (disk / "out/latest").exists()
        runs = disk / "out/runs"
        left = [path.name for path in runs.iterdir() if not path.name.startswith(".")] if runs.is_dir() else []
        assert not left, left
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        again = shop.run("run", "job.toml", "--set", "job.out_dir=disk/out")
        assert again.returncode == 0, again.stderr
    finally:
        subprocess.run(["umount", disk], check=True)


# --- damaged work of an earlier stage --------------------------------------------------------------------------------


def damage_by_cutting(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def damage_in_the_middle(path):
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 4, len(content) // 2):
        content[place] ^= 0xFF
    path.write_bytes(content)


def damage_by_emptying(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [damage_by_cutting, damage_in_the_middle, damage_by_emptying])
def test_damaged_order_log_is_rebuilt(shop, damage):
    damage(shop.out / "work/orders.h5")
    result = shop.run("run", "job.toml", "--set", "pairs.top_per_item=9")
    assert result.returncode == 0, result.stderr
    assert "orders.h5" in result.stderr
    shop.check_whole()


@pytest.mark.parametrize("pattern", ["pairs/*.parquet", "models/*.h5"])
def test_damaged_results_are_rebuilt(shop, pattern):
    paths = sorted((shop.out / "work").glob(pattern))
    assert paths
    damage_by_cutting(paths[0])
    result = shop.run("run", "job.toml", "--set", "recommend.list_size=7")
    assert result.returncode == 0, result.stderr
    assert paths[0].name in result.stderr
    shop.check_whole()


# --- the same job twice ----------------------------------------------------------------------------------------------


def test_an_unchanged_job_has_nothing_new(shop):
    before = shop.published()
    assert shop.run().returncode == 0
    assert shop.run("run", "job.toml", "--skip-code").returncode == 99
    assert shop.published() == before


def test_two_runs_at_once(shop):
    """The second one says that the first is at work, or finds it done."""
    for number in range(2, 6):
        edit_line(shop, number, lambda line: line + b"0")
    first = shop.start()
    second = shop.run()
    assert first.wait(timeout=120) in (0, 75)
    assert second.returncode in (0, 75), second.stderr
    assert 0 in (first.returncode, second.returncode)
    shop.check_whole()


def test_the_summary_is_json(shop):
    shop.write_job(JOB.replace("top_per_item = 10", "top_per_item = 11"))
    result = shop.run("run", "job.toml", "--json")
    assert result.returncode == 0, result.stderr
    assert isinstance(json.loads(result.stdout), dict)
    for line in result.stderr.splitlines():
        json.loads(line)
