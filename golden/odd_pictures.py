"""Golden values for odd picture files: small files of every kind that Pillow opens, and what it reads from them.

    python golden/odd_pictures.py fixtures/src/main/resources/images

Needs: numpy, Pillow, safetensors. Writes odd.safetensors.gz. For every file NAME it holds

- NAME/file: the file's bytes,
- NAME/stored: Image.open(file).convert("RGB"), as transformers, open_clip and torchvision's ImageFolder read it,
- NAME/upright: ImageOps.exif_transpose(Image.open(file)).convert("RGB"), where that differs from "stored",
- or NAME/refused: Pillow refuses the file.
"""
import gzip, io, pathlib, struct, sys, zlib
import numpy as np
from PIL import Image, ImageOps, PngImagePlugin
from safetensors.numpy import save

W, H = 21, 13
files = {}


def pixels(w=W, h=H, bands=3):
    y, x, c = np.mgrid[0:h, 0:w, 0:bands].astype(np.int64)
    smooth = (9 * x + 7 * y + 50 * c) % 256
    noise = ((x + 1) * (y + 3) * (c + 5) * 2654435761 >> 13) & 255
    return np.where(x < w // 2, smooth, noise).astype(np.uint8)


rgb = Image.fromarray(pixels())
grey = Image.fromarray(pixels(bands=1)[:, :, 0])
alpha = Image.fromarray(pixels(bands=5)[:, :, 4])
rgba = Image.merge("RGBA", [*rgb.split(), alpha])
palette = rgb.quantize(16)


def saved(image, format, **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def exif(orientation, big=False, long=False):
    e = ">" if big else "<"
    entry = struct.pack(e + "HHI", 274, 4 if long else 3, 1) + (
        struct.pack(e + "I", orientation) if long else struct.pack(e + "HH", orientation, 0))
    other = struct.pack(e + "HHII", 256, 4, 1, 21)
    return (b"MM\0*" if big else b"II*\0") + struct.pack(e + "IH", 8, 2) + other + entry + struct.pack(e + "I", 0)


def xmp(orientation):
    return (b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description tiff:Orientation="%d"/></rdf:RDF></x:xmpmeta>'
            % orientation)


# ---- JPEG ----
def app(marker, body):
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def after_soi(jpeg, *segments):
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def without(jpeg, marker):
    at, out = 2, jpeg[:2]
    while jpeg[at + 1] != 0xDA:
        end = at + 2 + struct.unpack(">H", jpeg[at + 2:at + 4])[0]
        if jpeg[at + 1] != marker:
            out += jpeg[at:end]
        at = end
    return out + jpeg[at:]


plain = saved(rgb, "JPEG", quality=92, subsampling=0)
files["plain.jpg"] = plain
files["422.jpg"] = saved(rgb, "JPEG", quality=92, subsampling=1)
files["restart.jpg"] = saved(rgb, "JPEG", quality=92, restart_marker_blocks=1)
files["rgb-adobe.jpg"] = saved(rgb, "JPEG", quality=92, keep_rgb=True)
files["progressive-420.jpg"] = saved(rgb, "JPEG", quality=80, progressive=True)
files["no-jfif.jpg"] = without(plain, 0xE0)
cmyk = Image.fromarray(pixels(bands=4), "CMYK")
files["cmyk-adobe.jpg"] = saved(cmyk, "JPEG", quality=92)
files["ycck.jpg"] = files["cmyk-adobe.jpg"].replace(b"Adobe\0\x64\0\0\0\0\0", b"Adobe\0\x64\0\0\0\0\2")
files["cmyk-no-adobe.jpg"] = without(files["cmyk-adobe.jpg"], 0xEE)
files["trailing-garbage.jpg"] = plain + b"\0garbage" * 20
files["truncated.jpg"] = plain[:len(plain) * 2 // 3]
for o in range(0, 10):
    files[f"exif{o}.jpg"] = after_soi(plain, app(0xE1, b"Exif\0\0" + exif(o, big=o % 2 == 1)))
files["exif-after-jfif.jpg"] = plain[:20] + app(0xE1, b"Exif\0\0" + exif(6)) + plain[20:]
files["exif-long.jpg"] = after_soi(plain, app(0xE1, b"Exif\0\0" + exif(6, long=True)))
files["exif-broken.jpg"] = after_soi(plain, app(0xE1, b"Exif\0\0II*\0\xff\xff\xff\x7f"))
files["xmp6.jpg"] = after_soi(plain, app(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(6)))
files["grey-exif8.jpg"] = after_soi(saved(grey, "JPEG", quality=92), app(0xE1, b"Exif\0\0" + exif(8)))


# ---- PNG ----
def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(w, h, depth, colour, rows, before=b"", between=b"", after=b"", interlace=0):
    data = zlib.compress(rows)
    half = len(data) // 2
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, interlace)) + before
            + chunk(b"IDAT", data[:half]) + chunk(b"IDAT", data[half:]) + between + after + chunk(b"IEND", b""))


