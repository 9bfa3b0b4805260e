"""Orders images by how doubtful their planted wrong labels are, with several scores, and accepts proposals blindly.

    python audit_scores.py OUT.csv SEEDS TRACES [TRACES ...]
    python audit_scores.py --summary OUT.csv [OUT.csv ...]

TRACES is a folder with traces of one data set (train, validation, test), as `residual trace` writes them. The scores of `residual audit`
(ridge regression without the image, in closed form) stand beside cleanlab's usual input (five-fold logistic regression, self-confidence;
the order needs scikit-learn alone) on the same embeddings. Average precision is that of the whole order, so that the length of no list
matters. Precision and recall are of the lists: the audit's, and cleanlab's by its default filter (with a note and without numbers where cleanlab
is absent). Accuracy is of a logistic regression on training labels as planted, as corrected by all proposals and as corrected by the sure ones
alone, on test images with their true labels. --summary prints means over sets, rates and seeds, and differences with 95 % intervals over the
sets (Student's t).
"""

import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from audit_measure import traces
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

try:
    from cleanlab.filter import find_label_issues
except ImportError as missing:
    find_label_issues = None
    print(f"note: cleanlab's lists are left out: {missing}", file=sys.stderr)

PENALTIES = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1]


def softmax(scores):
    e = np.exp(scores - scores.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def ridge(x, y, classes):
    """Scores of each image by the fit on all others, and their probabilities at the temperature of the least loss."""
    rows = np.arange(len(y))
    z = np.c_[x, np.ones(len(x))]
    values, vectors = np.linalg.eigh((z.T @ z).astype(float))
    z = z @ vectors
    target = np.eye(classes)[y]
    best = None
    for penalty in PENALTIES:
        inverse = 1 / (np.maximum(0, values) + penalty * len(x))
        leverage = z**2 @ inverse
        fitted = z @ (z.T @ target * inverse[:, None])
        scores = target - (target - fitted) / np.maximum(1e-6, 1 - leverage)[:, None]
        for scale in np.exp(np.linspace(np.log(0.5), np.log(60), 60)):
            p = softmax(scores * scale)
            loss = -np.log(np.maximum(1e-12, p[rows, y])).mean()
            if best is None or loss < best[0]:
                best = loss, scores, p
    return best[1], best[2]


def average_precision(doubt, truth):
    hits = truth[np.argsort(-doubt, kind="stable")]
    return (np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean()


def margin(values, y):
    others = values.copy()
    others[np.arange(len(y)), y] = -np.inf
    return others.max(1) - values[np.arange(len(y)), y]


def suspects(p, y, classes):
    """Confident learning, pruning by noise rate, as the audit does it."""
    thresholds = np.array([p[y == c, c].mean() if (y == c).any() else np.inf for c in range(classes)])
    above = np.where(p >= thresholds, p, -1)
    confident = np.where(above.max(1) >= 0, above.argmax(1), -1)
    marked = np.zeros(len(y), bool)
    for given in range(classes):
        own = np.flatnonzero(y == given)
        counts = np.bincount(confident[own][confident[own] >= 0], minlength=classes).astype(float)
        counts *= len(own) / counts.sum() if counts.sum() else 0
        for other in range(classes):
            if other != given:
                order = own[np.argsort(p[own, given] - p[own, other], kind="stable")]
                marked[order[: int(np.floor(counts[other] + 0.5))]] = True
    return marked & (p.argmax(1) != y)


def hits(found, wrong):
    """Precision and recall of a list."""
    both = (found & wrong).sum()
    return [float(both / max(1, found.sum())), float(both / wrong.sum())]


def cleanlab(y, q):
    """cleanlab's list by its default filter."""
    return find_label_issues(y, q, n_jobs=1)


def accuracy(x, y, clean, train, test):
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300)).fit(x[train], y[train])
    return float((probe.predict(x[test]) == clean[test]).mean())


