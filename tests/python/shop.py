"""A small retailer on disk, and the program run on it."""

import dataclasses
import hashlib
import json
import pathlib
import random
import subprocess

HEADER = "order_id,customer_id,item_id,ordered_at,quantity,unit_price"

JOB = """\
[job]
out_dir = "out"
[input.orders]
path = "orders.csv"
[pairs]
min_orders = 1
top_per_item = 10
[check]
min_customers_per_pair = 1
[embeddings]
factors = 8
iterations = 2
"""


def order_lines(customers=30, orders=8, seed=1):
    """Lines of a year of orders in which every second product goes with the one before it."""
    draw = random.Random(seed)
    lines = []
    for order in range(customers * orders):
        day = draw.randrange(360)
        when = f"2023-{1 + day // 30:02d}-{1 + day % 28:02d}T{draw.randrange(24):02d}:00:00Z"
        first = 2 * draw.randrange(10)
        for item in sorted({first, first + 1, draw.randrange(20)}):
            lines.append(f"{1000 + order},{order % customers},item{item:02d},{when},{1 + item % 3},{item + 1}.50")
    return lines


def tree(folder):
    """Relative path -> digest of every file below a folder, links by their target."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = "-> " + str(path.readlink())
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@dataclasses.dataclass
class Shop:
    """A folder with orders.csv and job.toml; `run` starts the program in it."""

    program: pathlib.Path
    folder: pathlib.Path

    @property
    def out(self):
        return self.folder / "out"

    def write_orders(self, lines, name="orders.csv"):
        (self.folder / name).write_text("\n".join([HEADER, *lines]) + "\n")

    def write_job(self, text=JOB):
        (self.folder / "job.toml").write_text(text)

    def command(self, *arguments):
        return [str(self.program), *map(str, arguments)]

    def run(self, *arguments, **options):
        arguments = arguments or ("run", "job.toml")
        return subprocess.run(self.command(*arguments), cwd=self.folder, capture_output=True, text=True, errors="replace",
                              timeout=120, **options)

    def start(self, *arguments):
        arguments = arguments or ("run", "job.toml")
        return subprocess.Popen(self.command(*arguments), cwd=self.folder, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def published(self):
        """What readers go by: `latest` and all runs, finished or not."""
        return {name: digest for name, digest in tree(self.out).items() if name == "latest" or name.startswith("runs/")}

    def check_whole(self):
        """The run behind `latest` holds exactly the files that its manifest names, with their digests."""
        latest = self.out / "latest"
        assert latest.is_symlink() and not latest.readlink().is_absolute()
        manifest = json.loads((latest / "manifest.json").read_text())
        assert manifest["outputs"]
        for entry in manifest["outputs"]:
            content = (latest / entry["path"]).read_bytes()
            assert len(content) == entry["bytes"], entry["path"]
            assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["path"]
