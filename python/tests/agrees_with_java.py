"""Compares the reader's own numbers with those that Residual wrote of the same trace: python -m tests.agrees_with_java FOLDER

FOLDER has t.trace, t.adapter (residual-star), t.spectrum, t.safetensors (`residual arrays --adapter`) and geometry.json.
"""
import os
import sys

import numpy as np

from residual_reader import Adapter, Arrays, Spectra, Trace, read_json, rows, spectra_of


def main(folder):
    path = lambda name: os.path.join(folder, name)
    trace, arrays, adapter = Trace(path("t.trace")), Arrays(path("t.safetensors")), Adapter(path("t.adapter"))
    assert trace.names == arrays.names and trace.unit_names == arrays.unit_names
    np.testing.assert_array_equal(trace.labels, arrays.arrays["labels"])
    # float32 sums of up to 67 products in another order
    scale = np.abs(trace.output).max()
    np.testing.assert_allclose(trace.units(), arrays.arrays["units"], rtol=0, atol=1e-5 * scale)
    assert trace.decomposition_error() < 1e-4
    own, written = spectra_of(trace), Spectra(path("t.spectrum"))
    geometry = {r["unit"]: r for r in rows(read_json(path("geometry.json"), "residual/geometry"))}
    for name in trace.unit_names:
        mine, java = own[name], written[name]
        rank = min(len(mine.eigenvalues), len(java.eigenvalues))
        total = max(mine.eigenvalues.sum(), 1e-12)
        # Java gathers sums of products in float64 of float32 units; NumPy takes singular values
        np.testing.assert_allclose(mine.eigenvalues[:rank] / total, java.eigenvalues[:rank] / total, rtol=0, atol=1e-5, err_msg=name)
        np.testing.assert_allclose(java.eigenvalues, arrays[name].eigenvalues, rtol=1e-9, err_msg=name)
        if rank:
            assert abs(mine.participation_ratio / geometry[name]["participation_ratio"] - 1) < 1e-3, name
            first = abs(mine.components[0] @ java.components[0])
            gap = mine.eigenvalues[0] - (mine.eigenvalues[1] if rank > 1 else 0)
            assert first > .999 or gap < .02 * total, (name, first)  # near-equal components may turn
    weights = [w for _, _, _, lambdas in adapter.parts() for w in lambdas]
    np.testing.assert_array_equal(weights, np.asarray(arrays.arrays["lambda"]))
    # logits are cosines times a scale of up to 100
    np.testing.assert_allclose(adapter.logits(trace), arrays.arrays["logits"], rtol=0, atol=2e-3)
    right = (adapter.logits(trace).argmax(1) == trace.labels).mean()
    assert abs(right - adapter.info["validation_accuracy"]) < 1e-9, (right, adapter.info["validation_accuracy"])
    print("agrees:", len(trace), "images,", len(trace.unit_names), "units")


if __name__ == "__main__":
    main(sys.argv[1])
