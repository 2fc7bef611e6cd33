"""Measures symbridge and its peers in turns, sample by sample, and writes a table. Called by run.sh."""
import argparse, json, os, re, shutil, statistics, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = {"torch": "torch", "pyg": "PyG", "jax": "jax/jraph", "numpy": "scipy/numpy (OpenBLAS)"}
# Workloads that share their processes, and the libraries that can do some of them. The peak memory of a step needs a process of
# its own; cost/ has no peers.
GROUPS = [
    (r"^matmul/", ["torch", "jax", "numpy"]),
    (r"^(spmm|gather|sum)/", ["torch", "pyg", "jax", "numpy"]),
    (r"^(sddmm|softmax)/", ["pyg", "jax"]),
    (r"^(gcn|gat)/cora/", ["pyg", "jax"]),
    (r"^gin/", ["pyg"]),
    (r"^gcn/169k/step", ["pyg", "jax"]),
    (r"^gcn/169k/inference", ["pyg", "jax"]),
    (r"^cost/", []),
]


def inputs(name):
    """Whether the peers do a workload."""
    return not re.search("/plain$|^cost/|^gather/", name)


class Program:
    """A program that writes the name of its workload before each sample, waits for a line, and writes JSON at the end."""

    def __init__(self, argv, threads, out):
        env = dict(os.environ)
        for v in "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS":
            env[v] = str(threads)
        if threads == 1 and shutil.which("taskset"):  # XLA has no setting for it
            argv = ["taskset", "-c", str(max(os.sched_getaffinity(0)))] + argv
        self.out = out
        with open(out, "w") as f:
            self.p = subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=f, stderr=subprocess.PIPE, text=True, bufsize=1)
        self.log = []

    def wait(self, names):
        """Waits for the next workload to be ready, or for the end."""
        self.next = None
        for line in self.p.stderr:
            if line.strip() in names:
                self.next = line.strip()
                return
            self.log.append(line)
        if self.p.wait() != 0:
            raise SystemExit("".join(self.log))

    def sample(self, names):
        self.p.stdin.write("\n")
        self.wait(names)
        time.sleep(0.05)  # workers that spin a while find their rest

    def report(self):
        with open(self.out) as f:
            return json.load(f)


def measure(o, names, libraries, threads):
    """Measures workloads; returns reports by library."""
    shared = [n for n in names if inputs(n)]
    ours = [o.folder + "/symbridge", "bench", "-json", "-turns", "-threads", str(threads), "-count", str(o.count),
            "-time", f"{o.time}s", "-run", "^(" + "|".join(names) + ")$"]
    programs = {"ours": ours}
    for l in libraries if shared else []:
        programs[l] = [sys.executable, HERE + "/peers.py", "--turns", "--threads", str(threads), "--inputs", o.folder,
                       "--library", l, "--count", str(o.count), "--time", str(o.time), "--workload", *shared]
    started = {}
    try:
        for l, argv in programs.items():  # one after the other: getting ready takes time and memory too
            started[l] = Program(argv, threads, f"{o.folder}/{l}.json")
            started[l].wait(names)
        while waiting := [p for p in started.values() if p.next]:
            first = min((p.next for p in waiting), key=names.index)
            for p in waiting:
                if p.next == first:
                    p.sample(names)
    finally:
        for p in started.values():
            p.p.kill()
    return {l: p.report() for l, p in started.items()}


def agrees(result, ours):
    """Whether the numbers of a result are ours."""
    pairs = list(zip(result.get("check", []), ours.get("check", [])))
    scale = max((abs(b) for _, b in pairs), default=0)
    return bool(pairs) and all(abs(a - b) <= 1e-3 * max(abs(b), 1e-3 * scale) for a, b in pairs)


def seconds(s):
    for unit, scale in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if s * scale >= 1:
            break
    return f"{s * scale:.3g} {unit}"


def table(results, targets, threads):
    """The table of one number of threads: results[name][library]."""
    head = ["workload", "ours", *PEERS.values(), "fastest peer", "ratio (peer/ours)", "target", "met"]
    yield f"\n**{threads} thread{'s' * (threads > 1)}**, medians\n"
    yield "| " + " | ".join(head) + " |\n|" + "---|" * len(head)
    for name, by in results.items():
        ours, cells, right = by["ours"], [], {}
        for l in PEERS:
            if l not in by:
                cells.append("-")
            elif not agrees(by[l], ours):
                cells.append(f"{seconds(by[l]['median'])} WRONG RESULT")
            else:
                cells.append(seconds(by[l]["median"]))
                right[l] = by[l]["median"]
        fastest = min(right, key=right.get, default=None)
        cells += [PEERS[fastest], f"{right[fastest] / ours['median']:.2f}"] if fastest else ["-", "-"]
        t = next((t for t in targets if t["of"] == name and t["what"] == "speed" and "against" not in t), None)
        if t:
            among = {l: right[l] for l in t["peers"] if l in right}
            least = t["least"][min(threads, 2) - 1]
            ratio = min(among.values()) / ours["median"] if among else 0
            cells += [f"{least} x {', '.join(PEERS[l].split(' ')[0] for l in t['peers'])}", f"{'yes' if ratio >= least else 'NO'} ({ratio:.2f})"]
        else:
            cells += ["-", "-"]
        yield "| " + " | ".join([name, seconds(ours["median"]), *cells]) + " |"


