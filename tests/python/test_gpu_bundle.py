"""What scripts/gpu-bundle takes to a machine with a GPU, on one without: run-all with programs that only say they ran."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCHMARK = """case $1 in
  matrix|make) printf 12345678 > "$2/indices.i32" ;;
  fit|count|/*) echo '{"cpu_seconds":2.0,"seconds":0.5}' ;;
esac
"""
TOOLS = {
    "nvidia-smi": "echo 'A GPU, 999.9, 141312 MiB'",
    "compute-sanitizer": 'while [ $1 != bin/test_kernels ]; do shift; done; "$@"',
    "ncu": "echo ncu \"$@\"",
    "ldd": "echo 'libcublas.so.13 => /somewhere/libcublas.so.13 (0x1)'",
}


def write_program(path, body):
    path.write_text(f"#!/usr/bin/env bash\n{body}\n")
    path.chmod(0o755)


@pytest.fixture
def bundle(tmp_path):
    for folder in ("bin", "lib", "tools"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "scripts/lib/gpu-run-all", tmp_path / "run-all")
    shutil.copy(ROOT / "scripts/lib/gpu-libraries", tmp_path / "lib/find-libraries")
    for name in ("bench_als", "bench_pairs", "bench_score", "bench_kernels"):
        write_program(tmp_path / "bin" / name, BENCHMARK)
    write_program(tmp_path / "bin/test_kernels", 'echo "tests: $*, required: $NEXTBEST_REQUIRE_BACKEND"')
    for name, body in TOOLS.items():
        write_program(tmp_path / "tools" / name, body)
    return tmp_path


def run_all(bundle):
    return subprocess.run([bundle / "run-all", "--small"], capture_output=True, text=True, cwd="/",
                          env={**os.environ, "PATH": f"{bundle}/tools:/usr/bin:/bin"})


def test_runs_everything_and_says_which_fraction_of_a_limit(bundle):
    done = run_all(bundle)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("passed") == 2 * 16 and "FAILED" not in done.stdout
    assert {line.split()[0] for line in done.stdout.splitlines() if "skipped" in line} == {"doctor", "job"}
    works = {work["work"]: work for work in json.loads((bundle / "results/works.json").read_text())}
    assert set(works) == {"als", "score-random", "score-trained", "pairs"}
    product = 2 * 100_000 * 3_000 * 128 / 7.9e14
    assert works["score-random"]["floor_seconds"] == pytest.approx(product, rel=1e-5)
    assert works["score-random"]["fraction"] == pytest.approx(product / 0.5, abs=1e-4)
    assert works["pairs"]["measured"] == {"cpu_seconds": 2.0, "seconds": 0.5}
    assert json.loads((bundle / "results/machine.json").read_text())["gpu"] == "A GPU, 999.9, 141312 MiB"
    assert "required: cuda" in (bundle / "results/sanitizer-racecheck.log").read_text()


def test_a_test_that_fails_is_shown_and_the_rest_runs(bundle):
    write_program(bundle / "bin/test_kernels", "exit 1")
    done = run_all(bundle)
    assert done.returncode == 1
    assert {line.split()[0] for line in done.stdout.splitlines() if "FAILED" in line} == {
        "tests", "sanitizer-memcheck", "sanitizer-racecheck", "sanitizer-initcheck", "sanitizer-synccheck"}
    assert len(json.loads((bundle / "results/works.json").read_text())) == 4


@pytest.mark.parametrize("tool, body, message", [
    ("ldd", "echo 'libcusolver.so.12 => not found'", "not found: libcusolver.so.12 - install the CUDA libraries"),
    ("nvidia-smi", "exit 9", "install the driver"),
    ("../bin/bench_pairs", "exit 7", "CUDA cannot use it"),
])
def test_what_is_missing_is_said(bundle, tool, body, message):
    write_program(bundle / "tools" / tool, body)
    done = run_all(bundle)
    assert done.returncode == 7
    assert message in done.stderr
    assert not (bundle / "results/tests.log").exists()
