"""Does workloads of symbridge bench in another library, on the same inputs, and writes JSON as symbridge bench -json does.

Inputs are the .npy files of symbridge bench -export. Where a library has several ways, each is timed once and the fastest measured.
"""
import argparse, collections, functools, gc, json, os, re, statistics, sys, time
import numpy as np

LEARNING_RATE, DECAY, BATCH = 0.01, 5e-4, 32
MODELS = {  # as in bench/models.go
    "gcn/cora": dict(layers=2, hidden=16, dropout=0.5),
    "gat/cora": dict(layers=2, hidden=8, heads=8, dropout=0.6),
    "gcn/169k": dict(layers=3, hidden=256, dropout=0.0),
    "gin/mutag": dict(layers=5, hidden=64, dropout=0.5),
    "gin/molecule": dict(layers=5, hidden=64, dropout=0.5),
}
# A task: the ways of doing the work, name -> function, and a function of a name for the numbers that bench.Task.Check holds.
Task = collections.namedtuple("Task", "ways check")


def sample(y):
    """What bench.sample keeps of a result."""
    y = np.asarray(y, dtype=np.float64).ravel()
    return [np.abs(y).sum(), y[0], y[-1]]


def computing(back=slice(None), **ways):
    """A task whose functions return the result, with rows in another order than ours where back is given."""
    return Task(ways, lambda way: sample(np.asarray(ways[way]())[back]))


# ---- NumPy and SciPy

def numpy_task(name, x):
    if name.startswith("matmul/"):
        out = np.empty((x["a"].shape[0], x["b"].shape[1]), np.float32)
        do = functools.partial(np.matmul, x["a"], x["b"], out=out)
    elif re.fullmatch(r"(spmm|sum)/\d+", name):
        import scipy.sparse
        n = len(x["x"])
        w = x["w"] if name.startswith("spmm") else np.ones(len(x["to"]), np.float32)
        a = scipy.sparse.csr_array((w, (x["to"], x["from"])), shape=(n, n))
        do = lambda: a @ x["x"]
    else:
        return None
    return computing(only=do)


# ---- PyTorch alone

def torch_task(name, x):
    import torch
    if name.startswith("matmul/"):
        a, b = map(torch.from_numpy, (x["a"], x["b"]))
        out = torch.empty(a.shape[0], b.shape[1])
        do = lambda: torch.mm(a, b, out=out)
    elif re.fullmatch(r"(spmm|sum)/\d+", name):
        a, h = csr(x, x["w"] if name.startswith("spmm") else None), torch.from_numpy(x["x"])
        do = lambda: a @ h
    else:
        return None
    return computing(only=do)


def csr(x, w=None):
    """The adjacency matrix with a row for each target."""
    import torch
    n = len(x["x"])
    w = torch.ones(len(x["to"])) if w is None else torch.from_numpy(w)
    at = torch.from_numpy(np.stack([x["to"], x["from"]]).astype(np.int64))
    return torch.sparse_coo_tensor(at, w, (n, n)).coalesce().to_sparse_csr()


# ---- PyTorch Geometric

def pyg_task(name, x):
    import torch
    from torch_geometric import nn as gnn
    from torch_geometric.utils import softmax
    if name.startswith(("gcn/", "gat/", "gin/")):
        return pyg_model(name, x)
    if not name.startswith(("spmm/", "sum/", "sddmm/", "softmax/")):
        return None
    h, edges = torch.from_numpy(x["x"]), sorted_edges(x)
    order = np.lexsort((x["from"], x["to"]))
    w = torch.from_numpy(x["w"][order])
    if name.startswith(("spmm/", "sum/")):
        if name.startswith("sum/"):
            w = None
        conv = gnn.SimpleConv(aggr="sum")
        a = csr(x, x["w"] if w is not None else None)
        return computing(edge_index=lambda: conv(h, edges, w), sparse=lambda: conv(h, a))
    if name.startswith("sddmm/"):
        return computing(np.argsort(order), only=lambda: (h[edges[0]] * h[edges[1]]).sum(-1))
    to, n = torch.from_numpy(x["to"].astype(np.int64)), int(x["to"].max()) + 1
    return computing(only=lambda: softmax(h, to, num_nodes=n))


def sorted_edges(x):
    """edge_index with targets ascending."""
    import torch
    order = np.lexsort((x["from"], x["to"]))
    return torch.from_numpy(np.stack([x["from"], x["to"]])[:, order].astype(np.int64))


