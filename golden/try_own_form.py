"""Trials of a method of our own for few labels, in NumPy: the figures of records/2026-11-29-few-label-bench.md.

    ./residual reproduce few-labels --out FOLDER --method base --method residual --shots 16
    python golden/try_own_form.py prepare FOLDER CACHE
    python golden/try_own_form.py try CACHE 1,2,4,8,16 DRAWS
    python golden/try_own_form.py try CACHE 2,4,16 DRAWS evidence

Needs: numpy, scipy, safetensors. No part of the program: what won here was written in Java. Images are drawn here and not as the program draws
them. Prints the mean test accuracy in %: of the first, third, ... data set, and after the bar of the others.
"""
import collections, glob, json, os, sys
import numpy as np
from safetensors import safe_open
from scipy.optimize import minimize

unit = lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True)
SCALES = 10 ** np.arange(-2, 1.51, 0.25)
def ce(L, y):
    m = L.max(1, keepdims=True)
    return float(np.mean(np.log(np.exp(L - m).sum(1)) + m[:, 0] - L[np.arange(len(y)), y]))
bestce = lambda L, y: min(ce(s * L, y) for s in SCALES)
acc = lambda L, y: float(np.mean(L.argmax(1) == y))
def softmax(z):
    p = np.exp(z - z.max(1, keepdims=True)); return p / p.sum(1, keepdims=True)
class Task: pass
def load(folder, names=None):
    out = []
    for f in sorted(glob.glob(folder + "/*.npz")):
        n = os.path.basename(f)[:-4]
        if names and n not in names: continue
        d = np.load(f); t = Task(); t.name = n; t.T = d["T"]; t.phi = d["phi"].astype(float)
        t.c, t.y, t.l = d["ctrain"], d["ytrain"], d["ltrain"]; t.ct, t.yt, t.lt = d["ctest"], d["ytest"], d["ltest"]
        t.kept, t.units = d["kept"], d["units"]
        t.f, t.ft = unit(t.y), unit(t.yt); t.C = t.T.shape[1]; t.s = np.linalg.norm(t.T, axis=0)
        out.append(t)
    return out
def draw(t, shots, d):
    r = np.random.default_rng(100 * d + shots)
    return np.concatenate([r.permutation(np.flatnonzero(t.l == c))[:shots] for c in range(t.C)])
def kron(K, Kc, R):
    e, V = np.linalg.eigh(K); ec, Vc = np.linalg.eigh(Kc); e = np.maximum(e, 0); ec = np.maximum(ec, 0)
    Rt = V.T @ R @ Vc; V2 = V * V; RV = R @ Vc
    def at(lam):
        den = 1 / (e[:, None] * ec[None] + lam)   # (K⊗Kc + λ)^-1
        A = V @ (Rt * den)                          # [n, C] in rotated outputs
        diag = V2 @ den
        loo = (RV - A / diag) @ Vc.T
        return A * ec @ Vc.T, loo                   # dual incl. class kernel: pred = k(x,S) @ this
    return at
def gda(x, y, C, shrink=1.0):
    k = np.bincount(y, minlength=C); means = np.stack([x[y == c].mean(0) for c in range(C)])
    r = x - means[y]
    if k.max() == 1: r = x - x.mean(0)
    S = r.T @ r; tr = np.trace(S) / max(1, len(y) - 1) * shrink; D = x.shape[1]
    A = np.linalg.inv(S + tr * np.eye(D)) * D
    return A, means, tr
def gda_loo(x, y, C, shrink=1.0):
    A, means, tr = gda(x, y, C, shrink); D = x.shape[1]; k = np.bincount(y, minlength=C)[y]; r = x - means[y]; A0 = A / D
    W = A0 @ means.T; sq = (means.T * W).sum(0)
    if k.max() == 1: return W * D, -.5 * D * sq, None
    q = k / (k - 1); m = r @ A0; rr = (m * r).sum(1); fr = (m * x).sum(1); rm = r @ W
    fac = q / np.maximum(1 - q * rr, 1e-9)
    prod = x @ W + (fac * fr)[:, None] * rm; own = sq + fac[:, None] * rm ** 2
    i = np.arange(len(y)); g = fac * rr + 1
    prod[i, y] += -fr * g / (k - 1); own[i, y] += -2 * rm[i, y] * g / (k - 1) + rr * g / (k - 1) ** 2
    return W * D, -.5 * D * sq, D * (prod - .5 * own)