def others(results, targets, threads):
    """The targets that are not the speed of a peer."""
    yield f"\n**{threads} thread{'s' * (threads > 1)}**, other targets\n"
    yield "| workload | quantity | figure | target | met |\n|---|---|---|---|---|"
    for t in targets:
        by = results.get(t["of"])
        if t["what"] == "speed" and "against" not in t or not by:
            continue
        ours, other = by["ours"], results.get(t.get("against"), {}).get("ours")
        if t["what"] in ("speed", "time"):
            if not other:
                continue
            figure = other["median"] / ours["median"]
            figure = figure if t["what"] == "speed" else 1 / figure
        elif t["what"] == "memory":
            if "pyg" not in by or not by["pyg"]["peak_rss"]:
                continue
            figure = ours["peak_rss"] / by["pyg"]["peak_rss"]
        elif t["what"] == "allocations":  # whole ones, as testing.AllocsPerRun has it: the runtime makes one now and then
            figure = int(ours["allocs_per_op"])
        else:
            figure = ours[t["what"]]
        met = figure >= t["least"] if "least" in t else figure <= t["most"]
        bound = f"at least {t['least']}" if "least" in t else f"at most {t['most']}"
        yield f"| {t['of']} | {t['words']} | {figure:.3g} | {bound} | {'yes' if met else 'NO'} |"


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--folder", required=True, help="of the program symbridge, for inputs and outputs")
    p.add_argument("-only", "--only", default="^(?!cost/)", help="REGEX of workloads (default: all but cost/)")
    p.add_argument("-threads", "--threads", type=int, nargs="+", default=[1, 2])
    p.add_argument("-count", "--count", type=int, default=5, help="samples of each workload and library")
    p.add_argument("-time", "--time", type=float, default=0.1, help="least seconds of a sample")
    p.add_argument("-json", "--json", default="bench-peers.json", help="FILE for all results")
    p.add_argument("-merge", "--merge", action="store_true", help="add to the results that FILE has, or replace them")
    o = p.parse_args()
    began = time.time()
    listing = subprocess.run([o.folder + "/symbridge", "bench", "-list"], check=True, capture_output=True, text=True).stdout
    everything = [line.split()[0] for line in listing.splitlines()]
    names = [n for n in everything if re.search(o.only, n)]
    if not names:
        raise SystemExit(f"no workload matches {o.only}")
    exported = [n for n in names if inputs(n)]
    if exported:
        subprocess.run([o.folder + "/symbridge", "bench", "-export", o.folder, "-run", "^(" + "|".join(exported) + ")$"],
                       check=True, stdout=subprocess.DEVNULL)
    with open(HERE + "/targets.json") as f:
        targets = json.load(f)
    runs = []
    if o.merge:
        with open(o.json) as f:
            runs = json.load(f)
    for threads in o.threads:
        for pattern, libraries in GROUPS:
            group = [n for n in names if re.search(pattern, n)]
            if not group:
                continue
            print(f"{time.time() - began:4.0f} s: {threads} threads, {pattern}", file=sys.stderr)
            for library, report in measure(o, group, libraries, threads).items():
                runs.append(dict(report, library=library, threads=threads))
            with open(o.json, "w") as f:
                json.dump(runs, f, indent=1)
    for threads in sorted({r["threads"] for r in runs}):
        results = {}
        for run in runs:  # the latest counts
            for r in run["results"]:
                if run["threads"] == threads:
                    results.setdefault(r["name"], {})[run["library"]] = r
        results = {n: results[n] for n in everything if n in results}
        print("\n".join([*table(results, targets, threads), *others(results, targets, threads)]))
    versions = {k: v for r in runs for k, v in r.get("versions", {}).items()}
    ours = next(r for r in runs if r["library"] == "ours")
    print(f"\n{ours['cpu']}, {os.cpu_count()} cores, {ours['system']}, {ours['go']}, "
          + ", ".join(f"{k} {v}" for k, v in versions.items())
          + f"; medians of {o.count} samples, taken in turns; {time.time() - began:.0f} s in all.")


if __name__ == "__main__":
    main()
