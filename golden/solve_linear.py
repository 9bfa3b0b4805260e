"""The Linear Aligner and a linear probe by other solvers, on the traces that a sweep left.

    python golden/solve_linear.py RESULTS/traces/MODEL [SET ...] > solvers.csv

Needs: torch, safetensors, scikit-learn. Of every data set it reads the embeddings of the training, validation and test images, takes class
means times the likeliest logit scale for classes, as the program does for a model without texts, and solves

    Linear Aligner  min CE(unit(W y + b) T) + s/2 (|W - I|^2 / D + |b|^2 / E|y|^2)   torch's L-BFGS, float64, 150 steps a strength
    linear probe    logistic regression of unit embeddings                         scikit-learn's lbfgs

for a path of strengths. The validation split chooses the strength, by accuracy, then by loss; all of it, where the program's default
holds half of it out when few labels are asked for, too. One line a set and method: the strength, and right answers on the test.
"""
import csv, glob, pathlib, sys
import torch, torch.nn.functional as F
from safetensors import safe_open
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

torch.set_default_dtype(torch.float64)


def split(folder, name):
    y, labels = [], []
    for shard in sorted(glob.glob(f"{folder}/{name}/shard-*.safetensors")):
        with safe_open(shard, "pt") as f:
            y.append(f.get_tensor("output").double())
            labels.append(f.get_tensor("labels"))
    return torch.cat(y), torch.cat(labels)


def scale(logits, labels):
    """The factor under which the labels are likeliest."""
    log = torch.zeros(1, requires_grad=True)
    step = torch.optim.LBFGS([log], max_iter=200, line_search_fn="strong_wolfe")

    def loss():
        step.zero_grad()
        value = F.cross_entropy(logits * log.exp(), labels)
        value.backward()
        return value

    step.step(loss)
    return log.exp().item()


def linear(train, labels, T, strength, start):
    D = train.shape[1]
    W, b = (p.clone().requires_grad_(True) for p in start)
    square = train.square().sum(1).mean()
    step = torch.optim.LBFGS([W, b], max_iter=150, history_size=20, line_search_fn="strong_wolfe", tolerance_change=1e-12)

    def loss():
        step.zero_grad()
        away = (W - torch.eye(D)).square().sum() / D + b.square().sum() / square
        value = F.cross_entropy(F.normalize(train @ W.T + b, dim=1) @ T, labels) + strength / 2 * away
        value.backward()
        return value

    step.step(loss)
    return W.detach(), b.detach()


def right(logits, labels):
    return (logits.argmax(1) == labels).sum().item()


def main(folder, wanted):
    out = csv.writer(sys.stdout)
    out.writerow(["dataset", "method", "strength", "validation_right", "validation_images", "test_right", "test_images"])
    for path in sorted(p for p in pathlib.Path(folder).iterdir() if (p / "test").is_dir()):
        name = path.name.rsplit("-", 1)[0]
        if wanted and name not in wanted:
            continue
        (x, a), (v, c), (t, e) = (split(path, s) for s in ("train", "validation", "test"))
        T = torch.stack([x[a == k].mean(0) for k in range(int(a.max()) + 1)], 1)
        T = T * scale(F.normalize(x, dim=1) @ T, a)
        best = (right(F.normalize(v, dim=1) @ T, c), -F.cross_entropy(F.normalize(v, dim=1) @ T, c).item())
        base = right(F.normalize(t, dim=1) @ T, e)
        out.writerow([name, "Base", "", best[0], len(c), base, len(e)])
        chosen, tested = "", base
        at = torch.eye(x.shape[1]), torch.zeros(x.shape[1])
        for strength in [30, 10, 3, 1, .3, .1, .03, .01, .003, .001, .0003, .0001]:
            at = linear(x, a, T, strength, at)
            logits = F.normalize(v @ at[0].T + at[1], dim=1) @ T
            score = right(logits, c), -F.cross_entropy(logits, c).item()
            if score > best:
                best, chosen = score, strength
                tested = right(F.normalize(t @ at[0].T + at[1], dim=1) @ T, e)
        out.writerow([name, "Linear Aligner, torch", chosen, best[0], len(c), tested, len(e)])
        best = None
        for strength in [.01, .03, .1, .3, 1, 3, 10, 30, 100, 300, 1000, 3000]:
            fit = LogisticRegression(C=strength, max_iter=2000).fit(F.normalize(x, dim=1).numpy(), a.numpy())
            p = fit.predict_proba(F.normalize(v, dim=1).numpy())
            score = right(torch.tensor(p), c), -log_loss(c, p, labels=fit.classes_)
            if best is None or score > best:
                best, chosen = score, strength
                tested = right(torch.tensor(fit.predict_proba(F.normalize(t, dim=1).numpy())), e)
        out.writerow([name, "Linear probe, scikit-learn", chosen, best[0], len(c), tested, len(e)])
        sys.stdout.flush()


main(sys.argv[1], sys.argv[2:])
