"""`nextbest bench`: every operation is measured, and what it says of it is consistent."""

import json
import subprocess


def test_every_operation_is_measured(program):
    done = subprocess.run([program, "bench", "--items", "200", "1000", "--dims", "8", "--rounds", "1", "--scored", "20",
                           "--json"], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert {row["operation"] for row in found["results"]} == {
        "index pairs", "pairs by count", "pairs by llr", "transpose", "solve customers", "solve items", "gramian",
        "index items", "score, top k"}
    assert len(found["results"]) == 18
    for row in found["results"]:
        assert row["seconds"] > 0 and row["bytes"] > 0, row
        share = row["bytes"] / row["seconds"] / found["copy_bytes_per_second"]
        assert abs(row["copy_bandwidth_share"] - share) <= 1e-9 * share, row


def test_a_size_out_of_range_is_named(program):
    done = subprocess.run([program, "bench", "--items", "5"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "--items is 5" in done.stderr
