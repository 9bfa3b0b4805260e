"""What maps and interventions cost in eager PyTorch, the usual way: forward hooks, attention with output_attentions.

    python eager.py FOLDER_OF_DINOV2 [threads]
"""
import statistics, sys, time
import torch
from transformers import Dinov2Model

torch.set_num_threads(int(sys.argv[2]) if len(sys.argv) > 2 else 2)
torch.manual_seed(1)
m = Dinov2Model.from_pretrained(sys.argv[1], attn_implementation="eager", dtype=torch.float32).eval()
sdpa = Dinov2Model.from_pretrained(sys.argv[1], attn_implementation="sdpa", dtype=torch.float32).eval()
L, H, d = m.config.num_hidden_layers, m.config.num_attention_heads, m.config.hidden_size
h = d // H


def timed(f, n):
    times = []
    for _ in range(n):
        t = time.perf_counter(); f(); times.append(time.perf_counter() - t)
    return 1e3 * statistics.median(times)


def maps(x, g):
    kept = {}
    handles = [layer.attention.attention.value.register_forward_hook(lambda mod, a, o, l=l: kept.__setitem__(l, o)) for l, layer in enumerate(m.encoder.layer)]
    handles.append(m.layernorm.register_forward_pre_hook(lambda mod, a: kept.__setitem__("stream", a[0])))
    out = m(x, output_attentions=True)
    for k in handles: k.remove()
    s = kept["stream"][:, 0]; std = torch.sqrt(s.var(-1, unbiased=False, keepdim=True) + m.layernorm.eps)
    g = g * m.layernorm.weight / std
    total = 0
    for l, layer in enumerate(m.encoder.layer):
        w = (layer.layer_scale1.lambda1[:, None] * layer.attention.output.dense.weight).view(d, H, h)
        v = kept[l].view(x.shape[0], -1, H, h)
        total = total + torch.einsum("bht,bthk,dhk,bd->bht", out.attentions[l][:, :, 0], v, w, g)
    return total


def all_heads(x):
    for layer in m.encoder.layer:
        for k in range(H):
            def hook(mod, args, k=k):
                z = args[0].clone(); z[..., k * h:(k + 1) * h] = 0; return (z,)
            handle = layer.attention.output.dense.register_forward_pre_hook(hook); sdpa_like(x); handle.remove()


sdpa_like = m
with torch.no_grad():
    x, g = torch.randn(1, 3, 224, 224), torch.randn(d)
    plain, eager, mapped = timed(lambda: sdpa(x), 8), timed(lambda: m(x), 8), timed(lambda: maps(x, g), 8)
    print(f"one image: sdpa {plain:.0f} ms, eager {eager:.0f} ms, eager with the map {mapped:.0f} ms")
    x = torch.randn(7, 3, 224, 224)
    once = timed(lambda: m(x), 3)
    start = time.perf_counter(); all_heads(x); whole = time.perf_counter() - start
    print(f"7 images: eager pass {once:.0f} ms, all {L * H} heads {whole:.1f} s = {1e3 * whole / once:.1f} passes")
