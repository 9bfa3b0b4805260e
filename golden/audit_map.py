"""How well the map of an audit's page keeps neighbours, beside scikit-learn's PCA and t-SNE of the same embeddings.

    python audit_map.py AUDIT.html TRACES

TRACES is the folder that the audit read (--trace). Prints scikit-learn's trustworthiness of 15 neighbours by cosine.
"""

import json
import re
import sys
from pathlib import Path

import numpy as np
from audit_measure import traces
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness

page = Path(sys.argv[1]).read_text()
shown = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S).group(1))["map"]
x, _, names, _ = traces(sys.argv[2])
x = x / np.linalg.norm(x, axis=1, keepdims=True)
x = x - x.mean(0)
x = x / np.linalg.norm(x, axis=1, keepdims=True)
place = {file: i for i, file in enumerate(shown["file"])}
rows = np.array([next(place[n[k:]] for k in range(len(n)) if n[k:] in place) for n in (n.replace("\\", "/") for n in names)])
maps = {
    "neighbour map of the page": np.c_[shown["u"], shown["v"]][rows],
    "principal components of the page": np.c_[shown["x"], shown["y"]][rows],
    "scikit-learn, PCA": PCA(2).fit_transform(x),
    "scikit-learn, t-SNE": TSNE(2, metric="cosine", init="pca", random_state=0).fit_transform(x),
}
for name, points in maps.items():
    print(f"{name}: {trustworthiness(x, points, n_neighbors=15, metric='cosine'):.3f}")
