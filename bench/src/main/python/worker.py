"""The Python side of the comparison: what a careful user would write with PyTorch and open_clip, on random weights.

    python worker.py --threads 2

Reads one JSON object a line, {"work": ..., ...}, does the work once and answers with one line, {"seconds": ..., "cpu": ..., "count": ...}:
seconds by the clock and by the processor, all threads together. The first line it prints says its versions and which engines there are
(engines.py). What is set up for a work stays for the next time.
"""
import argparse, json, os, sys, time
out = os.fdopen(os.dup(1), "w")  # libraries may print to standard output; the answers alone go there
os.dup2(2, 1)
import torch, torch.nn.functional as F
import open_clip
import engines

ap = argparse.ArgumentParser()
ap.add_argument("--threads", type=int, default=2)
threads = ap.parse_args().threads
torch.set_num_threads(threads)
torch.manual_seed(0)
made = {}


def clock():
    return time.perf_counter(), time.process_time()


def since(started):
    return tuple(now - then for now, then in zip(clock(), started))


def once(key, make):
    if key not in made:
        made[key] = make()
    return made[key]


class Tower:
    """An image tower whose hooks keep what the class token's residual stream is made of."""

    def __init__(self, arch):
        config = open_clip.get_model_config(arch)
        self.visual = open_clip.create_model(arch, pretrained=None).visual.eval()
        vision = config["vision_cfg"]
        self.layers, self.width, self.head = vision["layers"], vision["width"], vision.get("head_width", 64)
        self.heads, self.shared, self.size = self.width // self.head, config["embed_dim"], vision["image_size"]
        self.seen = {}
        for l, block in enumerate(self.visual.transformer.resblocks):
            block.attn.register_forward_pre_hook(lambda m, a, k, l=l: self.seen.__setitem__(("attn", l), a[0] if a else k["query"]), with_kwargs=True)
            block.mlp.register_forward_hook(lambda m, a, o, l=l: self.seen.__setitem__(("mlp", l), o[:, 0]))
        self.visual.ln_pre.register_forward_hook(lambda m, a, o: self.seen.__setitem__("emb", o[:, 0]))
        self.visual.ln_post.register_forward_pre_hook(lambda m, a: self.seen.__setitem__("pre", a[0][:, 0] if a[0].ndim == 3 else a[0]))

    def plain(self, pixels):
        return self.visual(pixels)

    def traced(self, pixels):
        """Every unit in the shared space, [n, 1 + L·H + L, D]; heads recomputed for the class token alone, which is cheap."""
        out = self.visual(pixels)
        n, L, H = len(pixels), self.layers, self.heads
        pre = self.seen["pre"].float()
        mean, std = pre.mean(-1, keepdim=True), (pre.var(-1, unbiased=False, keepdim=True) + 1e-5).sqrt()
        gamma, beta = self.visual.ln_post.weight, self.visual.ln_post.bias
        project = lambda x, parts: (gamma / std * x - (gamma * mean / std - beta) / parts) @ self.visual.proj
        units = [project(self.seen["emb"].float(), 2 * L + 1)]
        for l, block in enumerate(self.visual.transformer.resblocks):
            x, attn, d = self.seen["attn", l].float(), block.attn, self.width
            w, b = attn.in_proj_weight, attn.in_proj_bias
            split = lambda y: y.view(n, -1, H, self.head).transpose(1, 2)
            q = split(F.linear(x[:, :1], w[:d], b[:d]))
            k, v = (split(F.linear(x, w[i * d : (i + 1) * d], b[i * d : (i + 1) * d])) for i in (1, 2))
            z = F.scaled_dot_product_attention(q, k, v)[:, :, 0]
            o = torch.einsum("nhe,dhe->nhd", z, attn.out_proj.weight.view(d, H, self.head)) + attn.out_proj.bias / H
            units += [project(o[:, h], (2 * L + 1) * H) for h in range(H)]
        units += [project(self.seen["mlp", l].float(), 2 * L + 1) for l in range(L)]
        return out, torch.stack(units, 1)


def forward(job):
    tower = once(job["arch"], lambda: Tower(job["arch"]))
    pixels = once(("pixels", job["batch"]), lambda: torch.randn(job["batch"], 3, tower.size, tower.size))
    run = tower.traced if job["traced"] else tower.plain
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=job["bf16"]):
        started = clock()
        for _ in range(job["batches"]):
            run(pixels)
        return since(started), job["batch"] * job["batches"]


