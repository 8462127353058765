#!/usr/bin/env python3
"""nextbest beside other libraries, in turns on the same input. What was measured goes into RESULTS/peers.json, work by
work; --readme brings all of that into the table and the plot of README.md.

    scripts/bench-peers [--lines N] [--rounds N] [--only WORK ...] [--scaling N ...] [--folder FOLDER] [--readme]

Seconds and processor seconds are medians over the rounds; the ratio is to the fastest peer.
"""

import argparse
import importlib.metadata
import json
import math
import pathlib
import sys
import tempfile

import contest
import works

PEERS = [line.split("==")[0] for line in (works.HERE / "requirements.txt").read_text().splitlines() if "==" in line]


def row(one):
    ours = one["contestants"]["nextbest"]
    name, peer = min((p for p in one["contestants"].items() if p[1] is not ours), key=lambda p: p[1]["seconds"])
    return (f"| {one['work']} | {one['lines'] / 1e6:g} M | {ours['seconds']:.2f} s | {name} {peer['seconds']:.2f} s "
            f"| **{one['ratio_seconds']:.1f}** | {one['ratio_cpu_seconds']:.1f} "
            f"| {ours['peak_bytes'] / 2**30:.2f} / {peer['peak_bytes'] / 2**30:.2f} GiB |")


def peer_table(found):
    if not found["works"]:
        return ""
    lines = ["| work | lines | nextbest | fastest peer | ratio | of processor seconds | peak memory |",
             "|---|--:|--:|--:|--:|--:|--:|", *map(row, found["works"].values())]
    one = next(iter(found["works"].values()))
    loads = [work["machine"]["load_at_start"] for work in found["works"].values()]
    return "\n".join([*lines, "", f"{one['machine']['cores']} cores of {one['machine']['processor']}, load average "
                      f"{min(loads):.1f} to {max(loads):.1f} at the start; medians of {one['rounds']} rounds; "
                      f"{', '.join(f'{name} {version}' for name, version in one['versions'].items())}."])


def scaling_table(found):
    """How much longer twice the lines take, brought to a doubling where it is not one."""
    lines = ["| lines | seconds | processor seconds | times half the lines, seconds / processor | peak memory |",
             "|--:|--:|--:|--:|--:|"]
    for before, one in zip([None, *found], found):
        growth = ""
        if before:
            doublings = math.log2(one["lines"] / before["lines"])
            growth = " / ".join(f"{(one[unit] / before[unit]) ** (1 / doublings):.2f}" for unit in ("seconds", "cpu_seconds"))
        lines.append(f"| {one['lines'] / 1e6:g} M | {one['seconds']:.1f} | {one['cpu_seconds']:.1f} | {growth} "
                     f"| {one['peak_bytes'] / 2**30:.2f} GiB |")
    return "\n".join([*lines, "", "![seconds per stage](benchmarks/results/scaling.svg)"]) if found else ""


def plot(found, path):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "nextbest"
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(6, 3.6), layout="constrained")
    lines = [one["lines"] / 1e6 for one in found]
    axes.plot(lines, [one["seconds"] for one in found], marker="o", color="black", label="whole job")
    for stage in found[-1]["stages"]:
        seconds = [one["stages"][stage] for one in found]
        if seconds[-1] > .02 * found[-1]["seconds"]:
            axes.plot(lines, seconds, marker=".", label=stage)
    axes.set(xlabel="million order lines", ylabel="seconds", xscale="log", yscale="log")
    axes.set_xticks(lines, [f"{n:g}" for n in lines])
    axes.minorticks_off()
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, metadata={"Date": None})


def measure_scaling(folder, sizes):
    """The whole job, ours alone, for ever more lines: seconds in all and of each stage."""
    for lines in sizes:
        _, commands = next(works.whole_job(folder, works.Size(lines)))
        taken = contest.run_once(commands["nextbest"])
        stages = json.loads((folder / "nextbest/latest/manifest.json").read_text())["stages"]
        print(f"bench-peers: {lines:,} lines: {taken['seconds']:.1f} s", file=sys.stderr, flush=True)
        yield {"lines": lines} | taken | {"stages": {stage["name"]: stage["seconds"] for stage in stages}}


def measure(arguments, folder, found):
    about = {"lines": arguments.lines, "rounds": arguments.rounds, "machine": contest.machine(),
             "versions": {name: importlib.metadata.version(name) for name in PEERS}}
    for name in arguments.only:
        for work, commands in works.WORKS[name](folder, works.Size(arguments.lines)):
            found["works"][work] = about | contest.contest(work, commands, arguments.rounds)
    if arguments.scaling:
        found["scaling"] = list(measure_scaling(folder, arguments.scaling))
        plot(found["scaling"], arguments.results / "scaling.svg")


def tables(found):
    scaling = scaling_table(found["scaling"])
    return "\n\n".join(filter(None, [peer_table(found), scaling and f"The whole job, as above:\n\n{scaling}"]))


def write_readme(found):
    readme = works.ROOT / "README.md"
    begin, end = "<!-- peers:begin -->", "<!-- peers:end -->"
    before, rest = readme.read_text().split(begin, 1)
    readme.write_text(f"{before}{begin}\n{tables(found)}\n{end}{rest.split(end, 1)[1]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000_000, help="order lines; all else follows (large: 24000000)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=works.WORKS, default=list(works.WORKS), metavar="WORK",
                        help=f"of {', '.join(works.WORKS)}")
    parser.add_argument("--scaling", type=int, nargs="*", default=[], metavar="LINES", help="sizes of the whole job")
    parser.add_argument("--folder", type=pathlib.Path, help="keeps what was made there, for the next time")
    parser.add_argument("--results", type=pathlib.Path, default=works.ROOT / "benchmarks/results")
    parser.add_argument("--readme", action="store_true", help="brings the results into README.md")
    arguments = parser.parse_args()
    arguments.results.mkdir(parents=True, exist_ok=True)
    path = arguments.results / "peers.json"
    found = json.loads(path.read_text()) if path.exists() else {"works": {}, "scaling": []}
    with tempfile.TemporaryDirectory() as temporary:
        measure(arguments, (arguments.folder or pathlib.Path(temporary)).resolve(), found)
    path.write_text(json.dumps(found, indent=1) + "\n")
    print(tables(found))
    if arguments.readme:
        write_readme(found)


main()