def pyg_net(kind, c, features, classes):
    """The model of bench/models.go, with the names of its parameters."""
    import torch
    from torch_geometric import nn as gnn
    F, layers, hidden, p = torch.nn.functional, range(c["layers"]), c["hidden"], c["dropout"]

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            if kind == "gcn":
                w = [features] + [hidden] * (len(layers) - 1) + [classes]
                convs = [gnn.GCNConv(w[k], w[k + 1], cached=True) for k in layers]
            elif kind == "gat":
                heads = c["heads"]
                convs = [gnn.GATConv(features, hidden, heads, dropout=p),
                         gnn.GATConv(heads * hidden, classes, 1, concat=False, dropout=p)]
            else:
                w = [features] + [hidden] * len(layers)
                convs = [gnn.GINConv(gnn.MLP([w[k], hidden, hidden])) for k in layers]
                self.norms = torch.nn.ModuleList([gnn.BatchNorm(hidden) for _ in layers])
                self.lin = torch.nn.Linear(sum(w), classes)
            self.convs = torch.nn.ModuleList(convs)

        def forward(self, h, edges, graph=None, graphs=1):
            if kind == "gin":
                pooled = [gnn.global_add_pool(h, graph, graphs)]
                for conv, norm in zip(self.convs, self.norms):
                    h = norm(conv(h, edges)).relu()
                    pooled.append(gnn.global_add_pool(h, graph, graphs))
                return self.lin(F.dropout(torch.cat(pooled, 1), p, self.training))
            for k, conv in enumerate(self.convs):
                h = conv(F.dropout(h, p, self.training) if p else h, edges)
                if k + 1 < len(self.convs):
                    h = F.elu(h) if kind == "gat" else h.relu()
            return h

    return Net()


def pyg_model(name, x):
    import torch
    from torch_geometric.data import Data
    from torch_geometric.loader import DataLoader
    kind, on, part = name.split("/")[:3]
    torch.manual_seed(0)
    classes = 1 + int(x["classes"].max())
    h, y = torch.from_numpy(x["x"]), torch.from_numpy(x["classes"].astype(np.int64))
    rows = torch.from_numpy(x["rows"].astype(np.int64)) if "rows" in x else slice(None)
    edges, of = sorted_edges(x), ()
    if kind == "gin":  # which graph each node is in, and how many graphs there are
        of = (torch.from_numpy(x["graph"].astype(np.int64)) if on == "mutag" else None, len(y))
    # The adjacency in the forms that PyG takes: a list of edges, and a matrix whose product keeps no messages in memory.
    forms = {"edge_index": edges}
    if kind == "gcn" or on == "molecule":
        forms["sparse"] = csr(x)

    def net():
        m = pyg_net(kind, MODELS[kind + "/" + on], h.shape[1], classes)
        weights = {k[len("param."):]: torch.from_numpy(v.copy()) for k, v in x.items() if k.startswith("param.")}
        other = m.load_state_dict(weights, strict=False)
        wrong = other.unexpected_keys + [k for k in other.missing_keys if not k.endswith("num_batches_tracked")]
        assert not wrong, wrong
        return m

    if part == "inference":
        with torch.no_grad():
            nets = {form: net().eval() for form in forms}
        infer = torch.no_grad()(lambda form: nets[form](h, forms[form], *of))
        return computing(**{form: functools.partial(infer, form) for form in forms})

    def loss(m, y, rows, *inputs):
        return torch.nn.functional.cross_entropy(m(*inputs)[rows], y[rows])

    def check(form):
        m = net().eval()
        value = loss(m, y, rows, h, forms.get(form, edges), *of)
        value.backward()
        return [value.item(), sum((p.grad.double() ** 2).sum().item() for p in m.parameters()) ** 0.5]

    def trainer():
        m = net().train()
        adam = torch.optim.Adam(m.parameters(), lr=LEARNING_RATE, weight_decay=DECAY)

        def step(*inputs):
            adam.zero_grad()
            loss(m, *inputs).backward()
            adam.step()
        return step

    if part == "step":
        return Task({form: functools.partial(trainer(), y, rows, h, a) for form, a in forms.items()}, check)

    molecules = []
    for g in range(len(y)):
        first, last = np.searchsorted(x["graph"], [g, g + 1])
        mine = (edges[1] >= int(first)) & (edges[1] < int(last))
        molecules.append(Data(x=h[first:last], edge_index=edges[:, mine] - int(first), y=y[g:g + 1]))
    loader = DataLoader(molecules, BATCH, shuffle=part == "epoch")
    step = trainer()
    if part == "epoch-batched":
        loader = list(loader)

    def epoch():
        for b in loader:
            step(b.y, slice(None), b.x, b.edge_index, b.batch, b.num_graphs)
    return Task({"only": epoch}, check)


