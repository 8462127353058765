"""The installed tree runs by itself: from another folder, without the .venv whose Arrow libraries it was built with."""

import json
import subprocess

import pytest

from shop import Shop, order_lines

BARE = {"PATH": "/usr/bin:/bin", "OMP_WAIT_POLICY": "passive"}


@pytest.fixture(scope="module")
def installed(program, tmp_path_factory):
    prefix = tmp_path_factory.mktemp("prefix") / "nextbest"
    subprocess.run(["cmake", "--install", program.parents[1], "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
    return prefix / "bin/nextbest"


def test_finds_its_libraries_beside_itself(installed):
    libraries = subprocess.run(["ldd", installed], env=BARE, capture_output=True, text=True, check=True).stdout
    assert "not found" not in libraries and ".venv" not in libraries
    assert "libarrow" in libraries and "libparquet" in libraries


def test_does_a_job(installed, tmp_path):
    shop = Shop(installed, tmp_path)
    shop.write_orders(order_lines())
    shop.write_job()
    done = shop.run("run", "job.toml", "--json", env=BARE)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["published"]
    shop.check_whole()
