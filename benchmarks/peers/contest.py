"""Runs programs in turns, and says what each took."""

import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time


def run_once(command):
    """Seconds, processor seconds and peak memory of a program: of the whole process, or what it says itself in the JSON
    that it prints last."""
    begun = time.perf_counter()
    # Threads that have nothing to do sleep, on both sides: spinning would count as processor seconds.
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=os.environ | {"OMP_WAIT_POLICY": "passive"})
    errors = process.stderr
    printed = process.stdout.read()
    said = errors.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))}\nended with {process.returncode}\n{said}")
    begin = ("\n" + printed).rfind("\n{")
    own = json.loads(printed[begin:]) if begin >= 0 else {}
    if "stages" in own:  # a job, which measures the peak of every stage anew: the system knows that of the last one only
        own = {"peak_bytes": max(stage["peak_host_bytes"] for stage in own["stages"])}
    return {"seconds": time.perf_counter() - begun, "cpu_seconds": used.ru_utime + used.ru_stime,
            "peak_bytes": used.ru_maxrss * 1024} | own


def contest(work, commands, rounds):
    """Each of the commands (name -> command, ours first) once per round, one after another; medians over the rounds, and
    how many times as much the fastest peer takes."""
    found = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(run_once(command))
            print(f"bench-peers: {work}: {name} {found[name][-1]['seconds']:.2f} s, processor "
                  f"{found[name][-1]['cpu_seconds']:.2f} s", file=sys.stderr, flush=True)
    result = {"work": work, "contestants": {}}
    for name, runs in found.items():
        medians = {unit: statistics.median(run[unit] for run in runs) for unit in ("seconds", "cpu_seconds")}
        result["contestants"][name] = medians | {"peak_bytes": max(run["peak_bytes"] for run in runs), "rounds": runs}
    ours, *peers = result["contestants"].values()
    for unit in ("seconds", "cpu_seconds"):
        result[f"ratio_{unit}"] = min(peer[unit] for peer in peers) / ours[unit] if peers else None
    return result


def machine():
    def first(path, key):
        for line in pathlib.Path(path).read_text().splitlines():
            if line.startswith(key):
                return line.split(":", 1)[1].strip()
        return ""
    return {"processor": first("/proc/cpuinfo", "model name"), "cores": os.cpu_count(),
            "memory": first("/proc/meminfo", "MemTotal"), "system": f"{platform.system()} {platform.machine()}",
            "load_at_start": os.getloadavg()[0], "date": time.strftime("%Y-%m-%d", time.gmtime())}
