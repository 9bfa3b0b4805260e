"""Checkpoints of full size with random weights, in Hugging Face's layout, to see that real sizes load and run.

    python golden/full_size.py ../shared/conformance/tokenizer-clip OUT

Needs: torch, transformers. Writes OUT/vit-b-32, OUT/vit-b-16 and OUT/vit-l-14 (0.6, 0.6 and 1.7 GB).
"""
import pathlib, shutil, sys
import torch
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

tokenizer, out = map(pathlib.Path, sys.argv[1:3])
SIZES = {
    "vit-b-32": dict(vision=dict(patch_size=32), text={}, projection_dim=512),
    "vit-b-16": dict(vision=dict(patch_size=16), text={}, projection_dim=512),
    "vit-l-14": dict(
        vision=dict(patch_size=14, hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16),
        text=dict(hidden_size=768, intermediate_size=3072, num_attention_heads=12),
        projection_dim=768,
    ),
}
for name, size in SIZES.items():
    torch.manual_seed(0)
    model = CLIPModel(CLIPConfig(vision_config=size["vision"], text_config=size["text"], projection_dim=size["projection_dim"]))
    with torch.no_grad():  # initial LayerNorms and biases are 1 and 0, which would hide mistakes
        for p in model.parameters():
            p.add_(torch.randn_like(p) * (0.05 if p.ndim == 1 else 0.002))
    model.save_pretrained(out / name)
    CLIPImageProcessor().save_pretrained(out / name)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(tokenizer / file, out / name / file)