def lbfgs(fun, x0, it=150):
    r = minimize(fun, x0, jac=True, method="L-BFGS-B", options=dict(maxiter=it, maxcor=10, ftol=1e-9, gtol=1e-9)); return r.x


def prepare(folder, out):
    os.makedirs(out, exist_ok=True)
    T = {}; parts = None
    for file in glob.glob(folder + "/adapters/*.safetensors"):
        with safe_open(file, "np") as f:
            m = json.loads(f.metadata()["residual-adapter"])
            T.setdefault(m["data"]["source"], f.get_tensor("classifier").astype(float))
            if m["method"] == "residual" and parts is None:
                parts = [f.get_tensor(k) for k in ("units", "kept", "means", "components")]
    units, kept, means, comps = parts
    for task in sorted(glob.glob(folder + "/traces/*/*")):
        name = os.path.basename(task).rsplit("-", 1)[0]
        if os.path.exists(f"{out}/{name}.npz") or not os.path.exists(task + "/test/manifest.json"): continue
        got = {}
        for split in ("train", "test"):
            with safe_open(f"{task}/{split}/frame.safetensors", "np") as f: maps = f.get_tensor("maps").astype(float)
            sh = []
            for shard in sorted(glob.glob(f"{task}/{split}/shard*")):
                with safe_open(shard, "np") as f: sh.append({k: f.get_tensor(k) for k in f.keys()})
            cat = lambda k: np.concatenate([s[k] for s in sh])
            heads, norm, proj, y, lab = cat("heads"), cat("norm"), cat("projected"), cat("output").astype(float), cat("labels").astype(int)
            LH = heads.shape[1]; cols = []; at = 0
            for u, k, mu in zip(units, kept, means.astype(float)):
                phi = comps[at:at + k].astype(float); at += k
                if 1 <= u <= LH:
                    a = np.concatenate([heads[:, u - 1], norm, np.ones((len(y), 1))], 1).astype(float)
                    x = a @ maps[u - 1].T
                else:
                    x = proj[:, 0 if u == 0 else u - LH].astype(float)
                cols.append((x - mu) @ phi.T)
            got[split] = (np.concatenate(cols, 1).astype(np.float32), y, lab)
        src = "world:" + name
        np.savez(f"{out}/{name}.npz", phi=comps, units=units, kept=kept, T=T[src], **{k + s: v for s in got for k, v in zip("cyl", got[s])})
        c, y, l = got["train"]; print(name, c.shape, T[src].shape, np.mean((got["test"][1] @ T[src]).argmax(1) == got["test"][2]))


if sys.argv[1] == "prepare":
    prepare(*sys.argv[2:4])
    sys.exit()

tasks = load(sys.argv[2])
print([(t.name, t.C) for t in tasks])
tab = collections.defaultdict(lambda: collections.defaultdict(dict))
chose = collections.defaultdict(list)
SH = tuple(map(int, sys.argv[3].split(",")))
DR = int(sys.argv[4])
EVIDENCE = sys.argv[5:] == ["evidence"]
AL = np.r_[0, 10 ** np.arange(-4, 1.01, .25)]
LH = 48
var = np.mean([t.c.var(0) for t in tasks], 0); keep = []; at = 0
for u, k in zip(tasks[0].units, tasks[0].kept):
    v = var[at:at + k]
    if 1 <= u <= LH: m = int(np.searchsorted(np.cumsum(v) / v.sum(), .97) + 1); keep += list(range(at, at + m))
    at += k


def fitl(c, x, y, T, phi, tau, start=None, it=60):
    """min mean CE + tau |δ|²; x unit embeddings, c coefficients over the length"""
    n = len(y); Y = np.eye(T.shape[1])[y]
    def fun(dl):
        h = x + (c * dl) @ phi; ln = np.linalg.norm(h, axis=1, keepdims=True); u = h / ln; z = u @ T; P = (softmax(z) - Y) / n
        g = (P @ T.T - u * (P * z).sum(1, keepdims=True)) / ln
        return ce(z, y) + tau * (dl ** 2).sum(), (c * (g @ phi.T)).sum(0) + 2 * tau * dl
    return lbfgs(fun, np.zeros(c.shape[1]) if start is None else start, it)


