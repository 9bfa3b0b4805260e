"""Optima of the default fit on a planted problem, by a trust-region Newton method in float64.

    python golden/make_penalty.py fitting/src/test/resources/alignment/penalty.json

Needs: torch, scipy. Embeddings of three classes: a large common mean, two informative directions, and one quiet direction, in which the
training images hardly vary (a thousandth of the others), but with their labels, while other images vary in it as in any
direction and without regard to labels. What the default fit minimises, for a penalty of strength s:

    Linear Aligner  CE(unit(W y + b) T) + s/2 (|W - I|^2 / D + |b|^2 / E|y|^2)
    ResiDual^y      CE(unit(y + V diag(l - 1) V' (y - m)) T) + s/2 mean((l - 1)^2)

with V the principal components and m the mean of the training images. Newton's method with the full Hessian (scipy's
trust-exact) shares nothing with the fit but the definition. The accuracy is that of the optimum on other images.
"""
import json, pathlib, sys
import torch, torch.nn.functional as F
from scipy.optimize import minimize

D, C, N, OTHERS = 6, 3, 30, 90
torch.manual_seed(5)
torch.set_default_dtype(torch.float64)


def images(n, quiet, spurious):
    labels = torch.arange(n) % C
    y = 0.35 * torch.randn(n, D)
    y[:, 0] += 1.5
    angle = 2 * torch.pi * labels / C + 0.8  # the classifier is off by this
    y[:, 1] += 0.8 * torch.cos(angle)
    y[:, 2] += 0.8 * torch.sin(angle)
    y[:, 5] = quiet * (torch.randn(n) + spurious * (labels - 1.0))
    return y.float().double(), labels


train, train_labels = images(N, 1e-3, 3)
other, other_labels = images(OTHERS, 0.35, 0)
angles = 2 * torch.pi * torch.arange(C) / C
T = torch.zeros(D, C)
T[0], T[1], T[2], T[5] = 1, torch.cos(angles), torch.sin(angles), torch.tensor([-1.0, 0, 1])
T = (10 * F.normalize(T, dim=0)).float().double()
square = train.square().sum(1).mean()
mean = train.mean(0)
values, vectors = torch.linalg.eigh(torch.cov(train.T))
V = vectors.flip(1)


def linear(p, y):
    return F.normalize(y @ p[: D * D].reshape(D, D).T + p[D * D :], dim=1) @ T


def spectral(p, y):
    return F.normalize(y + (y - mean) @ V * (p - 1) @ V.T, dim=1) @ T


def away(p):
    return ((p[: D * D] - torch.eye(D).flatten()) ** 2).sum() / D + (p[D * D :] ** 2).sum() / square


def newton(logits, movement, p, strength):
    def objective(q):
        return F.cross_entropy(logits(q, train), train_labels) + strength / 2 * movement(q)

    def value(of):
        return lambda x: of(objective, torch.tensor(x)).numpy()

    found = minimize(lambda x: objective(torch.tensor(x)).item(), p.numpy(), method="trust-exact",
                     jac=value(torch.autograd.functional.jacobian), hess=value(torch.autograd.functional.hessian),
                     options={"gtol": 1e-9, "maxiter": 500})
    assert abs(found.jac).max() < 1e-6, found
    p = torch.tensor(found.x)
    right = int((logits(p, other).argmax(1) == other_labels).sum())
    return {"strength": strength, "objective": objective(p).item(), "parameters": p.tolist(), "right": right}


result = {"train": train.flatten().tolist(), "train_labels": train_labels.tolist(), "other": other.flatten().tolist(),
          "other_labels": other_labels.tolist(), "classifier": T.flatten().tolist(), "mean": mean.tolist(),
          "components": V.T.flatten().tolist()}
for name, logits, movement, p in [
    ("linear", linear, away, torch.cat([torch.eye(D).flatten(), torch.zeros(D)])),
    ("output", spectral, lambda q: ((q - 1) ** 2).mean(), torch.ones(D)),
]:
    result[name + "_base_right"] = int((logits(p, other).argmax(1) == other_labels).sum())
    result[name] = []
    for strength in [10.0, 3.0, 1.0]:
        result[name].append(newton(logits, movement, p, strength))
        p = torch.tensor(result[name][-1]["parameters"])
        print(name, strength, result[name][-1]["objective"], result[name][-1]["right"], result[name + "_base_right"], p[:6].tolist() if name=="output" else p[35].item())
pathlib.Path(sys.argv[1]).write_text(json.dumps(result) + "\n")