# ---- JAX and jraph

def jax_task(name, x):
    import jax, jraph
    import jax.numpy as jnp
    if name.startswith("matmul/"):
        a, b = jnp.asarray(x["a"]), jnp.asarray(x["b"])
        f = jax.jit(jnp.matmul)
        do = lambda: f(a, b).block_until_ready()
        return computing(only=do)
    if not name.startswith(("spmm/", "sum/", "sddmm/", "softmax/", "gcn/")):
        return None
    order = np.lexsort((x["from"], x["to"]))
    h, n = jnp.asarray(x["x"]), len(x["x"])
    src, dst = jnp.asarray(x["from"][order]), jnp.asarray(x["to"][order])

    def propagate(h, w, src, dst):
        return jraph.segment_sum(h[src] if w is None else h[src] * w[:, None], dst, n, indices_are_sorted=True)
    if not name.startswith("gcn/"):
        w = jnp.asarray(x["w"][order]) if name.startswith("spmm/") else None
        back = slice(None)
        if name.startswith("sddmm/"):
            f, args, back = jax.jit(lambda h, s, d: (h[s] * h[d]).sum(-1)), (h, src, dst), np.argsort(order)
        elif name.startswith("softmax/"):
            to = x["to"]
            f = jax.jit(lambda h, d: jraph.segment_softmax(h, d, int(to.max()) + 1))
            args = (h, jnp.asarray(to))
        else:
            f, args = jax.jit(propagate), (h, w, src, dst)
        do = lambda: f(*args).block_until_ready()
        return computing(back, only=do)

    c, part = MODELS[name[:8]], name.split("/")[2]
    loops = np.arange(n, dtype=np.int32)  # GCN adds self loops
    src, dst = np.concatenate([x["from"], loops]), np.concatenate([x["to"], loops])
    order = np.lexsort((src, dst))
    root = 1 / np.sqrt(np.bincount(dst, minlength=n).astype(np.float32))
    w = jnp.asarray((root[src] * root[dst])[order])
    src, dst = jnp.asarray(src[order]), jnp.asarray(dst[order])
    y = jnp.asarray(x["classes"])
    rows = jnp.asarray(x["rows"]) if "rows" in x else jnp.arange(n)
    weights = [(jnp.asarray(x[f"param.convs.{k}.lin.weight"]), jnp.asarray(x[f"param.convs.{k}.bias"]).reshape(-1)) for k in range(c["layers"])]

    def logits(weights, key, h, w, src, dst, train):
        for k, (a, b) in enumerate(weights):
            if train and c["dropout"]:
                key, mine = jax.random.split(key)
                h = jnp.where(jax.random.bernoulli(mine, 1 - c["dropout"], h.shape), h / (1 - c["dropout"]), 0)
            h = propagate(h @ a.T, w, src, dst) + b
            if k + 1 < len(weights):
                h = jax.nn.relu(h)
        return h
    key = jax.random.key(0)
    if part == "inference":
        f = jax.jit(functools.partial(logits, train=False))
        do = lambda: f(weights, key, h, w, src, dst).block_until_ready()
        return computing(only=do)

    def loss(weights, key, h, w, src, dst, train):
        p = jax.nn.log_softmax(logits(weights, key, h, w, src, dst, train)[rows])
        return -jnp.take_along_axis(p, y[rows, None], 1).mean()

    def adam(p, g, m, v, t):
        g = g + DECAY * p
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        return p - LEARNING_RATE * (m / (1 - 0.9 ** t)) / (jnp.sqrt(v / (1 - 0.999 ** t)) + 1e-8), m, v

    @functools.partial(jax.jit, donate_argnums=(0, 1, 2))
    def step(weights, ms, vs, t, key, h, w, src, dst):
        gs = jax.grad(loss)(weights, key, h, w, src, dst, True)
        new = [adam(*a, t) for a in zip(*map(jax.tree.leaves, (weights, gs, ms, vs)))]
        return [jax.tree.unflatten(jax.tree.structure(weights), part) for part in zip(*new)]
    copy = lambda: jax.tree.map(jnp.copy, weights)
    zeros = lambda: jax.tree.map(jnp.zeros_like, weights)
    state = [copy(), zeros(), zeros()]
    times = 0

    def do():
        nonlocal state, times
        times += 1
        state = jax.block_until_ready(step(*state, float(times), jax.random.fold_in(key, times), h, w, src, dst))

    def check(_):
        value, g = jax.value_and_grad(loss)(weights, key, h, w, src, dst, False)
        return [float(value), sum(float((np.asarray(v, np.float64) ** 2).sum()) for v in jax.tree.leaves(g)) ** 0.5]
    return Task({"only": do}, check)


