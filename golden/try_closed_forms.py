"""Trials of closed forms for few labels, on the traces of a sweep that `residual reproduce few-labels --out FOLDER` has made.

    python golden/try_closed_forms.py FOLDER [draws]

Needs: numpy, safetensors. No part of the program: what won here was written in Java and measured by the sweep; the rest is recorded as
tried. Images are drawn here and not as the program draws them, so that figures differ a little from the sweep's. Every rule sees the training
images alone; the test images give the figures.
"""
import collections, glob, json, os, sys
import numpy as np
from safetensors import safe_open

folder, draws = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
SCALES = 10 ** np.arange(-2, 1.51, 0.25)
ALPHAS = np.concatenate([[0], 10 ** np.arange(-3, 2.01, 0.25)])
STRENGTHS = 10 ** np.arange(-2, 3.01, 0.5)
unit = lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True)


def load():
    classifiers = {}
    for file in glob.glob(folder + "/adapters/*"):
        with safe_open(file, "np") as f:
            source = json.loads(f.metadata()["residual-adapter"])["data"]["source"]
            if source not in classifiers:
                classifiers[source] = f.get_tensor("classifier").astype(float)
    for task in sorted(glob.glob(folder + "/traces/*/*")):
        name = os.path.basename(task).rsplit("-", 1)[0]
        splits = []
        for split in ("train", "test"):
            y, labels = [], []
            for shard in sorted(glob.glob(f"{task}/{split}/shard*")):
                with safe_open(shard, "np") as f:
                    y.append(f.get_tensor("output").astype(float))
                    labels.append(f.get_tensor("labels").astype(int))
            splits += [unit(np.concatenate(y)), np.concatenate(labels)]
        yield name, *splits, classifiers["world:" + name]


def cross_entropy(logits, y):
    m = logits.max(1, keepdims=True)
    return float(np.mean(np.log(np.exp(logits - m).sum(1)) + m[:, 0] - logits[np.arange(len(y)), y]))


loss = lambda logits, y: min(cross_entropy(s * logits, y) for s in SCALES)
right = lambda logits, y: float(np.mean(logits.argmax(1) == y))


def gaussian(x, y, classes):
    means = np.stack([x[y == c].mean(0) for c in range(classes)])
    r = x - means[y]
    scatter = r.T @ r
    trace = np.trace(scatter) / max(1, len(y) - 1)
    if trace < 1e-10:
        return None
    a = np.linalg.inv(scatter + trace * np.eye(x.shape[1])) * x.shape[1]
    return a @ means.T, -0.5 * np.einsum("cd,de,ce->c", means, a, means), trace


def gaussian_left_out(x, y, classes):
    trace = gaussian(x, y, classes)[2]
    d = x.shape[1]
    out = []
    for i in range(len(y)):
        keep = np.arange(len(y)) != i
        means = np.stack([x[keep & (y == c)].mean(0) for c in range(classes)])
        r = x[keep] - means[y[keep]]
        a = d * np.linalg.inv(r.T @ r + trace * np.eye(d))
        out.append(x[i] @ a @ means.T - 0.5 * np.einsum("cd,de,ce->c", means, a, means))
    return np.array(out)


class Kernel:
    """Ridge regression on what the prompts leave over, of cosines (towards one-hot labels) or of probabilities (a gradient step)."""

    def __init__(self, x, y, text, width, gradient):
        n, classes = len(y), text.shape[1]
        apart = 1 - (np.square(x.sum(0)).sum() - n) / (n * (n - 1))
        self.x, self.text, self.gradient = x, text, gradient
        self.kernel = (lambda a, b: a @ b.T / apart) if width is None else (lambda a, b: np.exp(-width / apart * (1 - a @ b.T)))
        z = x @ text
        p = np.exp(z - z.max(1, keepdims=True))
        self.scale = np.linalg.norm(text, axis=0)
        self.left = np.eye(classes)[y] - (p / p.sum(1, keepdims=True) if gradient else z / self.scale)
        self.start = z if gradient else z / self.scale
        self.values, self.vectors = np.linalg.eigh(self.kernel(x, x))
        self.y = y

    def solve(self, lam):
        inverse = (self.vectors / (np.maximum(self.values, 0) + lam)) @ self.vectors.T
        a = inverse @ self.left
        return a, self.left - a / np.diag(inverse)[:, None]

    def candidates(self):
        for lam in STRENGTHS:
            a, out = self.solve(lam)
            for step in (1, 3, 10, 30, 100) if self.gradient else (1,):
                yield lam, step, step * a, self.start + step * out

    def at(self, a, x):
        return (x @ self.text if self.gradient else x @ self.text / self.scale) + self.kernel(x, self.x) @ a


