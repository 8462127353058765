"""What is measured: each work makes its input once, in a folder, and names the commands that compete."""

import pathlib
import shutil
import subprocess
import sys

import numpy

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BIN = ROOT / "build/release/bin"
# lambda and alpha0 as als_implicit.py has them; one weight for all customers.
ALS = ["0.3", "0.025", "0"]


class Size:
    """All sizes follow from the lines, in the proportions of a large retailer."""

    def __init__(self, lines):
        self.lines = lines
        self.items = max(1000, lines // 80)
        self.customers = max(1000, int(lines / 15.5))
        self.scored_customers = max(200, min(20_000, self.customers // 10))


def peer(script, *arguments):
    return [sys.executable, HERE / script, *arguments]


def made(folder, *command):
    """The folder, filled by the command where it is not there yet: whole or not at all."""
    if not folder.exists():
        partial = folder.with_name(folder.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        subprocess.run([str(partial if part == folder else part) for part in command], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        partial.rename(folder)
    return folder


def retailer(folder, size):
    out = folder / f"retailer-{size.lines}"
    return made(out, BIN / "nextbest", "synth", out, "--lines", size.lines, "--items", size.items, "--customers",
                size.customers)


def job(folder, name, files, *settings):
    path = folder / f"{name}.toml"
    path.write_text("\n".join([f'[job]\nout_dir = "{folder / name}"\nresume = "never"', *settings,
                               f'[input.orders]\npath = "{files}"\n']))
    return path


def in_page_cache(files):
    for path in files.parent.glob(files.name):
        path.read_bytes()
    return files


def ingest(folder, size, kind):
    files = retailer(folder, size) / "orders/*.parquet"
    if kind == "csv":
        csv = folder / f"csv-{size.lines}"
        convert = "import duckdb, sys; duckdb.read_parquet(sys.argv[1]).write_csv(sys.argv[2] + '/orders.csv')"
        files = made(csv, sys.executable, "-c", convert, files, csv) / "*.csv"
    in_page_cache(files)
    yield f"ingest, {kind}", {
        "nextbest": [BIN / "nextbest", "ingest", job(folder, f"ingest-{kind}", files)],
        "duckdb": peer("ingest_duckdb.py", files), "polars": peer("ingest_polars.py", files)}


def pairs(folder, size):
    baskets = folder / f"baskets-{size.lines}"
    made(baskets, BIN / "bench_pairs", "make", baskets, size.customers, size.items)
    for measure in ("count", "llr"):
        yield f"pairs, top 50 by {measure}", {"nextbest": [BIN / "bench_pairs", "count", baskets, measure, 50],
                                              "implicit": peer("pairs_implicit.py", baskets, 50)}


def ratings(folder, size):
    out = folder / f"ratings-{size.lines}"
    return made(out, BIN / "bench_als", "matrix", out, size.customers, size.items)


def start(folder, size, customers, dim):
    out = folder / f"start-{size.lines}-{customers}-{dim}"
    return made(out, BIN / "bench_als", "start", out, customers, size.items, dim)


def als(folder, size, dim):
    matrix, begin = ratings(folder, size), start(folder, size, size.customers, dim)
    yield f"ALS, d = {dim}, one iteration", {
        "nextbest": [BIN / "bench_als", "fit", matrix, made(folder / "fit", "true"), 0, dim, 3, *ALS],
        "implicit": peer("als_implicit.py", matrix, begin, dim, 3, ALS[0])}


def score(folder, size, dim, kind):
    matrix = ratings(folder, size)
    if kind == "random":
        factors = start(folder, size, size.scored_customers, dim)
    else:
        factors = folder / f"trained-{size.lines}-{dim}"
        made(factors, BIN / "bench_als", "fit", matrix, factors, size.scored_customers, dim, 3, *ALS)
    yield f"top 10, {kind} factors, d = {dim}", {
        "nextbest": [BIN / "bench_score", matrix, factors, dim, 10],
        "implicit": peer("score_implicit.py", matrix, factors, dim, 10),
        "faiss": peer("score_faiss.py", factors, dim, 10)}
    ours, theirs = (numpy.fromfile(factors / f"{name}.score.f32", numpy.float32) for name in ("ours", "implicit"))
    # Sums in another order agree to rounding; a wrong item would show as a wrong score.
    off = numpy.abs(ours - theirs) > 1e-4 * numpy.maximum(numpy.abs(theirs), numpy.max(numpy.abs(theirs)) / 100)
    if off.any():
        sys.exit(f"bench-peers: {off.sum()} of {len(off)} scores differ from implicit's: {factors}")


WHOLE_JOB = ["[embeddings]\nfactors = 64\niterations = 3", '[recommend]\nsources = ["ials"]\nlist_size = 10',
             "[pairs]\ntop_per_item = 50\nhalf_life_days = 0\nmin_orders = 1", "[evaluate]\nenabled = false"]


def whole_job(folder, size):
    files = in_page_cache(retailer(folder, size) / "orders/*.parquet")
    yield "the whole job, d = 64", {
        "nextbest": [BIN / "nextbest", "run", job(folder, "nextbest", files, *WHOLE_JOB), "--json"],
        "polars + scipy + implicit": peer("job_polars_scipy_implicit.py", files, made(folder / "peer", "true"), 64, 3, 50,
                                          10)}


WORKS = {"ingest": lambda f, s: (one for kind in ("parquet", "csv") for one in ingest(f, s, kind)),
         "pairs": pairs,
         "als": lambda f, s: (one for dim in (64, 128) for one in als(f, s, dim)),
         "score": lambda f, s: (one for kind in ("random", "trained") for dim in (64, 128)
                                for one in score(f, s, dim, kind)),
         "job": whole_job}