def packed(samples, depth):
    """Rows of samples [h, n] as PNG stores them, without the filter byte."""
    if depth == 16:
        return [r.astype(">u2").tobytes() for r in samples]
    if depth == 8:
        return [r.astype(np.uint8).tobytes() for r in samples]
    bits = ((samples[:, :, None] >> np.arange(depth - 1, -1, -1)) & 1).reshape(len(samples), -1).astype(np.uint8)
    return [np.packbits(r).tobytes() for r in bits]


def rows(samples, depth):
    return b"".join(b"\0" + r for r in packed(samples, depth))


def adam7(samples, depth, bands):
    out = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = samples[y0::dy, x0::dx]
        if part.size:
            out += rows(part.reshape(part.shape[0], -1), depth)
    return out


wide = (pixels(bands=4).astype(np.int64) * 257 + 77) % 65536
wide[0, :4, 0] = [0, 100, 255, 256]
for colour, bands, name in [(0, 1, "grey"), (2, 3, "rgb"), (4, 2, "grey-alpha"), (6, 4, "rgba")]:
    for depth in ([1, 2, 4, 8, 16] if colour == 0 else [8, 16]):
        samples = wide[:, :, :bands] >> (16 - depth)
        if depth == 16 and colour == 0:
            samples = samples // 200
        flat = samples.reshape(H, -1)
        files[f"{name}{depth}.png"] = png(W, H, depth, colour, rows(flat, depth))
        files[f"{name}{depth}-adam7.png"] = png(W, H, depth, colour, adam7(samples, depth, bands), interlace=1)
        if colour in (0, 2):
            key = struct.pack(f">{bands}H", *[int(v) for v in samples[2, 2]])
            files[f"{name}{depth}-key.png"] = png(W, H, depth, colour, rows(flat, depth), chunk(b"tRNS", key))
colours = bytes(pixels(16, 1).reshape(-1))
for depth in [1, 2, 4, 8]:
    entries = min(16, 1 << depth)
    samples = (pixels(bands=1)[:, :, 0].astype(np.int64) % entries)
    plte = chunk(b"PLTE", colours[:3 * entries])
    files[f"palette{depth}.png"] = png(W, H, depth, 3, rows(samples, depth), plte)
    files[f"palette{depth}-alpha.png"] = png(
        W, H, depth, 3, rows(samples, depth), plte + chunk(b"tRNS", bytes([0, 128][:min(2, entries)])))
    files[f"palette{depth}-adam7.png"] = png(W, H, depth, 3, adam7(samples[:, :, None], depth, 1), plte, interlace=1)
beyond = pixels(bands=1)[:, :, 0].astype(np.int64) % 20
files["palette-beyond.png"] = png(W, H, 8, 3, rows(beyond, 8), chunk(b"PLTE", colours))
flat = rows(pixels().reshape(H, -1).astype(np.int64), 8)
ancillary = (chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"cHRM", bytes(range(32))) + chunk(b"pHYs", b"\0\0\1\0\0\0\1\0\1")
             + chunk(b"tEXt", b"Title\0x") + chunk(b"zTXt", b"Z\0\0" + zlib.compress(b"hello")) + chunk(b"bKGD", b"\0\1\0\2\0\3"))
files["gamma.png"] = png(W, H, 8, 2, flat, ancillary)
files["broken-ancillary.png"] = png(W, H, 8, 2, flat, chunk(b"pHYs", b"\0\0\1\0\0\0\1\0\1")[:-1] + b"\x77")
files["unknown-chunk.png"] = png(W, H, 8, 2, flat, chunk(b"quRk", b"abc"))
files["bomb-text.png"] = png(W, H, 8, 2, flat, chunk(b"tIME", b"\x07\xe8\1\1\1\1\1"))
files["plte-in-rgb.png"] = png(W, H, 8, 2, flat, chunk(b"PLTE", colours))
for o in (3, 6):
    files[f"exif{o}.png"] = png(W, H, 8, 2, flat, chunk(b"eXIf", exif(o)))
    files[f"exif{o}-after.png"] = png(W, H, 8, 2, flat, between=chunk(b"eXIf", exif(o, big=True)))
files["exif-prefixed.png"] = png(W, H, 8, 2, flat, chunk(b"eXIf", b"Exif\0\0" + exif(6)))
files["xmp5.png"] = png(W, H, 8, 2, flat, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(5)))
files["palette-exif7.png"] = png(W, H, 8, 3, rows(beyond % 16, 8), chunk(b"PLTE", colours) + chunk(b"eXIf", exif(7)))
files["animated.png"] = saved(rgb, "PNG", save_all=True, append_images=[rgb.transpose(Image.Transpose.ROTATE_180)])
files["animated-default.png"] = saved(
    rgb, "PNG", save_all=True, default_image=True, append_images=[rgb.transpose(Image.Transpose.ROTATE_180)] * 2)