table = collections.defaultdict(lambda: collections.defaultdict(list))
for name, x_all, y_all, tx, ty, text in load():
    classes = text.shape[1]
    for shots in (1, 2, 4, 8, 16):
        for draw in range(draws):
            random = np.random.default_rng(100 * draw + shots)
            rows = [random.permutation(np.flatnonzero(y_all == c))[:shots] for c in range(classes)]
            x, y = x_all[np.concatenate(rows)], y_all[np.concatenate(rows)]
            put = lambda what, logits: table[what][shots].append(right(logits, ty))
            put("Base", tx @ text)
            best = []
            for what, width, gradient in (("kernel ridge, width as the images lie apart", 1, False),
                                          ("kernel ridge, twice as wide", 0.5, False), ("ridge, linear", None, False),
                                          ("gradient step in the kernel", 1, True), ("gradient step, linear", None, True)):
                kernel = Kernel(x, y, text, width, gradient)
                found = [(loss(out, y) if shots > 1 else abs(np.log10(lam) - 1) + (step != 10 and gradient), a)
                         for lam, step, a, out in kernel.candidates()]
                k = min(range(len(found)), key=lambda i: found[i][0])
                logits = kernel.at(found[k][1], tx)
                put(what, logits)
                if what.startswith("kernel ridge, width"):
                    best.append((found[k][0], logits))
            if shots > 1:
                weight, bias, _ = gaussian(x, y, classes)
                out = gaussian_left_out(x, y, classes)
                for what, of in (("GDA, likelihood left out as it is", cross_entropy), ("GDA, at its best temperature", loss)):
                    each = [of(x @ text + a * out, y) for a in ALPHAS]
                    alpha = ALPHAS[int(np.argmin(each))]
                    logits = tx @ text + alpha * (tx @ weight + bias)
                    put(what, logits)
                best.append((min(each), logits))
                # Half of every class trains, the other half chooses.
                train = np.concatenate([r[: shots // 2] for r in rows])
                check = np.concatenate([r[shots // 2:] for r in rows])
                half = gaussian(x_all[train], y_all[train], classes)
                if half is not None:
                    g = lambda z, a: z @ text + a * (z @ half[0] + half[1])
                    score = [(right(g(x_all[check], a), y_all[check]), -loss(g(x_all[check], a), y_all[check])) for a in ALPHAS]
                    put("GDA, half of the labels for validation", g(tx, ALPHAS[max(range(len(score)), key=score.__getitem__)]))
                kernel = Kernel(x_all[train], y_all[train], text, 1, False)
                score = []
                for lam in STRENGTHS:
                    a, _ = kernel.solve(lam)
                    z = kernel.at(a, x_all[check])
                    score.append((right(z, y_all[check]), -loss(z, y_all[check]), lam))
                put("kernel ridge, half of the labels for validation", kernel.at(kernel.solve(max(score)[2])[0], tx))
            # Weights of the embedding's own components, as ResiDual^y has them, without a descent.
            mean = x.mean(0)
            values, phi = np.linalg.eigh((x_all - x_all.mean(0)).T @ (x_all - x_all.mean(0)))
            c = (x - mean) @ phi
            between = np.mean([c[y == k].mean(0) ** 2 for k in range(classes)], axis=0)
            total = (c ** 2).mean(0) + 1e-12
            for shrunk in (1, 10, 100):
                wiener = 1 + (classes * shots / (classes * shots + shrunk)) * (between / total / np.mean(between / total) - 1)
                put(f"λ by between-class over total variance, shrunk as {shrunk} images", unit((tx - mean) @ phi * wiener @ phi.T + mean) @ text)
            # One generalised least-squares step of λ: logits change by c_ik φ_k·t, towards labels less probabilities.
            jt = phi.T @ (text - text.mean(1, keepdims=True))
            z = x @ text
            p = np.exp(z - z.max(1, keepdims=True))
            p /= p.sum(1, keepdims=True)
            target = ((np.eye(classes)[y] - p) @ jt.T * c).sum(0)
            hessian = (c.T @ c) * (jt @ jt.T) / classes
            for lam in (0.01, 0.1, 1):
                step = np.linalg.solve(hessian + lam * np.trace(hessian) / len(hessian) * np.eye(len(hessian)), target)
                put(f"λ by one least-squares step, ridge {lam}", unit((tx - mean) @ phi * (1 + step) @ phi.T + mean) @ text)
            put("the one of GDA and kernel ridge with less loss left out", min(best, key=lambda b: b[0])[1])
print("| images a class | 1 | 2 | 4 | 8 | 16 |\n|---|---:|---:|---:|---:|---:|")
for what, by in table.items():
    print(f"| {what} | " + " | ".join(f"{100 * np.mean(by[s]):.1f}" if s in by else "–" for s in (1, 2, 4, 8, 16)) + " |")
