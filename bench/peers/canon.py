"""Canonical forms and group orders in symbridge, Traces, nauty and bliss: orders on random graphs must agree, times are ratios.

Each program runs on one core. Traces and nauty report the CPU time of a run, the mean of several; symbridge the wall time of the
fastest of several; bliss the CPU time of one run, in hundredths of a second, so that its short runs are left out.
"""

import argparse
import gzip
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile


# graphs -----------------------------------------------------------------------------------------------------------------


class Graph:
    def __init__(self, n, edges, colours=None):
        self.n, self.edges, self.colours = n, sorted({(min(e), max(e)) for e in edges if e[0] != e[1]}), colours

    def relabelled(self, rng):
        p = list(range(self.n))
        rng.shuffle(p)
        colours = None
        if self.colours:
            colours = [0] * self.n
            for v, c in enumerate(self.colours):
                colours[p[v]] = c
        return Graph(self.n, [(p[u], p[v]) for u, v in self.edges], colours)

    def dimacs(self):
        lines = [f"p edge {self.n} {len(self.edges)}"]
        lines += [f"n {v + 1} {c}" for v, c in enumerate(self.colours or [])]
        lines += [f"e {u + 1} {v + 1}" for u, v in self.edges]
        return "\n".join(lines) + "\n"

    def dreadnaut(self):
        rows = [[] for _ in range(self.n)]
        for u, v in self.edges:
            rows[u].append(v)
        text = f"n={self.n} $=0 g\n" + ";\n".join(f"{u}:" + " ".join(map(str, row)) for u, row in enumerate(rows)) + ".\n"
        if self.colours:
            cells = {}
            for v, c in enumerate(self.colours):
                cells.setdefault(c, []).append(v)
            text += "f=[" + "|".join(" ".join(map(str, cells[c])) for c in sorted(cells)) + "]\n"
        else:
            text += "-f\n"
        return text


def read_dimacs(path):
    n, edges, colours = 0, [], {}
    with (gzip.open if path.endswith(".gz") else open)(path, "rt") as f:
        for line in f:
            w = line.split()
            if w and w[0] == "p":
                n = int(w[2])
            elif w and w[0] == "n":
                colours[int(w[1]) - 1] = int(w[2])
            elif w and w[0] == "e":
                edges.append((int(w[1]) - 1, int(w[2]) - 1))
    return Graph(n, edges, [colours.get(v, 0) for v in range(n)] if colours else None)


def gnp(rng):
    n, p = rng.randint(1, 60), rng.choice([0.05, 0.1, 0.3, 0.5, 0.8])
    return Graph(n, [(u, v) for u in range(n) for v in range(u) if rng.random() < p])


def tree(rng):
    n = rng.randint(1, 80)
    return Graph(n, [(v, rng.randrange(v)) for v in range(1, n)])


def sparse(rng):
    n = rng.randint(2, 120)
    return Graph(n, [(rng.randrange(n), rng.randrange(n)) for _ in range(rng.randint(0, 2 * n))])


def regular(rng):
    n, d = 2 * rng.randint(3, 30), rng.randint(2, 5)
    ends = [v for v in range(n) for _ in range(d)]
    rng.shuffle(ends)
    return Graph(n, list(zip(ends[::2], ends[1::2])))  # nearly regular: loops and parallel edges go


def circulant(rng):
    n = rng.randint(3, 60)
    steps = rng.sample(range(1, n), min(n - 1, rng.randint(1, 4)))
    return Graph(n, [(v, (v + s) % n) for v in range(n) for s in steps])


def product(rng):
    a, b = circulant_small(rng), circulant_small(rng)
    edges = [((u, x), (v, x)) for u, v in a.edges for x in range(b.n)] + [((u, x), (u, y)) for x, y in b.edges for u in range(a.n)]
    return Graph(a.n * b.n, [(u * b.n + x, v * b.n + y) for (u, x), (v, y) in edges])


def circulant_small(rng):
    n = rng.randint(2, 7)
    return Graph(n, [(v, (v + s) % n) for v in range(n) for s in rng.sample(range(1, n), rng.randint(1, n - 1))])


def union(rng):
    parts = [rng.choice([gnp_small, circulant_small, tree_small])(rng) for _ in range(rng.randint(1, 4))]
    parts = [p for p in parts for _ in range(rng.randint(1, 3))]
    n, edges = 0, []
    for p in parts:
        edges += [(u + n, v + n) for u, v in p.edges]
        n += p.n
    return Graph(n, edges)