def ridge(c, R, PT):
    H = (c.T @ c) * (PT @ PT.T); g = (c * (R @ PT.T)).sum(0); e, V = np.linalg.eigh(H); q = V.T @ g
    return lambda lam: V @ (q / (np.maximum(e, 0) + lam)) if lam < np.inf else 0 * g


def laplace(c, x, y, T, phi, tau, dl):
    """Log evidence of the prior δ ~ N(0, 1/(2 n τ)), by Laplace's approximation at its mode δ with the Gauss-Newton Hessian."""
    n, K = c.shape; h = x + (c * dl) @ phi; ln = np.linalg.norm(h, axis=1, keepdims=True); u = h / ln; z = u @ T; P = softmax(z)
    PT = phi @ T; up = u @ phi.T; H = 2 * n * tau * np.eye(K)
    for i in range(n):
        J = (c[i] / ln[i])[:, None] * (PT - up[i][:, None] * z[i])  # dz/dδ [K, C]
        m = J @ P[i]; H += (J * P[i]) @ J.T - np.outer(m, m)
    return -n * (ce(z, y) + tau * (dl ** 2).sum()) + K / 2 * np.log(2 * n * tau) - np.linalg.slogdet(H)[1] / 2


def process(K, R, lams):
    """λ of the largest evidence of Gaussian processes with K as covariance, one amplitude for all classes; and of the least loss left out."""
    e, V = np.linalg.eigh(K); e = np.maximum(e, 0); Rt = V.T @ R; n, C = R.shape
    def log(lam): return -n * C / 2 * np.log((Rt ** 2 / (e + lam)[:, None]).sum() / (n * C)) - C / 2 * np.log(e + lam).sum()
    return max(lams, key=log)


