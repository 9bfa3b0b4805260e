"""Losses, gradients, closed forms, minima and assignments of the methods for few labels, in float64 by NumPy and PyTorch.

    python golden/make_few_labels.py fitting/src/test/resources/few-labels/expected.json

Needs: numpy, torch. Every value is computed from the definition, not from the program's algebra: inverses are of the matrices in the
papers, images are left out one by one and the rest is fitted anew, gradients are autograd's, minima are PyTorch's L-BFGS, affinities are
a dense matrix. The data are formulas that the test repeats: see wave(), images() and texts().
"""
import json, math, pathlib, sys
import numpy as np, torch, torch.nn.functional as F

D, C, SHOTS, FREE, ASKED, SCALE = 6, 3, 4, 24, 5, 20.0
torch.set_default_dtype(torch.float64)


def wave(*shape, scale, step):
    """scale * sin(step * (i + 1)) for i = 0, 1, ... in row order."""
    return (scale * np.sin(step * np.arange(1, math.prod(shape) + 1))).reshape(shape)


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def texts():
    """T [D, C]: directions times the logit scale."""
    return SCALE * unit(wave(C, D, scale=1, step=2.1)).T


def images(n, step):
    """n images of classes 0, 1, 2, 0, ...: waves moved towards their class, not quite along its text."""
    labels = np.arange(n) % C
    centres = unit(wave(C, D, scale=1, step=2.1)) + wave(C, D, scale=0.5, step=3.3)
    return unit(wave(n, D, scale=0.7, step=step) + centres[labels]), labels


T = texts()
X, Y = images(SHOTS * C, 1.7)
Q, _ = images(FREE, 0.9)
A, LA = images(ASKED, 1.3)
t = unit(T.T).T
HOT = np.eye(C)[Y]
SCALES = 10 ** (-2 + np.arange(15) / 4)


def cross_entropy(logits, labels):
    return F.cross_entropy(torch.tensor(logits), torch.tensor(labels)).item()


def left_out_loss(logits, labels):
    return min(cross_entropy(s * logits, labels) for s in SCALES)


def numbers(x):
    return [float(f"{v:.12g}") for v in np.asarray(x, dtype=float).ravel()]


out = {}

# GDA: the inverse of Wang et al., and every image classified by what the others give.
def gaussian(x, y, trace):
    n = len(y)
    mu = np.stack([x[y == c].mean(0) for c in range(C)])
    r = x - mu[y]
    covariance = r.T @ r / (n - 1)
    trace = np.trace(covariance) if trace is None else trace
    inverse = D * np.linalg.inv((n - 1) * covariance + trace * np.eye(D))
    weight = inverse @ mu.T
    return weight, math.log(1 / C) - 0.5 * np.einsum("cd,de,ce->c", mu, inverse, mu), trace


weight, bias, trace = gaussian(X, Y, None)
loo = []
for i in range(len(Y)):
    keep = np.arange(len(Y)) != i
    # The scatter of the others; the ridge of all.
    mu = np.stack([X[keep & (Y == c)].mean(0) for c in range(C)])
    r = X[keep] - mu[Y[keep]]
    inverse = D * np.linalg.inv(r.T @ r + trace * np.eye(D))
    loo.append(X[i] @ inverse @ mu.T - 0.5 * np.einsum("cd,de,ce->c", mu, inverse, mu))
loo = np.array(loo)
alphas = np.concatenate([[0], 10 ** (-3 + np.arange(21) / 4)])
losses = [left_out_loss(X @ T + a * loo, Y) for a in alphas]
alpha = alphas[int(np.argmin(losses))]
out["gda"] = {"weight": numbers(weight), "bias": numbers(bias), "left_out": numbers(loo), "alpha": float(alpha),
              "logits": numbers(A @ T + alpha * (A @ weight + bias))}

# ResiDual* + GDA, here with a weight for each of the first dimensions of the embedding, the others as they are: minima by PyTorch, each part left out and the rest fitted anew.
K = D // 2
weigh = lambda x, lam: np.concatenate([x[:, :K] * lam, x[:, K:]], 1)