def gnp_small(rng):
    n = rng.randint(1, 9)
    return Graph(n, [(u, v) for u in range(n) for v in range(u) if rng.random() < 0.4])


def tree_small(rng):
    n = rng.randint(1, 9)
    return Graph(n, [(v, rng.randrange(v)) for v in range(1, n)])


def complement(rng):
    g = rng.choice([union, sparse, tree, circulant])(rng)
    have = set(g.edges)
    return Graph(g.n, [(u, v) for v in range(g.n) for u in range(v) if (u, v) not in have])


def bipartite(rng):
    a, b = rng.randint(1, 30), rng.randint(1, 30)
    p = rng.choice([0.1, 0.3, 0.5])
    return Graph(a + b, [(u, a + v) for u in range(a) for v in range(b) if rng.random() < p])


def cfi(rng):
    """Cai, Fuerer, Immerman over a random cubic graph, by chance twisted."""
    base = None
    while base is None or any(sum(v in e for e in base.edges) != 3 for v in range(base.n)):
        n = 2 * rng.randint(2, 5)
        ends = [v for v in range(n) for _ in range(3)]
        rng.shuffle(ends)
        base = Graph(n, list(zip(ends[::2], ends[1::2])))
    number, edges = {}, []
    name = lambda x: number.setdefault(x, len(number))
    for v in range(base.n):
        at = [e for e in base.edges if v in e]
        for mask in (0, 3, 5, 6):
            for i, e in enumerate(at):
                edges.append((name((v, mask)), name((v, e, mask >> i & 1))))
    twist = rng.choice(base.edges) if rng.random() < 0.5 else None
    for e in base.edges:
        for bit in (0, 1):
            edges.append((name((e[0], e, bit)), name((e[1], e, bit ^ (e == twist)))))
    return Graph(len(number), edges)


def coloured(rng):
    g = rng.choice([sparse, circulant, union, bipartite, product])(rng)
    g.colours = [rng.randrange(2) if rng.random() < 0.3 else 0 for _ in range(g.n)]
    return g


def chained(rng):
    """Chains of vertices of degree 2 in place of edges, some of them twice, and loops."""
    g = rng.choice([circulant, union, regular, gnp_small])(rng)
    long, edges, n = rng.randint(1, 3), [], g.n
    ends = [e for e in g.edges for _ in range(2 if rng.random() < 0.2 else 1)] + [(v, v) for v in range(g.n) if rng.random() < 0.2]
    for u, v in ends:
        inner = max(long if rng.random() < 0.9 else 1, 2 if u == v else 0)
        for w in list(range(n, n + inner)) + [v]:
            edges.append((u, w))
            u = w
        n += inner
    return Graph(n, edges)


def ring(rng):
    """Copies of a piece in a ring."""
    piece, copies = rng.choice([circulant_small, gnp_small, tree_small])(rng), rng.randint(3, 60)
    edges = [(k * piece.n + u, k * piece.n + v) for u, v in piece.edges for k in range(copies)]
    ends = [(rng.randrange(piece.n), rng.randrange(piece.n)) for _ in range(rng.randint(1, 2))]
    edges += [(k * piece.n + u, (k + 1) % copies * piece.n + v) for u, v in ends for k in range(copies)]
    return Graph(copies * piece.n, edges)


def cubic(rng):
    """A few hundred vertices of degree 3, by chance doubled."""
    n = 2 * rng.randint(130, 300)
    ends = [v for v in range(n) for _ in range(3)]
    while True:
        rng.shuffle(ends)
        g = Graph(n, list(zip(ends[::2], ends[1::2])))
        if len(g.edges) > 3 * n // 2 - 3:
            break
    if rng.random() < 0.5:
        return g
    return Graph(2 * n, [(c * n + u, c * n + v) for u, v in g.edges for c in (0, 1)] + [(v, n + v) for v in range(n)])


KINDS = [gnp, tree, sparse, regular, circulant, product, union, complement, bipartite, cfi, coloured, chained, ring, cubic]


PETERSEN = [(v, (v + 1) % 5) for v in range(5)] + [(v, v + 5) for v in range(5)] + [(v + 5, (v + 2) % 5 + 5) for v in range(5)]


def hung(n, edges):
    """A Petersen graph at each vertex."""
    return Graph(10 * n, [(10 * u, 10 * v) for u, v in edges] + [(10 * k + u, 10 * k + v) for k in range(n) for u, v in PETERSEN])


