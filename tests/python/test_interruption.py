"""Whatever stops a run, `latest` stays whole and the next run finishes."""

import signal
import time

import pytest
from shop import JOB, Shop, order_lines


@pytest.fixture(scope="module")
def busy_shop(program, tmp_path_factory):
    """A shop whose job takes long enough to be stopped in every stage."""
    shop = Shop(program, tmp_path_factory.mktemp("busy"))
    shop.write_orders(order_lines(customers=200, orders=12))
    # The inputs are random, so the gate against the previous run is off.
    shop.write_job(JOB.replace("factors = 8", "factors = 32").replace("iterations = 2", "iterations = 6")
                   + "[evaluate.gate]\nndcg_at_10_vs_previous_min = 0\n")
    started = time.monotonic()
    result = shop.run()
    assert result.returncode == 0, result.stderr
    shop.seconds = time.monotonic() - started
    return shop


def change_input(shop, seed):
    shop.write_orders(order_lines(customers=200, orders=12, seed=seed))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.7, 0.95])
def test_kill_at_any_moment(busy_shop, share):
    change_input(busy_shop, seed=int(share * 100) + 2)
    process = busy_shop.start()
    time.sleep(busy_shop.seconds * share)
    process.send_signal(signal.SIGKILL)
    process.wait()
    busy_shop.check_whole()
    result = busy_shop.run()
    assert result.returncode == 0, result.stderr
    busy_shop.check_whole()
    unfinished = [run.name for run in (busy_shop.out / "runs").iterdir() if not (run / "manifest.json").exists()]
    assert not unfinished


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_with_their_code(busy_shop, number, code):
    change_input(busy_shop, seed=1000 + int(number))
    before = busy_shop.published()
    process = busy_shop.start()
    time.sleep(busy_shop.seconds * 0.4)
    process.send_signal(number)
    returned = process.wait(timeout=60)
    assert returned in (0, code)
    if returned == code:
        assert busy_shop.published() == before
    result = busy_shop.run()
    assert result.returncode == 0, result.stderr
    busy_shop.check_whole()


def test_what_a_kill_after_publication_left_goes_when_nothing_is_new(busy_shop):
    assert busy_shop.run().returncode == 0
    before = busy_shop.published()
    left = busy_shop.out / "runs" / ".building-20200101T000000Z-000000"
    (left / "pairs").mkdir(parents=True)
    assert busy_shop.run().returncode == 0
    assert busy_shop.published() == before
    assert not left.exists()