LAM = (np.inf, 1, .1, .03, .01, .003, .001, .0003)
PS = (np.inf, .03, .01, .003, .001)
for t in tasks:
    That = t.T / t.s; phi = t.phi[keep]; PT = phi @ That; PT = PT - PT.mean(1, keepdims=True)
    for N in SH:
        for d in range(DR):
            r = draw(t, N, d); x, y = t.f[r], t.l[r]; n = len(y); Y = np.eye(t.C)[y]
            put = lambda k, L: tab[k][N].setdefault(t.name, []).append(acc(L, t.lt))
            z0, zt = x @ t.T, t.ft @ t.T; D = x.shape[1]; cz = z0 / t.s
            put("base", zt)
            W, b0, loo = gda_loo(x, y, t.C); al = .03
            if loo is not None: al = min(AL, key=lambda a: bestce(z0 + a * loo, y))
            put("gda", zt + al * (t.ft @ W + b0))
            def fun(p):
                W = p.reshape(D, D); h = x @ W.T; ln = np.linalg.norm(h, axis=1, keepdims=True); u = h / ln; z = u @ t.T; P = (softmax(z) - Y) / n
                g = (P @ t.T.T - u * (P * z).sum(1, keepdims=True)) / ln
                return ce(z, y) + ((W - np.eye(D)) ** 2).sum() / N, (g.T @ x + 2 / N * (W - np.eye(D))).ravel()
            if not EVIDENCE: W = lbfgs(fun, np.eye(D).ravel(), 60).reshape(D, D); put("RLA", unit(t.ft @ W.T) @ t.T)
            nl = np.linalg.norm(t.y[r], axis=1, keepdims=True); nt = np.linalg.norm(t.yt, axis=1, keepdims=True)
            c, ct = t.c[r][:, keep].astype(float) / nl, t.ct[:, keep] / nt
            R = Y - cz; R -= R.mean(1, keepdims=True)
            rank = np.zeros(n, int); seen = collections.Counter()
            for i, l in enumerate(y): rank[i] = seen[l]; seen[l] += 1
            F = min(N, 4); folds = rank % F
            emb = lambda x, c, dl: unit(x + (c * dl) @ phi)
            def path(x, c, y):
                out = {np.inf: np.zeros(len(keep))}; dl = None
                for p in PS[1:]: dl = fitl(c, x, y, t.T, phi, p / N, dl, 25); out[p] = dl
                return out
            full = {"ridge": {l: s for s_ in [ridge(c, R, PT)] for l in LAM for s in [s_(l)]}, "logit": path(x, c, y)}
            if N == 1:
                for p in PS:
                    dl = full["logit"][p]; u, ut = emb(x, c, dl), emb(t.ft, ct, dl); W, b, _ = gda_loo(u, y, t.C)
                    for a in (0, .03, .06): put(f"logit {p} gda {a}", ut @ t.T + a * (ut @ W + b))
                continue
            cf = {"ridge": {l: np.zeros((n, D)) for l in LAM}, "logit": {l: np.zeros((n, D)) for l in PS}}
            for k in range(F):
                tr, te = folds != k, folds == k; s_ = ridge(c[tr], R[tr], PT); pa = path(x[tr], c[tr], y[tr])
                for l in LAM: cf["ridge"][l][te] = emb(x[te], c[te], s_(l))
                for l in PS: cf["logit"][l][te] = emb(x[te], c[te], pa[l])
            cf["both"] = {**{("r", l): v for l, v in cf["ridge"].items()}, **{("l", l): v for l, v in cf["logit"].items()}}
            full["both"] = {**{("r", l): v for l, v in full["ridge"].items()}, **{("l", l): v for l, v in full["logit"].items()}}
            if EVIDENCE:
                none = -n * ce(z0, y)
                ev = {p: none if p == np.inf else laplace(c, x, y, t.T, phi, p / N, full["logit"][p]) for p in PS}
                p = max(ev, key=ev.get); chose["evidence", N].append(p); dl = full["logit"][p]; u, ut = emb(x, c, dl), emb(t.ft, ct, dl)
                put("λ by evidence", ut @ t.T); W, b, loo = gda_loo(u, y, t.C)
                a = min(AL, key=lambda a: bestce(cf["logit"][p] @ t.T + a * loo, y)); put("λ by evidence + gda", ut @ t.T + a * (ut @ W + b))
                a = min(AL, key=lambda a: bestce(u @ t.T + a * loo, y)); put("λ by evidence + gda, α by logits of the same fit", ut @ t.T + a * (ut @ W + b))
                beta = 1 / (1 - ((x.sum(0) ** 2).sum() - n) / (n * (n - 1))); ker = lambda a, b: np.exp(-beta * (1 - a @ b.T)); K = ker(x, x)
                R1 = Y - cz; G = kron(K, np.eye(t.C), R1); ls = 10 ** np.arange(-2, 3.01, .5)
                l = process(K, R1, ls); chose["kernel ridge, evidence", N].append(round(l, 2)); put("kernel ridge, evidence", zt / t.s + ker(t.ft, x) @ G(l)[0])
                l = min(ls, key=lambda l: bestce(cz + G(l)[1], y)); chose["kernel ridge, left out", N].append(round(l, 2))
                put("kernel ridge, left out", zt / t.s + ker(t.ft, x) @ G(l)[0])
            for nm in ("logit",) if EVIDENCE else ("ridge", "logit", "both"):
                sc = {l: bestce(v @ t.T, y) for l, v in cf[nm].items()}; l = min(sc, key=sc.get); chose[nm, N].append(l)
                dl = full[nm][l]; u, ut = emb(x, c, dl), emb(t.ft, ct, dl); put(f"{nm} λ", ut @ t.T)
                for sh in (.5, 1):
                    W, b, loo = gda_loo(u, y, t.C, sh); a = min(AL, key=lambda a: bestce(cf[nm][l] @ t.T + a * loo, y)); put(f"{nm} λ + gda {sh}", ut @ t.T + a * (ut @ W + b))
                if nm == "both": continue
                # honest: discriminants from the fold's own embedding
                G = np.zeros((n, t.C)); 
                W, b, loo = gda_loo(cf[nm][l], y, t.C); a = min(AL, key=lambda a: bestce(cf[nm][l] @ t.T + a * loo, y)); W, b, _ = gda_loo(u, y, t.C); put(f"{nm} λ + gda cf-emb", ut @ t.T + a * (ut @ W + b))
dev = [t.name for t in tasks][0::2]
for k, v in tab.items():
    g = lambda w, N: f"{100*np.mean([np.mean(v[N][t.name]) for t in tasks if (t.name in dev) == w]):6.2f}" if N in v else "     -"
    print(f"{str(k):24s}", *(g(True, N) for N in SH), "  | ", *(g(False, N) for N in SH))
for k, v in chose.items(): print(k, sorted(collections.Counter(v).items()))