def main(out, seeds, folders):
    rows = []
    for folder in folders:
        x, clean, names, classes = traces(folder)
        count = len(classes)
        x = x / np.linalg.norm(x, axis=1, keepdims=True)
        x = x - x.mean(0)
        x = x / np.linalg.norm(x, axis=1, keepdims=True)
        sizes = [0]
        for split in ("train", "validation", "test"):
            part = traces_of(folder, split)
            sizes.append(sizes[-1] + part)
        train = np.arange(len(x)) < sizes[1]
        test = np.arange(len(x)) >= sizes[2]
        means = np.array([x[clean == c].mean(0) for c in range(count)])
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        alike = means @ means.T
        np.fill_diagonal(alike, -2)
        for kind in ("uniform", "similar"):
            for rate in (0.02, 0.05, 0.1):
                for seed in range(seeds):
                    rng = np.random.default_rng(1000 * seed + round(1000 * rate))
                    y = clean.copy()
                    for i in rng.choice(len(clean), round(rate * len(clean)), replace=False):
                        others = [c for c in range(count) if c != clean[i]]
                        y[i] = rng.choice(others) if kind == "uniform" else alike[clean[i]].argmax()
                    wrong = y != clean
                    scores, p = ridge(x, y, count)
                    folds = StratifiedKFold(5, shuffle=True, random_state=0)
                    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300))
                    q = cross_val_predict(model, x, y, cv=folds, method="predict_proba")
                    own = np.arange(len(y)), y
                    found = suspects(p, y, count)
                    sure = found & (p[own] <= 0.02) & (p.max(1) >= 0.9)
                    fixed, certain = y.copy(), y.copy()
                    fixed[found] = p.argmax(1)[found]
                    certain[sure] = p.argmax(1)[sure]
                    rows.append([Path(folder).name.rsplit("-", 1)[0], kind, rate, seed,
                                 average_precision(-p[own], wrong), average_precision(margin(scores, y), wrong),
                                 average_precision(-q[own], wrong), average_precision(margin(q, y), wrong),
                                 accuracy(x, y, clean, train, test), accuracy(x, fixed, clean, train, test),
                                 accuracy(x, certain, clean, train, test), int(found.sum()), int(sure.sum()),
                                 float(wrong[sure].mean()) if sure.any() else float("nan"), *hits(found, wrong),
                                 *(hits(cleanlab(y, q), wrong) if find_label_issues else [float("nan")] * 2)])
                    print(rows[-1], flush=True)
    with open(out, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["data", "errors", "rate", "seed", "audit_self_confidence", "audit_raw_margin", "logistic_self_confidence",
                         "logistic_margin", "accuracy_planted", "accuracy_all_accepted", "accuracy_sure_accepted", "found", "sure",
                         "precision_of_sure", "audit_precision", "audit_recall", "cleanlab_precision", "cleanlab_recall"])
        writer.writerows([[f"{v:.4f}" if isinstance(v, float) else v for v in row] for row in rows])


def traces_of(folder, split):
    import json

    from safetensors import safe_open

    manifest = json.loads((Path(folder) / split / "manifest.json").read_text())
    total = 0
    for shard in manifest["shards"]:
        with safe_open(Path(folder) / split / shard, "np") as file:
            total += len(file.get_tensor("labels"))
    return total


def summary(files):
    """Means over everything, and differences of the audit and cleanlab with intervals over sets."""
    from scipy.stats import t

    rows = [row for file in files for row in csv.DictReader(open(file, newline=""))]
    pairs = {"average precision": ("audit_self_confidence", "logistic_self_confidence"),
             "precision of the list": ("audit_precision", "cleanlab_precision"),
             "recall of the list": ("audit_recall", "cleanlab_recall")}
    for errors in ("uniform", "similar"):
        for rate in (None, 0.02, 0.05, 0.1):
            for name, (ours, theirs) in pairs.items():
                sets = defaultdict(list)
                for row in rows:
                    if row["errors"] == errors and rate in (None, float(row["rate"])):
                        sets[row["data"]].append((float(row[ours]), float(row[theirs])))
                means = np.array([np.mean(v, 0) for v in sets.values()])
                difference = means[:, 0] - means[:, 1]
                half = t.ppf(0.975, len(difference) - 1) * difference.std(ddof=1) / np.sqrt(len(difference))
                print(f"{errors} {'all rates' if rate is None else rate} {name}: audit {means[:, 0].mean():.3f}, cleanlab {means[:, 1].mean():.3f}, "
                      f"difference {difference.mean():+.3f} ± {half:.3f} over {len(difference)} sets, ahead on {(difference > 0).sum()}")


if __name__ == "__main__" and sys.argv[1] == "--summary":
    summary(sys.argv[2:])
elif __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