def engine(job):
    """Batches of a tower through an engine, plain or with all units kept."""
    with torch.no_grad():
        run = once(("engine", json.dumps({k: v for k, v in job.items() if k != "batches"}, sort_keys=True)), lambda: engines.runner(job["engine"], job, threads))
        started = clock()
        for _ in range(job["batches"]):
            run()
        return since(started), job["batch"] * job["batches"]


@torch.no_grad()
def svd(job):
    """PCA of one head over n images, from its D-wide units."""
    x = once(("x", job["images"], job["width"]), lambda: torch.randn(job["images"], job["head"]) @ torch.randn(job["head"], job["width"]))
    started = clock()
    torch.linalg.svd(x - x.mean(0), full_matrices=False)
    return since(started), 1


@torch.no_grad()
def two_nn(job):
    """The two nearest neighbours of every image, by the matrix of all distances."""
    x = once(("x", job["images"], job["width"]), lambda: torch.randn(job["images"], job["head"]) @ torch.randn(job["head"], job["width"]))
    started = clock()
    torch.topk(torch.cdist(x, x), 3, dim=1, largest=False)
    return since(started), 1


def fit(job):
    """Steps of ResiDual* with AdamW, on projected units in memory (cached) or encoding every picture again (online)."""
    heads, D, k, classes = job["heads"], job["width"], job["components"], job["classes"]
    bases = once(("bases", heads), lambda: torch.linalg.qr(torch.randn(heads, D, k)).Q.mT.contiguous())
    means = once(("means", heads), lambda: torch.randn(heads, D))
    W = once(("W", D), lambda: F.normalize(torch.randn(D, classes), dim=0) * 100)
    lam = torch.nn.Parameter(1 + torch.randn(heads, k))
    opt = torch.optim.AdamW([lam], lr=0.1)
    y = once("labels", lambda: torch.randint(0, classes, (64,)))
    tower = once(job["arch"], lambda: Tower(job["arch"])) if job["online"] else None
    units = once(("units", heads), lambda: torch.randn(64, heads, D))
    pixels = once(("pixels", 64), lambda: torch.randn(64, 3, 224, 224)) if job["online"] else None
    started = clock()
    for _ in range(job["steps"]):
        if job["online"]:
            with torch.no_grad():
                units = tower.traced(pixels)[1][:, 1 : 1 + heads]
        a = torch.einsum("nrd,rkd->nrk", units - means, bases * lam.unsqueeze(-1))
        out = torch.einsum("nrk,rkd->nrd", a, bases).sum(1)
        loss = F.cross_entropy(F.normalize(out, dim=-1) @ W, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    return since(started), job["steps"]


class HookedTower:
    """A CLIP tower of transformers, whose attention has an output projection of its own, so that a hook can change one head."""

    def __init__(self):
        from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection
        config = CLIPVisionConfig(hidden_size=768, intermediate_size=3072, projection_dim=512, num_hidden_layers=12, num_attention_heads=12, image_size=224, patch_size=16)
        # sdpa for whatever does not ask for attention weights; eager gives them
        self.fast = CLIPVisionModelWithProjection._from_config(config, attn_implementation="sdpa").eval()
        self.slow = CLIPVisionModelWithProjection._from_config(config, attn_implementation="eager").eval()
        self.heads, self.width = config.num_attention_heads, config.hidden_size // config.num_attention_heads

    def plain(self, x):
        return self.fast(pixel_values=x).image_embeds

    def zeroed(self, layer, head, run):
        """What run gives with a head zero at all tokens."""
        columns = slice(head * self.width, (head + 1) * self.width)

        def hook(module, args):
            z = args[0].clone()
            z[..., columns] = 0
            return (z,)
        handle = self.fast.vision_model.encoder.layers[layer].self_attn.out_proj.register_forward_pre_hook(hook)
        out = run()
        handle.remove()
        return out

    def prefix(self, x, heads):
        """Every head zero, running again from its layer; the streams before the layers are kept from one plain pass. Gives [L][heads] of [b, D]."""
        v, streams, handles = self.fast.vision_model, {}, []
        for l, layer in enumerate(v.encoder.layers):
            handles.append(layer.register_forward_pre_hook(lambda m, a, k, l=l: streams.__setitem__(l, a[0] if a else k["hidden_states"]), with_kwargs=True))
        self.plain(x)
        for handle in handles:
            handle.remove()

        def rest(l):
            y = streams[l]
            for layer in v.encoder.layers[l:]:
                y = layer(y, None)
                y = y[0] if isinstance(y, tuple) else y
            return self.fast.visual_projection(v.post_layernorm(y[:, 0]))
        return [[self.zeroed(l, h, lambda: rest(l)) for h in range(heads)] for l in range(len(v.encoder.layers))]

    def passes(self, x):
        """One head of every layer zero, each in a pass of its own. Gives L of [b, D]."""
        return [self.zeroed(l, 0, lambda: self.plain(x)) for l in range(len(self.fast.vision_model.encoder.layers))]

    def difference(self, x):
        """The largest difference between whole passes and those that keep the prefix, relative to the largest value."""
        prefix, passes = self.prefix(x, 1), self.passes(x)
        return max(float((a[0] - b).abs().max() / b.abs().max()) for a, b in zip(prefix, passes))

    def map(self, x, g):
        """The parts of g · y by layer, head and token of the class token's heads."""
        v, kept, handles = self.slow.vision_model, {}, []
        for l, layer in enumerate(v.encoder.layers):
            handles.append(layer.self_attn.v_proj.register_forward_hook(lambda m, a, o, l=l: kept.__setitem__(l, o)))
        handles.append(v.post_layernorm.register_forward_pre_hook(lambda m, a: kept.__setitem__("stream", a[0])))
        attention = self.slow(pixel_values=x, output_attentions=True).attentions
        for handle in handles:
            handle.remove()
        stream = kept["stream"]
        deviation = torch.sqrt(stream.var(-1, unbiased=False, keepdim=True) + v.post_layernorm.eps)
        asked = (g @ self.slow.visual_projection.weight) * v.post_layernorm.weight / deviation
        parts = []
        for l, layer in enumerate(v.encoder.layers):
            w = torch.einsum("dhk,bd->bhk", layer.self_attn.out_proj.weight.view(-1, self.heads, self.width), asked)
            values = kept[l].view(len(x), -1, self.heads, self.width)
            parts.append(attention[l][:, :, 0] * torch.einsum("bthk,bhk->bht", values, w))
        return torch.stack(parts, 1)


@torch.no_grad()
def where(job):
    """Maps and interventions on a ViT-B/16, in seconds of processor time."""
    tower = once("hooked", HookedTower)
    x = once(("pixels", job["batch"]), lambda: torch.randn(job["batch"], 3, 224, 224))
    heads = job["heads"]
    if job["way"] == "difference":
        return (tower.difference(x),) * 2, 1
    run = {"plain": lambda: tower.plain(x), "map": lambda: tower.map(x, torch.ones(512)),
           "prefix": lambda: tower.prefix(x, heads), "passes": lambda: tower.passes(x)}[job["way"]]
    started = time.process_time()
    for _ in range(job["times"]):
        run()
    seconds = time.process_time() - started
    seconds *= heads if job["way"] == "passes" else 1
    return (seconds, seconds), job["batch"] * job["times"]  # of processors in any case, as its opponent counts


@torch.no_grad()
def checkpoint(job):
    """The image tower of a checkpoint in Hugging Face's layout, plain; seconds of the processor."""
    from transformers import AutoModel

    def load():
        model = AutoModel.from_pretrained(job["folder"], dtype=torch.float32).eval()
        return getattr(model, "vision_model", model)

    tower = once(job["folder"], load)
    pixels = once(("pixels", job["folder"]), lambda: torch.randn(job["batch"], 3, job["height"], job["width"]))
    started = time.process_time()
    tower(pixel_values=pixels)
    seconds = time.process_time() - started
    return (seconds, seconds), job["batch"]


works = {"checkpoint": checkpoint, "where": where, "forward": forward, "engine": engine, "svd": svd, "two_nn": two_nn, "fit": fit}
say = lambda **k: print(json.dumps(k), flush=True, file=out)
say(python=sys.version.split()[0], torch=torch.__version__, open_clip=open_clip.__version__, threads=torch.get_num_threads(), engines=engines.offered())
for line in sys.stdin:
    job = json.loads(line)
    (seconds, cpu), count = works[job["work"]](job)
    say(seconds=seconds, cpu=cpu, count=count)