def pieces():
    """Graphs of many pieces that are connected all the same."""
    rng = random.Random(1)
    path = [(k, k + 1) for k in range(999)]
    torus = lambda k: [(r * k + c, s * k + d) for r in range(k) for c in range(k) for s, d in ((r, (c + 1) % k), ((r + 1) % k, c))]
    yield "1000 Petersen graphs in a ring", hung(1000, path + [(999, 0)])
    yield "255 Petersen graphs on a binary tree", hung(255, [(v, (v - 1) // 2) for v in range(1, 255)])
    yield "200 Petersen graphs on a random graph", hung(200, [(rng.randrange(200), rng.randrange(200)) for _ in range(300)])
    yield "225 Petersen graphs on a torus", hung(225, torus(15))
    yield "K(300,300) less a matching", Graph(600, [(u, 300 + v) for u in range(300) for v in range(300) if u != v])
    n, edges = 10000, []
    for u, v in torus(100):
        edges += [(u, n), (n, n + 1), (n + 1, n + 2), (n + 2, v)]
        n += 3
    yield "torus of 100 by 100, three vertices on each edge", Graph(n, edges)
    yield "ring of 100,000 vertices", Graph(100000, [(k, (k + 1) % 100000) for k in range(100000)])


# programs ---------------------------------------------------------------------------------------------------------------


def pinned(command):
    return ["taskset", "-c", "0"] + command


def ours(folder, files, repeat, timeout):
    command = pinned([os.path.join(folder, "symbridge"), "wl", "aut", "-json", "-repeat", str(repeat), "-timeout", f"{timeout}s"] + files)
    r = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "GOMAXPROCS": "1"})
    if r.returncode:
        sys.exit(r.stderr)
    return [json.loads(line) for line in r.stdout.splitlines()]


def dreadnaut(graphs, mode, runs, timeout):
    """The orders and CPU seconds of one process; None where it did not finish."""
    text = f"A{mode}\nc -m -a M={runs}/0\n" + "".join(g.dreadnaut() + "x\n" for g in graphs) + "q\n"
    try:
        r = subprocess.run(pinned(["dreadnaut"]), input=text, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return None
    orders = re.findall(r"grpsize=([\d.e+]+)", r.stdout)
    seconds = re.findall(r"cpu time = ([\d.e+-]+)", r.stdout)
    if len(orders) != len(graphs) or len(seconds) != len(graphs):
        return None
    return list(zip(orders, map(float, seconds)))


def bliss(graph, timeout):
    with tempfile.NamedTemporaryFile("w", suffix=".col") as f:
        f.write(graph.dimacs())
        f.flush()
        try:
            r = subprocess.run(pinned(["bliss", "-can", f.name]), capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            return None
    size = re.search(r"\|Aut\|:\s*(\d+)", r.stdout)
    seconds = re.search(r"Total time:\s*([\d.]+)", r.stdout)
    return (size.group(1), float(seconds.group(1))) if size and seconds else None


def same(ours, theirs):
    """Orders beyond what a program prints whole agree in the digits that it prints."""
    if "e" not in theirs and "." not in theirs:
        return ours == theirs
    mantissa, exponent = theirs.split("e")
    log = math.log10(float(mantissa)) + int(exponent)
    mine = math.log10(float(ours[:15])) + len(ours[15:])
    return abs(log - mine) < 1e-9 * max(1, log)


# the two parts ----------------------------------------------------------------------------------------------------------


def orders(args):
    rng = random.Random(args.seed)
    graphs = [KINDS[k % len(KINDS)](rng) for k in range(args.orders)]
    names = [KINDS[k % len(KINDS)].__name__ for k in range(args.orders)]
    wrong = 0
    for start in range(0, len(graphs), 1000):
        part = graphs[start:start + 1000]
        files = []
        for k, g in enumerate(part):
            path = os.path.join(args.folder, f"{k}.col")
            with open(path, "w") as f:
                f.write(g.dimacs())
            files.append(path)
        mine = [line["order"] for line in ours(args.folder, files, 1, 60)]
        traces = dreadnaut(part, "t", 1, 600)
        sparse_nauty = dreadnaut(part, "s", 1, 600)
        for k, g in enumerate(part):
            b = bliss(g, 60) if (start + k) % args.bliss_every == 0 else None
            for program, said in ("Traces", traces and traces[k][0]), ("nauty", sparse_nauty and sparse_nauty[k][0]), ("bliss", b and b[0]):
                if said and not same(mine[k], said):
                    wrong += 1
                    print(f"graph {start + k} ({names[start + k]}, n={g.n}): symbridge {mine[k]}, {program} {said}")
        if not traces or not sparse_nauty:
            sys.exit("dreadnaut did not finish")
        print(f"{start + len(part)} graphs, {wrong} orders differ", file=sys.stderr, flush=True)
    print(f"{len(graphs)} random graphs of {len(KINDS)} kinds: {wrong} orders differ")
    return wrong


def ratios(args):
    data = os.path.join(os.environ.get("SYMBRIDGE_SHARED", os.path.join(os.path.dirname(__file__), "../../../shared")), "data/iso-bench")
    families = {}
    with open(os.path.join(data, "EXPECTED.tsv")) as f:
        for line in f:
            w = line.split("\t")
            if w[0] == "graph" and re.search(args.only, w[1]):
                families.setdefault(w[2], []).append(w[1])
    table, everything = [], []
    for family, names in sorted(families.items()):
        rows = []
        for name in names:
            path = os.path.join(data, name + ".col.gz")
            g = read_dimacs(path)
            mine = ours(args.folder, [path], args.repeat, args.timeout)[0]
            rows.append({"graph": name, "n": g.n, "m": len(g.edges), "symbridge": None if mine.get("timeout") else mine["seconds"]})
            for program, mode in ("Traces", "t"), ("nauty", "s"):
                r = dreadnaut([g], mode, 1, args.timeout + 2)
                if r and r[0][1] < 0.5:
                    r = dreadnaut([g], mode, args.repeat, 60) or r
                rows[-1][program] = r[0][1] if r and r[0][1] <= args.timeout else None
            b = bliss(g, args.timeout + 2)
            rows[-1]["bliss"] = b[1] if b and b[1] <= args.timeout else None
            print(json.dumps(rows[-1]), flush=True) if args.json else print(rows[-1], file=sys.stderr, flush=True)
        everything += rows
        table.append((family, rows))
    print("\n| family | graphs | symbridge, ms | beside Traces | beside nauty | beside bliss | finished: symbridge, Traces, nauty, bliss |")
    print("|---|---|---|---|---|---|---|")
    for family, rows in table + [("all", everything)]:
        cells = [family, str(len(rows)), mean([r["symbridge"] for r in rows if r["symbridge"]], 1e3)]
        for program, least in ("Traces", 0), ("nauty", 0), ("bliss", 0.01):
            cells.append(mean([r["symbridge"] / r[program] for r in rows if r["symbridge"] and r[program] and r[program] > least], 1))
        cells.append(" ".join(str(sum(r[p] is not None for r in rows)) for p in ("symbridge", "Traces", "nauty", "bliss")))
        print("| " + " | ".join(cells) + " |")


def beside(args):
    print("\n| graph | vertices | symbridge, s | Traces, s |\n|---|---|---|---|")
    rng = random.Random(args.seed)
    for name, g in pieces():
        g = g.relabelled(rng)
        with tempfile.NamedTemporaryFile("w", suffix=".col") as f:
            f.write(g.dimacs())
            f.flush()
            mine = ours(args.folder, [f.name], 3, args.timeout)[0]
        r = dreadnaut([g], "t", 1, 60)
        figure = lambda done, seconds: f"{seconds:.3g}" if done else "-"
        print(f"| {name} | {g.n} | {figure(not mine.get('timeout'), mine['seconds'])} | {figure(r, r and r[0][1])} |", flush=True)


def mean(values, scale):
    return f"{scale * math.exp(sum(map(math.log, values)) / len(values)):.3g}" if values else "-"


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--folder", required=True, help="with the symbridge program")
    p.add_argument("--orders", type=int, default=10000, help="random graphs whose group orders are compared; 0 leaves that out")
    p.add_argument("--bliss-every", type=int, default=4, help="bliss, a process a graph, looks at every Kth of them")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--only", default=".", help="instances whose names match; '' leaves the times out")
    p.add_argument("--repeat", type=int, default=10)
    p.add_argument("--timeout", type=float, default=5, help="seconds an instance")
    p.add_argument("--pieces", action="store_true", help="graphs of many pieces beside Traces, which gets a minute for each, and no more")
    p.add_argument("--json", action="store_true", help="a line an instance too")
    args = p.parse_args()
    if args.pieces:
        return beside(args)
    wrong = orders(args) if args.orders else 0
    if args.only:
        ratios(args)
    sys.exit(1 if wrong else 0)


main()
