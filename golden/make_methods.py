"""Loss, accuracy and gradient of the methods that the conformance kits leave out, by PyTorch's autograd in float64.

    python golden/make_methods.py fixtures/src/main/resources/kits fitting/src/test/resources/alignment/methods.json

Needs: torch, safetensors. From each kit's image features of set b (what is learned from) and a (what is remembered), its
labels and its classifier. The definitions: Linear Aligner, y -> W y + b (ResiDual, section 4); linear probe, logistic
regression on 10 times the unit embedding; Tip-Adapter (Zhang et al. 2022, eq. 4-6), zero-shot logits plus
alpha * exp(-beta (1 - f . f_j)) for each remembered image j of the class. Parameters are wave(), a formula that the test
repeats. Gradients are of the mean cross-entropy.
"""
import json, pathlib, sys
import torch, torch.nn.functional as F
from safetensors.torch import load_file

kits, target = map(pathlib.Path, sys.argv[1:3])
REMEMBERED, ALPHA, BETA = 24, 1.3, 5.5


def wave(*shape, scale, step):
    """scale * sin(step * (i + 1)) for i = 0, 1, ... in row order."""
    n = torch.Size(shape).numel()
    return (scale * torch.sin(step * torch.arange(1, n + 1, dtype=torch.float64))).reshape(shape)


def learned(logits, labels, *parameters):
    loss = F.cross_entropy(logits, labels)
    gradients = torch.autograd.grad(loss, parameters) if parameters else ()
    return {
        "loss": loss.item(),
        "right": int((logits.argmax(-1) == labels).sum()),
        "gradients": [[float(f"{x:.7g}") for x in g.flatten().tolist()] for g in gradients],
    }


all = {}
for kit in ["clip-hf", "blip-itm", "vit"]:
    t = load_file(kits / kit / "expected.safetensors")
    a, b, classifier = (t[k].double() for k in ("a.image_features", "b.image_features", "classifier"))
    la, lb = t["a.labels"].long(), t["b.labels"].long()
    d, c = classifier.shape
    unit = lambda x: F.normalize(x, dim=-1)

    w = (torch.eye(d, dtype=torch.float64) + wave(d, d, scale=0.1, step=1.7)).requires_grad_()
    bias = wave(d, scale=0.3, step=0.9).requires_grad_()
    linear = learned(unit(b @ w.T + bias) @ classifier, lb, w, bias)

    pw = wave(d, c, scale=0.5, step=2.3).requires_grad_()
    pb = wave(c, scale=0.2, step=1.1).requires_grad_()
    probe = learned(10 * unit(b) @ pw + pb, lb, pw, pb)

    keys = unit(a[:REMEMBERED]).clone().requires_grad_()
    votes = F.one_hot(la[:REMEMBERED], c).double()
    tip = learned(unit(b) @ classifier + ALPHA * torch.exp(-BETA * (1 - unit(b) @ keys.T)) @ votes, lb, keys)
    all[kit] = {"base": learned(unit(b) @ classifier, lb), "linear": linear, "probe": probe, "tip-adapter": tip}
target.write_text(json.dumps(all, indent=0) + "\n")