files["wrong-crc-idat.png"] = bytes(b ^ (1 if i == files["rgb8.png"].index(b"IEND") - 5 else 0) for i, b in enumerate(files["rgb8.png"]))
files["wrong-crc-ihdr.png"] = files["rgb8.png"][:29] + b"\0\0\0\0" + files["rgb8.png"][33:]
files["truncated.png"] = files["rgb8.png"][:len(files["rgb8.png"]) // 2]
files["no-iend.png"] = files["rgb8.png"][:-12]
files["too-few-rows.png"] = png(W, H, 8, 2, flat[:len(flat) // 2])
files["too-many-rows.png"] = png(W, H, 8, 2, flat + flat)

# ---- GIF ----


def lzw(indices, bits):
    """Uncompressed LZW: a clear code before the table can grow."""
    clear, size, acc, n, out = 1 << bits, bits + 1, 0, 0, bytearray()
    codes = []
    for i, v in enumerate(indices):
        if i % ((1 << bits) - 2) == 0:
            codes.append(clear)
        codes.append(int(v))
    for c in codes + [clear + 1]:
        acc |= c << n
        n += size
        while n >= 8:
            out.append(acc & 255)
            acc >>= 8
            n -= 8
    if n:
        out.append(acc & 255)
    blocks = b"".join(bytes([len(out[i:i + 255])]) + bytes(out[i:i + 255]) for i in range(0, len(out), 255))
    return bytes([bits]) + blocks + b"\0"


def gif(screen, frames, colours=None, background=0):
    out = b"GIF89a" + struct.pack("<HH", *screen) + bytes([0xF3 if colours else 0, background, 0]) + (colours or b"")
    for f in frames:
        x, y, w, h = f["at"]
        samples = (pixels(w, h, 1)[:, :, 0] % 16).astype(int)
        if f.get("interlaced"):
            samples = np.concatenate([samples[0::8], samples[4::8], samples[2::4], samples[1::2]])
        if "key" in f or "dispose" in f:
            out += b"!\xf9\4" + bytes([(f.get("dispose", 0) << 2) | ("key" in f), 5, 0, f.get("key", 0)]) + b"\0"
        local = f.get("local")
        out += b"," + struct.pack("<HHHH", x, y, w, h) + bytes([(0x83 if local else 0) | (0x40 if f.get("interlaced") else 0)])
        out += (local or b"") + lzw(samples.reshape(-1), 4)
    return out + b";"


other = bytes(pixels(16, 2)[1].reshape(-1))
ramp = bytes(v for i in range(16) for v in (i, i, i))
full, part = (0, 0, W, H), (4, 3, 9, 7)
files["full.gif"] = gif((W, H), [{"at": full}], colours)
files["part.gif"] = gif((W, H), [{"at": part}], colours)
files["part-background.gif"] = gif((W, H), [{"at": part}], colours, background=5)
files["part-key.gif"] = gif((W, H), [{"at": part, "key": 7}], colours, background=5)
files["part-key-dispose.gif"] = gif((W, H), [{"at": part, "key": 3, "dispose": 2}, {"at": full}], colours, background=5)
files["part-local.gif"] = gif((W, H), [{"at": part, "local": other}], colours, background=5)
files["part-local-only.gif"] = gif((W, H), [{"at": part, "local": other}])
files["part-local-only-key.gif"] = gif((W, H), [{"at": part, "local": other, "key": 9}])
files["part-ramp.gif"] = gif((W, H), [{"at": part, "key": 9}], ramp)
files["no-colours.gif"] = gif((W, H), [{"at": full}])
files["no-colours-part.gif"] = gif((W, H), [{"at": part, "key": 4}])
files["interlaced.gif"] = gif((W, H), [{"at": full, "interlaced": True}], colours)
files["interlaced-part.gif"] = gif((W, H), [{"at": part, "interlaced": True, "key": 2}], colours)
files["beyond-screen.gif"] = gif((W, H), [{"at": (15, 9, 12, 8)}], colours, background=5)
files["screen-zero.gif"] = gif((0, 0), [{"at": full}], colours)
files["two-frames.gif"] = gif((W, H), [{"at": part, "dispose": 3}, {"at": full, "local": other}], colours)
files["key-beyond.gif"] = gif((W, H), [{"at": part, "key": 200}], colours)
files["saved.gif"] = saved(rgb.quantize(200), "GIF")
files["truncated.gif"] = files["saved.gif"][:len(files["saved.gif"]) * 2 // 3]
files["no-frame.gif"] = gif((W, H), [], colours)


# ---- BMP ----
def bmp(w, h, bits, data, colours=b"", compression=0, header=40, masks=b"", core=False):
    if core:
        info = struct.pack("<IHHHH", 12, w, h, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, w, h, 1, bits, compression, len(data), 2835, 2835,
                           len(colours) // 4 if bits <= 8 else 0, 0)
        info = (info + masks).ljust(header, b"\0") if header > 40 else info + masks
    start = 14 + len(info) + len(colours)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + info + colours + data


def bottom_up(rows_):
    return b"".join(r + b"\0" * (-len(r) % 4) for r in reversed(rows_))


bgrx = b"".join(colours[3 * i:3 * i + 3][::-1] + b"\0" for i in range(16))
index = beyond % 16
files["1.bmp"] = bmp(W, H, 1, bottom_up(packed(index % 2, 1)), bgrx[:8])
files["1-black-white.bmp"] = bmp(W, H, 1, bottom_up(packed(index % 2, 1)), b"\0\0\0\0\xff\xff\xff\0")
files["4.bmp"] = bmp(W, H, 4, bottom_up(packed(index, 4)), bgrx)
files["8.bmp"] = bmp(W, H, 8, bottom_up(packed(index, 8)), bgrx)
files["8-beyond.bmp"] = bmp(W, H, 8, bottom_up(packed(beyond, 8)), bgrx)
files["8-top-down.bmp"] = bmp(W, -H, 8, bottom_up(packed(index, 8)[::-1]), bgrx)
bgr = [pixels()[y, :, ::-1].tobytes() for y in range(H)]
files["24.bmp"] = bmp(W, H, 24, bottom_up(bgr))
files["24-core.bmp"] = bmp(W, H, 24, bottom_up(bgr), core=True)
files["24-v5.bmp"] = bmp(W, H, 24, bottom_up(bgr), header=124)
bgra = [np.asarray(rgba)[y][:, [2, 1, 0, 3]].tobytes() for y in range(H)]
files["32.bmp"] = bmp(W, H, 32, b"".join(reversed(bgra)))
masks32 = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
files["32-masks.bmp"] = bmp(W, H, 32, b"".join(reversed(bgra)), compression=3, masks=masks32[:12])
files["32-masks-v4.bmp"] = bmp(W, H, 32, b"".join(reversed(bgra)), compression=3, masks=masks32, header=108)
files["32-masks-rgba.bmp"] = bmp(W, H, 32, b"".join(reversed(bgra)), compression=3, header=108,
                                 masks=struct.pack("<IIII", 0xFF000000, 0xFF0000, 0xFF00, 0xFF))
word = (pixels()[:, :, 0].astype(np.uint16) * 257) ^ pixels()[:, :, 1]
words = bottom_up([r.astype("<u2").tobytes() for r in word])
files["16.bmp"] = bmp(W, H, 16, words)
files["16-555.bmp"] = bmp(W, H, 16, words, compression=3, masks=struct.pack("<III", 0x7C00, 0x3E0, 0x1F))
files["16-565.bmp"] = bmp(W, H, 16, words, compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
rle8 = b"".join(bytes([5, y, 0, 3, 1, 2, 3, 0]) + bytes([13, 15 - y % 16]) + b"\0\0" for y in range(H)) + b"\0\1"
files["rle8.bmp"] = bmp(W, H, 8, rle8, bgrx, compression=1)
files["rle8-delta.bmp"] = bmp(W, H, 8, bytes([5, 2, 0, 2, 3, 2, 4, 7, 0, 1]), bgrx, compression=1)
rle4 = b"".join(bytes([5, y * 16 + 3, 0, 4, 0x12, 0x34]) + bytes([12, 0xA5]) + b"\0\0" for y in range(H)) + b"\0\1"
files["rle4.bmp"] = bmp(W, H, 4, rle4, bgrx, compression=2)
files["truncated.bmp"] = files["24.bmp"][:-100]
files["png-inside.bmp"] = bmp(W, H, 0, files["rgb8.png"], compression=5)
files["jpeg-inside.bmp"] = bmp(W, H, 0, plain, compression=4)

# ---- WebP ----
files["exif6.webp"] = saved(rgb, "WEBP", lossless=True, exif=b"Exif\0\0" + exif(6))
files["exif8-plain.webp"] = saved(rgb, "WEBP", lossless=True, exif=exif(8))
files["xmp3.webp"] = saved(rgb, "WEBP", lossless=True, xmp=xmp(3))


def riff(*chunks):
    body = b"WEBP" + b"".join(k + struct.pack("<I", len(b)) + b + b"\0" * (len(b) % 2) for k, b in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def u24(v):
    return struct.pack("<I", v)[:3]


def animation(w, h, x, y, frame, flags=2, background=b"\0\0\0\0", blend=0):
    chunks_ = frame[12:]
    body = u24(x // 2) + u24(y // 2) + u24(Image.open(io.BytesIO(frame)).width - 1) + u24(
        Image.open(io.BytesIO(frame)).height - 1) + u24(100) + bytes([blend]) + chunks_
    return riff((b"VP8X", bytes([flags, 0, 0, 0]) + u24(w - 1) + u24(h - 1)), (b"ANIM", background + b"\0\0"), (b"ANMF", body))


small = Image.fromarray(pixels(9, 7))
small_alpha = Image.merge("RGBA", [*small.split(), Image.fromarray(pixels(9, 7, 5)[:, :, 4])])
files["part.webp"] = animation(W, H, 4, 2, saved(small, "WEBP", lossless=True))
files["part-background.webp"] = animation(W, H, 4, 2, saved(small, "WEBP", lossless=True), background=b"\1\2\3\xff")
files["part-alpha.webp"] = animation(W, H, 4, 2, saved(small_alpha, "WEBP", lossless=True, exact=True), flags=0x12)
files["part-alpha-noblend.webp"] = animation(
    W, H, 4, 2, saved(small_alpha, "WEBP", lossless=True, exact=True), flags=0x12, blend=2)
files["outside.webp"] = animation(W, H, 16, 2, saved(small, "WEBP", lossless=True))
files["full-animation.webp"] = animation(9, 7, 0, 0, saved(small, "WEBP", lossless=True))
files["truncated.webp"] = files["exif6.webp"][:200]


# ---- TIFF ----
def tiff(tags, data, big=False, parts=1, bigtiff=False, more=b""):
    """tags: {tag: (type, values)}; data: list of strips or tiles."""
    e = ">" if big else "<"
    size = {1: "B", 2: "B", 3: "H", 4: "I", 5: "II", 8: "h", 11: "f", 16: "Q"}
    out = bytearray((b"MM" if big else b"II") + (struct.pack(e + "HHHQ", 43, 8, 0, 0) if bigtiff else struct.pack(e + "HI", 42, 0)))
    tags = dict(tags)
    offsets = []
    for d in data:
        offsets.append(len(out))
        out += d + b"\0" * (len(d) % 2)
    tiled = 322 in tags
    tags[324 if tiled else 273] = (4, offsets)
    tags[325 if tiled else 279] = (4, [len(d) for d in data])
    entries = b""
    for tag, (kind, values) in sorted(tags.items()):
        raw = struct.pack(e + size[kind] * (len(values) // len(size[kind])), *values)
        count = len(values) // len(size[kind])
        room = 8 if bigtiff else 4
        if len(raw) > room:
            at = len(out)
            out += raw + b"\0" * (len(raw) % 2)
            raw = struct.pack(e + ("Q" if bigtiff else "I"), at)
        entries += struct.pack(e + ("HHQ" if bigtiff else "HHI"), tag, kind, count) + raw.ljust(room, b"\0")
    at = len(out)
    out += struct.pack(e + ("Q" if bigtiff else "H"), len(tags)) + entries + struct.pack(e + ("Q" if bigtiff else "I"), 0)
    if bigtiff:
        out[8:16] = struct.pack(e + "Q", at)
    else:
        out[4:8] = struct.pack(e + "I", at)
    return bytes(out)


def grid(samples, bits, photometric, big=False, kind=1, extra=None, planar=1, compression=1, strip=5, tile=None, orientation=None,
         fill=1, predictor=None, colourmap=None, bigtiff=False, ycc=None):
    h, w, n = samples.shape
    tags = {256: (3, [w]), 257: (3, [h]), 258: (3, [bits] * n), 259: (3, [compression]), 262: (3, [photometric]), 277: (3, [n]),
            284: (3, [planar])}
    if kind != 1:
        tags[339] = (3, [kind] * n)
    if extra is not None:
        tags[338] = (3, extra)
    if orientation is not None:
        tags[274] = (3, [orientation])
    if fill != 1:
        tags[266] = (3, [fill])
    if predictor:
        tags[317] = (3, [predictor])
    if colourmap is not None:
        tags[320] = (3, colourmap)
    if ycc:
        tags[530] = (3, ycc)

    def encode(part):
        part = part.reshape(part.shape[0], -1)
        e = ">" if big else "<"
        if kind == 3:
            rows_ = [r.astype(e + ("f4" if bits == 32 else "f8" if bits == 64 else "f2")).tobytes() for r in part]
        elif bits > 8 and bits % 8 == 0:
            rows_ = [r.astype(e + ("i" if kind == 2 else "u") + str(bits // 8)).tobytes() for r in part]
        elif bits == 8:
            rows_ = [r.astype(np.int64).astype(np.uint8).tobytes() for r in part]
        else:
            rows_ = packed(part.astype(np.int64), bits)
        if predictor == 2:
            assert bits == 8
            rows_ = []
            for r in part:
                r = r.reshape(-1, part.shape[1] // w if planar == 1 else 1).astype(np.int64)
                rows_.append(np.concatenate([r[:1], np.diff(r, axis=0)]).astype(np.uint8).tobytes())
        raw = b"".join(rows_)
        if fill == 2:
            raw = bytes(int(f"{b:08b}"[::-1], 2) for b in raw)
        return {1: lambda: raw, 8: lambda: zlib.compress(raw), 32946: lambda: zlib.compress(raw),
                32773: lambda: b"".join(bytes([len(raw[i:i + 128]) - 1]) + raw[i:i + 128] for i in range(0, len(raw), 128))}[compression]()

    planes = [samples] if planar == 1 else [samples[:, :, i:i + 1] for i in range(n)]
    data = []
    for plane in planes:
        if tile:
            tags[322], tags[323] = (3, [tile]), (3, [tile])
            for y in range(0, h, tile):
                for x in range(0, w, tile):
                    block = np.zeros((tile, tile, plane.shape[2]), plane.dtype)
                    cut = plane[y:y + tile, x:x + tile]
                    block[:cut.shape[0], :cut.shape[1]] = cut
                    data.append(encode(block))
        else:
            tags[278] = (3, [strip])
            data += [encode(plane[y:y + strip]) for y in range(0, h, strip)]
    return tiff(tags, data, big, bigtiff=bigtiff)


p8, g8 = pixels().astype(np.int64), pixels(bands=1).astype(np.int64)
six = pixels(bands=6).astype(np.int64)
for big in (False, True):
    b = "-mm" if big else ""
    files[f"rgb8{b}.tif"] = grid(p8, 8, 2, big)
    files[f"rgb16{b}.tif"] = grid(wide[:, :, :3], 16, 2, big)
    files[f"rgba16{b}.tif"] = grid(wide, 16, 2, big, extra=[2])
    files[f"grey16{b}.tif"] = grid(wide[:, :, :1] // 200, 16, 1, big)
    files[f"grey32{b}.tif"] = grid(wide[:, :, :1] // 200, 32, 1, big)
    files[f"float{b}.tif"] = grid(g8.astype(float) * 1.5 - 30.25, 32, 1, big, kind=3)
    files[f"signed16{b}.tif"] = grid(wide[:, :, :1] // 100 - 150, 16, 1, big, kind=2)
    files[f"signed32{b}.tif"] = grid(wide[:, :, :1] // 100 - 150, 32, 1, big, kind=2)
    files[f"cmyk16{b}.tif"] = grid(wide, 16, 5, big)
    files[f"white-float{b}.tif"] = grid(g8.astype(float), 32, 0, big, kind=3)
files["float-deflate.tif"] = grid(g8.astype(float) * 1.5 - 30.25, 32, 1, kind=3, compression=8)
files["float-nan.tif"] = grid(np.where(g8 > 200, np.inf, np.where(g8 < 40, -np.inf, g8 / 2)), 32, 1, kind=3)
files["float64.tif"] = grid(g8.astype(float), 64, 1, kind=3)
files["float16.tif"] = grid(g8.astype(float), 16, 1, kind=3)
files["float-rgb.tif"] = grid(p8.astype(float), 32, 2, kind=3)
files["unsigned32-large.tif"] = grid(wide[:, :, :1] * 60000, 32, 1)
for bits in (1, 2, 4, 8):
    files[f"grey{bits}.tif"] = grid(g8 >> (8 - bits), bits, 1)
    files[f"white{bits}.tif"] = grid(g8 >> (8 - bits), bits, 0)
    n = 1 << bits
    cm = [int(v) for v in (np.arange(3 * n) * 40503 % 65536)]
    files[f"map{bits}.tif"] = grid(g8 >> (8 - bits), bits, 3, colourmap=cm)
    files[f"fill{bits}.tif"] = grid(g8 >> (8 - bits), bits, 1, fill=2)
cm8 = [int(v) * 257 for v in pixels(256, 1, 3)[0].T.reshape(-1)]
files["map8-exact.tif"] = grid(g8, 8, 3, colourmap=cm8)
files["map8-small.tif"] = grid(g8, 8, 3, colourmap=[v // 257 for v in cm8])
files["white16.tif"] = grid(wide[:, :, :1] // 200, 16, 0)
files["white16-mm.tif"] = grid(wide[:, :, :1] // 200, 16, 0, big=True)
files["grey12.tif"] = grid(wide[:, :20, :1] // 400, 12, 1)
files["grey16-deflate.tif"] = grid(wide[:, :, :1] // 200, 16, 1, compression=8)
files["grey-alpha8.tif"] = grid(six[:, :, :2], 8, 1, extra=[2])
files["grey-extra8.tif"] = grid(six[:, :, :2], 8, 1, extra=[0])
files["grey-premultiplied8.tif"] = grid(six[:, :, :2], 8, 1, extra=[1])
for extra in ([0], [1], [2]):
    files[f"rgba8-extra{extra[0]}.tif"] = grid(six[:, :, :4], 8, 2, extra=extra)
    files[f"rgba8-planar-extra{extra[0]}.tif"] = grid(six[:, :, :4], 8, 2, extra=extra, planar=2)
files["rgba8-no-extra.tif"] = grid(six[:, :, :4], 8, 2)
files["rgb-5.tif"] = grid(six[:, :, :5], 8, 2, extra=[0, 0])
files["rgb-6.tif"] = grid(six, 8, 2, extra=[0, 0, 0])
files["cmyk8.tif"] = grid(six[:, :, :4], 8, 5)
files["cmyk8-planar.tif"] = grid(six[:, :, :4], 8, 5, planar=2)
files["cmyk8-extra.tif"] = grid(six[:, :, :5], 8, 5, extra=[0])
files["ycbcr8.tif"] = grid(p8, 8, 6, ycc=[1, 1])
files["lab8.tif"] = grid(p8, 8, 8)
files["rgb8-planar.tif"] = grid(p8, 8, 2, planar=2)
files["rgb8-planar-deflate.tif"] = grid(p8, 8, 2, planar=2, compression=8)
files["rgb16-planar.tif"] = grid(wide[:, :, :3], 16, 2, planar=2)
files["rgb8-tiles.tif"] = grid(p8, 8, 2, tile=16)
files["rgb8-tiles-planar.tif"] = grid(p8, 8, 2, tile=16, planar=2)
files["grey1-tiles.tif"] = grid(g8 >> 7, 1, 1, tile=16)
files["rgb8-deflate.tif"] = grid(p8, 8, 2, compression=8)
files["rgb8-old-deflate.tif"] = grid(p8, 8, 2, compression=32946)
files["rgb8-packbits.tif"] = grid(p8, 8, 2, compression=32773)
files["rgb8-predictor.tif"] = grid(p8, 8, 2, compression=8, predictor=2)
files["rgb8-big.tif"] = grid(p8, 8, 2, bigtiff=True)
files["rgb8-fill2.tif"] = grid(p8, 8, 2, fill=2)
files["rgb-5-bits.tif"] = grid(p8 >> 3, 5, 2)
for o in range(0, 10):
    files[f"orientation{o}.tif"] = grid(p8, 8, 2, orientation=o)
files["orientation6-lzw.tif"] = saved(rgb, "TIFF", compression="tiff_lzw", tiffinfo={274: 6})
files["orientation8-grey16.tif"] = grid(wide[:, :, :1] // 200, 16, 1, orientation=8)
files["orientation7-map.tif"] = grid(g8, 8, 3, colourmap=cm8, orientation=7)
for name in ("tiff_lzw", "jpeg", "tiff_adobe_deflate", "packbits", "tiff_deflate"):
    files[f"saved-{name}.tif"] = saved(rgb, "TIFF", compression=name)
    files[f"saved-grey-{name}.tif"] = saved(grey, "TIFF", compression=name)
for name in ("group3", "group4", "tiff_ccitt"):
    files[f"saved-{name}.tif"] = saved(grey.convert("1"), "TIFF", compression=name)
for name in ("webp", "zstd", "lzma"):
    try:
        files[f"saved-{name}.tif"] = saved(rgb, "TIFF", compression=name)
    except Exception:
        pass
files["saved-cmyk-lzw.tif"] = saved(cmyk, "TIFF", compression="tiff_lzw")
files["saved-ycbcr.tif"] = saved(rgb.convert("YCbCr"), "TIFF")
files["saved-ycbcr-lzw.tif"] = saved(rgb.convert("YCbCr"), "TIFF", compression="tiff_lzw")
files["saved-lab.tif"] = saved(Image.fromarray(pixels(), "LAB"), "TIFF")
files["saved-la.tif"] = saved(Image.merge("LA", [grey, alpha]), "TIFF")
files["saved-pa.tif"] = saved(Image.merge("LA", [grey, alpha]).convert("PA"), "TIFF")
files["saved-two-pages.tif"] = saved(rgb, "TIFF", save_all=True, append_images=[grey])
files["saved-rgba-lzw.tif"] = saved(rgba, "TIFF", compression="tiff_lzw")
files["truncated.tif"] = files["rgb8-deflate.tif"][:300]
files["missing-data.tif"] = files["saved-tiff_lzw.tif"][:8] + files["saved-tiff_lzw.tif"][8:].replace(b"\x80", b"\x81", 1)

# ---- PNM ----
head = b"%d %d\n" % (W, H)
files["p1.pbm"] = b"P1\n# made up\n" + head + b" ".join(b"%d" % v for v in (g8[:, :, 0] >> 7).reshape(-1))
files["p1-dense.pbm"] = b"P1\n" + head + b"\n".join(b"".join(b"%d" % v for v in r) for r in g8[:, :, 0] >> 7)
files["p2.pgm"] = b"P2\n" + head + b"255\n" + b" ".join(b"%d" % v for v in g8.reshape(-1))
files["p2-comments.pgm"] = b"P2 #a\n#b\n" + head + b"#c\n100#d\n" + b"\n#e\n".join(b"%d" % (v * 100 // 255) for v in g8.reshape(-1))
files["p2-16.pgm"] = b"P2\n" + head + b"65535\n" + b" ".join(b"%d" % v for v in (wide[:, :, 0] // 150).reshape(-1))
files["p2-300.pgm"] = b"P2\n" + head + b"300\n" + b" ".join(b"%d" % v for v in (wide[:, :, 0] // 219).reshape(-1))
files["p3.ppm"] = b"P3\n" + head + b"255\n" + b" ".join(b"%d" % v for v in p8.reshape(-1))
files["p3-16.ppm"] = b"P3\n" + head + b"65535\n" + b" ".join(b"%d" % v for v in wide[:, :, :3].reshape(-1))
files["p3-7.ppm"] = b"P3\n" + head + b"7\n" + b" ".join(b"%d" % v for v in (p8 >> 5).reshape(-1))
files["p4.pbm"] = b"P4\n" + head + b"".join(packed(g8[:, :, 0] >> 7, 1))
files["p5.pgm"] = b"P5\n" + head + b"255\n" + g8.astype(np.uint8).tobytes()
files["p5-comment.pgm"] = b"P5\n#x y z\n" + head + b"# 3\n255\n" + g8.astype(np.uint8).tobytes()
files["p5-100.pgm"] = b"P5\n" + head + b"100\n" + (g8 * 110 // 255).astype(np.uint8).tobytes()
files["p5-16.pgm"] = b"P5\n" + head + b"65535\n" + (wide[:, :, 0] // 150).astype(">u2").tobytes()
files["p5-1000.pgm"] = b"P5\n" + head + b"1000\n" + (wide[:, :, 0] // 60).astype(">u2").tobytes()
files["p6.ppm"] = b"P6 " + head + b"255\n" + p8.astype(np.uint8).tobytes()
files["p6-crlf.ppm"] = b"P6\r\n%d %d\r\n255\n" % (W, H) + p8.astype(np.uint8).tobytes()
files["p6-31.ppm"] = b"P6\n" + head + b"31\n" + (p8 >> 3).astype(np.uint8).tobytes()
files["p6-16.ppm"] = b"P6\n" + head + b"65535\n" + wide[:, :, :3].astype(">u2").tobytes()
files["p6-1023.ppm"] = b"P6\n" + head + b"1023\n" + (wide[:, :, :3] >> 6).astype(">u2").tobytes()
files["p6-trailing.ppm"] = files["p6.ppm"] + b"more"
files["p6-truncated.ppm"] = files["p6.ppm"][:-5]
files["p2-truncated.pgm"] = files["p2.pgm"][:-40]
files["p2-too-large.pgm"] = b"P2\n" + head + b"100\n" + b" ".join(b"%d" % v for v in g8.reshape(-1))
files["p2-letter.pgm"] = files["p2.pgm"][:100] + b"x" + files["p2.pgm"][100:]
files["p5-maxval-0.pgm"] = b"P5\n" + head + b"0\n" + g8.astype(np.uint8).tobytes()
files["p5-maxval-70000.pgm"] = b"P5\n" + head + b"70000\n" + g8.astype(np.uint8).tobytes()
files["p7.pam"] = b"P7\nWIDTH 21\nHEIGHT 13\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n" + p8.astype(np.uint8).tobytes()
files["p5-two-lines.pgm"] = b"P5\n21\n13\n255\n" + g8.astype(np.uint8).tobytes()

out = {}
for name, data in files.items():
    out[name + "/file"] = np.frombuffer(data, np.uint8).copy()
    try:
        stored = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).copy()
    except Exception as e:
        out[name + "/refused"] = np.zeros(1, np.uint8)
        if "-v" in sys.argv:
            print(name, "refused:", type(e).__name__, str(e)[:80])
        continue
    out[name + "/stored"] = stored
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")).copy()
    if upright.shape != stored.shape or (upright != stored).any():
        out[name + "/upright"] = upright
target = pathlib.Path(sys.argv[1]) / "odd.safetensors.gz"
with gzip.GzipFile(target, "wb", 9, mtime=0) as file:
    file.write(save(out))
print(len(files), "files")
