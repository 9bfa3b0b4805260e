"""What a map of a decision costs in eager PyTorch, the usual way: forward hooks, attention with output_attentions. (Changing one
head by a hook costs a pass of its own.)

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
    handles = [layer.attention.v_proj.register_forward_hook(lambda mod, a, o, l=l: kept.__setitem__(l, o)) for l, layer in enumerate(m.encoder.layer)]
    handles.append(m.layernorm.register_forward_pre_hook(lambda mod, a: kept.__setitem__("stream", a[0])))
    out = m(x, output_attentions=True)
    for k in handles: k.remove()
    s = kept["stream"][:, 0]; std = torch.sqrt(s.var(-1, unbiased=False, keepdim=True) + m.layernorm.eps)
    g = g * m.layernorm.weight / std
    total = 0
    for l, layer in enumerate(m.encoder.layer):
        w = (layer.layer_scale1.lambda1[:, None] * layer.attention.o_proj.weight).view(d, H, h)
        v = kept[l].view(x.shape[0], -1, H, h)
        asked = torch.einsum("dhk,bd->bhk", w, g)
        total = total + out.attentions[l][:, :, 0] * torch.einsum("bthk,bhk->bht", v, asked)
    return total


with torch.no_grad():
    x, g = torch.randn(1, 3, 224, 224), torch.randn(d)
    plain, eager, mapped = timed(lambda: sdpa(x), 3), timed(lambda: m(x), 3), timed(lambda: maps(x, g), 3)
    print(f"one image: sdpa {plain:.0f} ms, eager {eager:.0f} ms, eager with the map {mapped:.0f} ms")