# ---- Measurement

LIBRARIES = {"numpy": numpy_task, "torch": torch_task, "pyg": pyg_task, "jax": jax_task}


def memory(field):
    """A field of /proc/self/status in bytes, 0 where there is none."""
    try:
        with open("/proc/self/status") as f:
            return next(int(line.split()[1]) << 10 for line in f if line.startswith(field + ":"))
    except (OSError, StopIteration):
        return 0


def forget_peak():
    try:
        with open("/proc/self/clear_refs", "w") as f:
            f.write("5")
    except OSError:
        pass


def measure(name, inputs, task, o):
    base = memory("VmRSS")
    x = {f[:-len(".npy")]: np.load(os.path.join(inputs, f)) for f in os.listdir(inputs)}
    task = task(name, x)
    if task is None:
        return None
    way, ops, fastest = "", 1, float("inf")
    for key, do in task.ways.items():
        n, seconds = warm(do, o.time)
        if seconds < fastest:
            way, ops, fastest = key, n, seconds
    do = task.ways[way]
    check = [float(v) for v in task.check(way)]
    task.ways.clear()  # forget what the slower ways and the check needed
    gc.collect()
    forget_peak()
    do()
    seconds = []
    for _ in range(o.count):
        if o.turns:
            print(name, file=sys.stderr, flush=True)
            sys.stdin.readline()
        began = time.perf_counter()
        for _ in range(ops):
            do()
        seconds.append((time.perf_counter() - began) / ops)
    return dict(name=name, way=way, seconds=seconds, median=statistics.median(seconds), min=min(seconds), ops=ops,
                peak_rss=memory("VmHWM"), base_rss=base, check=check)


def warm(do, least):
    """Does the work until a run of it takes the least time; returns the operations of that run and the seconds of one."""
    def run(n):
        began = time.perf_counter()
        for _ in range(n):
            do()
        return time.perf_counter() - began

    took, n = run(1), 1
    if took > 1:  # as good as warm
        return n, took
    while (took := run(n)) < least:
        n = min(100 * n, int(1.1 * n * least / (took + 1e-9)) + 1)
    return n, took / n


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--inputs", required=True, help="folder of symbridge bench -export")
    p.add_argument("--workload", nargs="+", required=True)
    p.add_argument("--library", choices=LIBRARIES, required=True)
    p.add_argument("--count", type=int, default=5)
    p.add_argument("--time", type=float, default=0.2, help="least seconds of a sample")
    p.add_argument("--turns", action="store_true", help="before each sample write the workload to stderr and wait for a line of stdin")
    o = p.parse_args()
    versions = dict(python=sys.version.split()[0], numpy=np.__version__)
    if o.library == "numpy":
        import scipy
        versions["scipy"] = scipy.__version__
    elif o.library == "jax":
        import jax, jraph
        jax.config.update("jax_platforms", "cpu")
        versions.update(jax=jax.__version__, jraph=jraph.__version__)
    else:
        import torch, warnings
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
        torch.set_num_threads(o.threads)
        versions["torch"] = torch.__version__
        if o.library == "pyg":
            import torch_geometric
            versions["torch_geometric"] = torch_geometric.__version__
    results = []
    for name in o.workload:
        r = measure(name, os.path.join(o.inputs, name.replace("/", "-")), LIBRARIES[o.library], o)
        if r:
            results.append(r)
    json.dump(dict(library=o.library, threads=o.threads, versions=versions, results=results), sys.stdout)


if __name__ == "__main__":
    main()