def weights(x, y, p):
    lam = torch.ones(K, requires_grad=True)
    optimiser = torch.optim.LBFGS([lam], max_iter=500, tolerance_grad=1e-12, tolerance_change=1e-15, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        x_hat = torch.cat([torch.tensor(x[:, :K]) * lam, torch.tensor(x[:, K:])], 1)
        z = F.normalize(x_hat, dim=1) @ torch.tensor(T)
        loss = F.cross_entropy(z, torch.tensor(y)) + p / SHOTS * ((lam - 1) ** 2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return lam.detach().numpy()


part = np.arange(len(Y)) // C  # the images of a class in turn
best = None
for p in [math.inf, 0.03, 0.01, 0.003, 0.001]:
    fitted = lambda keep: np.ones(K) if p == math.inf else weights(X[keep], Y[keep], p)
    z = np.zeros((len(Y), C))
    for k in range(SHOTS):
        z[part == k] = unit(weigh(X[part == k], fitted(part != k))) @ T
    loss = left_out_loss(z, Y)
    if best is None or loss < best[0]:
        best = (loss, p, z, fitted(part >= 0))
_, p, z, lam = best
U, B = unit(weigh(X, lam)), unit(weigh(A, lam))
weight, bias, trace = gaussian(U, Y, None)
loo = []
for i in range(len(Y)):
    keep = np.arange(len(Y)) != i
    mu = np.stack([U[keep & (Y == c)].mean(0) for c in range(C)])
    r = U[keep] - mu[Y[keep]]
    inverse = D * np.linalg.inv(r.T @ r + trace * np.eye(D))
    loo.append(U[i] @ inverse @ mu.T - 0.5 * np.einsum("cd,de,ce->c", mu, inverse, mu))
losses = [left_out_loss(z + a * np.array(loo), Y) for a in alphas]
alpha = alphas[int(np.argmin(losses))]
print("residual-gda: p", p, "alpha", alpha, "losses", np.round(losses, 4))
out["residual-gda"] = {"strength": p, "lambda": numbers(lam), "logits": numbers(B @ T + alpha * (B @ weight + bias))}

# Kernel ridge on cosines.
beta = 1 / np.mean([1 - X[i] @ X[j] for i in range(len(Y)) for j in range(len(Y)) if i != j])
kernel = lambda a, b: np.exp(-beta * (1 - a @ b.T))
strengths = 10 ** (-2 + np.arange(11) / 2)


def ridge(x, y, lam, at):
    a = np.linalg.solve(kernel(x, x) + lam * np.eye(len(y)), np.eye(C)[y] - x @ t)
    return at @ t + kernel(at, x) @ a


best = None
for lam in strengths[::-1]:
    scores = np.stack([ridge(np.delete(X, i, 0), np.delete(Y, i), lam, X[i:i + 1])[0] for i in range(len(Y))])
    loss = left_out_loss(scores, Y)
    if best is None or loss < best[0]:
        best = (loss, lam, scores)
out["kernel-ridge"] = {"beta": float(beta), "strength": float(best[1]), "left_out": numbers(best[2]),
                       "logits": numbers(SCALE * ridge(X, Y, best[1], A))}

# Losses with gradients at a point, and minima from the class embeddings.
x, y, text, d0 = (torch.tensor(np.ascontiguousarray(v)) for v in (X, Y, T, t))
a = torch.tensor(A)
lam = 1 / SHOTS
probabilities = torch.softmax(x @ text, 1)
clap = torch.stack([probabilities[y == c, c].mean() for c in range(C)])
losses = {
    "text-probe": (lambda w: F.cross_entropy(SCALE * x @ w, y) + lam * (w - d0).pow(2).sum(), d0, lambda w: SCALE * w),
    "clap": (lambda w: F.cross_entropy(SCALE * x @ F.normalize(w, dim=0), y)
             + (clap * (w - d0).pow(2).sum(0)).mean(), d0, lambda w: SCALE * F.normalize(w, dim=0)),
    "cross-modal": (lambda w: 0.5 * F.cross_entropy(SCALE * x @ w, y) + 0.5 * F.cross_entropy(SCALE * d0.T @ w, torch.arange(C))
                    + lam * (w - d0).pow(2).sum(), d0, lambda w: SCALE * w),
    "task-res": (lambda r: F.cross_entropy(SCALE * x @ F.normalize(d0 + 0.5 * r, dim=0), y), torch.zeros(D, C), None),
    "rla": (lambda w: F.cross_entropy(F.normalize(x @ w.T, dim=1) @ text, y) + lam * (w - torch.eye(D)).pow(2).sum(),
            torch.eye(D), None),
}
for name, (loss, start, head) in losses.items():
    point = (start + torch.tensor(wave(*start.shape, scale=0.1, step=1.1))).requires_grad_()
    value = loss(point)
    (gradient,) = torch.autograd.grad(value, point)
    out[name] = {"loss": value.item(), "gradient": numbers(gradient)}
    if name == "task-res":
        continue
    w = start.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([w], max_iter=2000, tolerance_grad=1e-12, tolerance_change=1e-15, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        value = loss(w)
        value.backward()
        return value

    optimiser.step(closure)
    out[name]["least"] = loss(w).item()
    logits = F.normalize(a @ w.T, dim=1) @ text if name == "rla" else a @ head(w)
    out[name]["logits"] = numbers(logits.detach())

# TaskRes by PyTorch's Adam with its weight decay and its cosine schedule.
r = torch.zeros(D, C, requires_grad=True)
optimiser = torch.optim.Adam([r], lr=2e-3, weight_decay=5e-4)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 100)
for _ in range(100):
    optimiser.zero_grad()
    losses["task-res"][0](r).backward()
    optimiser.step()
    schedule.step()
out["task-res"]["logits"] = numbers((a @ (SCALE * F.normalize(d0 + 0.5 * r, dim=0))).detach())

# LP++ by autograd and PyTorch's SGD with momentum.
own = (x @ d0)[torch.arange(len(Y)), y].mean()
alpha = (250 * own * torch.ones(C)).requires_grad_()
w = torch.stack([x[y == c].sum(0) for c in range(C)], 1).requires_grad_()
sgd = torch.optim.SGD([w], lr=4 * len(Y) / np.linalg.eigvalsh(X.T @ X).max(), momentum=0.9)
rate = len(Y) / (4 * (x @ d0).pow(2).sum(0).max().item())
for step in range(1, 301):
    value = F.cross_entropy(x @ w + (x @ d0) * alpha, y)
    gw, ga = torch.autograd.grad(value, (w, alpha))
    w.grad = gw
    sgd.step()
    if step % 10 == 0:
        with torch.no_grad():
            alpha -= rate * ga
out["lp-plus-plus"] = {"logits": numbers((a @ (w + alpha * d0)).detach())}


# TransCLIP with dense affinities.
def transclip(free, support, hot, gamma):
    n, m = len(free), len(support)
    few = gamma > 0
    lam = 0.5 if few else 1.0
    affinity = np.zeros((n + m, n))
    for i in range(n + m):
        similar = (free[i] if i < n else support[i - n]) @ free.T
        if i < n:
            similar[i] = -np.inf
        for j in np.argsort(-similar, kind="stable")[:3]:
            affinity[i, j] = similar[j]
    y_hat = torch.softmax(torch.tensor(free @ T), 1).numpy()
    z = y_hat.copy()
    if few:
        mu = unit(hot.T @ support)
    else:
        top = np.argsort(-z, axis=0, kind="stable")[:8]
        mu = unit(np.stack([(z[top[:, c], c][:, None] * free[top[:, c]]).mean(0) for c in range(C)]))
    v = np.ones(D) / D
    for iteration in range(11):
        likelihood = -0.5 * (((free[:, None] - mu[None]) ** 2) / v).sum(2)
        for _ in range(5):
            rows = np.concatenate([z, hot]) if few else z
            g = likelihood + 50 / 6 * (affinity[:len(rows)].T @ rows + affinity[:n] @ z)
            g = y_hat ** lam * np.exp((g - g.max(1, keepdims=True)) / 50)
            z = g / g.sum(1, keepdims=True)
        if iteration == 10:
            return mu, v, z, lam
        weights = np.concatenate([z / n, gamma * 50 / m * hot]) if few else z / n
        of = np.concatenate([free, support]) if few else free
        mu = unit(weights.T @ of / weights.sum(0)[:, None])
        v = (weights[:, :, None] * (of[:, None] - mu[None]) ** 2).sum((0, 1)) / weights.sum()


def beside(mu, v, lam, at):
    return at @ T + (at @ (mu / v).T - 0.5 * (mu ** 2 / v).sum(1)) / (50 * lam)


mu, v, z, lam0 = transclip(np.concatenate([Q, X]), X[:0], HOT[:0], 0)
out["transclip-zero"] = {"assignments": numbers(z[:ASKED]), "logits": numbers(beside(mu, v, lam0, A))}
held = [int(np.flatnonzero(Y == c)[0]) for c in range(C)]
rest = np.setdiff1d(np.arange(len(Y)), held)
best = None
for gamma in [0.002, 0.01, 0.02, 0.2]:
    mu, v, _, lam0 = transclip(Q, X[rest], HOT[rest], gamma)
    loss = left_out_loss(beside(mu, v, lam0, X[held]), Y[held])
    if best is None or loss < best[0]:
        best = (loss, gamma)
mu, v, z, lam0 = transclip(Q, X, HOT, best[1])
out["transclip"] = {"gamma": best[1], "assignments": numbers(z[:ASKED]), "logits": numbers(beside(mu, v, lam0, A))}

pathlib.Path(sys.argv[1]).write_text(json.dumps(out, indent=0) + "\n")
