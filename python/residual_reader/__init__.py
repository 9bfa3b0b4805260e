"""Reads what Residual writes (docs/formats.md), with NumPy alone.

    from residual_reader import Trace, Spectra, Adapter, Arrays, read_json, rows

    trace = Trace("signs.trace")
    trace.unit("L5.H0")                 # [n, D]: what head 0 of layer 5 adds to each image's embedding
    spectrum = spectra_of(trace)["L5.H0"]   # principal components, as `residual spectrum` computes them
    Adapter("signs.adapter").probabilities(trace)

Arrays are in the order that the files have: images, then units (embedding; heads layer by layer; MLPs layer by layer; with attention
pooling the MLP after it), then dimensions of the shared space. Nothing is executed that a file says; sizes are checked before memory is
taken.
"""
from .files import FormatError, load_safetensors, read_json, rows
from .records import Adapter, Arrays, Spectra, Spectrum, Trace, spectra_of

__all__ = [
    "Adapter", "Arrays", "FormatError", "Spectra", "Spectrum", "Trace", "load_safetensors", "read_json", "rows", "spectra_of",
]
