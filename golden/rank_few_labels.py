"""Tables, mean ranks and a critical-difference figure from the fits of one or several few-label sweeps.

    python golden/rank_few_labels.py FIGURE.svg runs.csv [more-runs.csv ...]

Needs: numpy, scipy. Prints Markdown: test accuracy with intervals over draws and over test images, worst class, calibration, seconds, parameters;
how far each method is behind the first, draw by draw; mean ranks over the data sets. Draws that not every method has are left out. A data set of two
models counts as two, but in the last ranks, whose data sets must be independent, as one.
"""
import collections, csv, sys
import numpy as np
from scipy import stats

figure, files = sys.argv[1], sys.argv[2:]
rows = {}
for file in files:
    for row in csv.DictReader(open(file)):
        if row["shots"] != "0":
            key = (row["method"], (row["dataset"], row["model"]), int(row["shots"]), int(row["draw"]))
            rows[key] = row
methods = list(dict.fromkeys(k[0] for k in rows))
sets = sorted({k[1] for k in rows})
shots = sorted({k[2] for k in rows})
# A draw counts for a data set if every method and number of labels has it.
draws = {d: [r for r in range(10) if all((m, d, s, r) in rows for m in methods for s in shots)] for d in sets}
sets = [d for d in sets if draws[d]]
label = {k[0]: row["variant"] for k, row in rows.items()}
accuracy = lambda m, d, s, r: float(rows[m, d, s, r]["test_right"]) / float(rows[m, d, s, r]["test_images"])
cell = lambda m, d, s: np.mean([accuracy(m, d, s, r) for r in draws[d]])


def over_draws(m, s):
    """Half the 95 % interval over draws: the variance within data sets, pooled."""
    squares, free, error = 0.0, 0, 0.0
    for d in sets:
        a = [accuracy(m, d, s, r) for r in draws[d]]
        squares += np.var(a) * len(a)
        free += len(a) - 1
        error += 1 / len(a)
    return stats.t.ppf(0.975, free) * np.sqrt(squares / free * error) / len(sets) if free else float("nan")


def over_images(m, s):
    """The same over test images, of one draw: the sampling error of the test splits."""
    variances = [cell(m, d, s) * (1 - cell(m, d, s)) / float(rows[m, d, s, draws[d][0]]["test_images"]) for d in sets]
    return 1.96 * np.sqrt(sum(variances)) / len(sets)


print(f"{len({d[0] for d in sets})} data sets, models: {', '.join(sorted({d[1] for d in sets}))}; draws of each: "
      + ", ".join(f"{d[0]} {len(draws[d])}" for d in sets) + "\n")
print("| images a class | " + " | ".join(map(str, shots)) + " | mean rank | parameters | seconds |")
print("|---|" + "---:|" * (len(shots) + 3))
ranks = np.mean([stats.rankdata([-cell(m, d, s) for m in methods]) for d in sets for s in shots], axis=0)
for m in sorted(methods, key=lambda m: ranks[methods.index(m)]):
    each = [rows[m, d, s, r] for d in sets for s in shots for r in draws[d]]
    parameters = np.mean([float(r["parameters"]) for r in each])
    seconds = np.median([float(r["fit_seconds"]) for r in each])
    print(f"| {label[m]} | " + " | ".join(f"{100 * np.mean([cell(m, d, s) for d in sets]):.1f} ± {100 * over_draws(m, s):.1f}" for s in shots)
          + f" | {ranks[methods.index(m)]:.1f} | {parameters:,.0f} | {seconds:.2f} |")
print("\nHalf of the 95 % interval over test images: " + f"{100 * min(over_images(m, s) for m in methods for s in shots):.1f} to "
      + f"{100 * max(over_images(m, s) for m in methods for s in shots):.1f} points.\n")

def table(title, value, methods):
    print(title + ":\n\n| images a class | " + " | ".join(map(str, shots)) + " |\n|---|" + "---:|" * len(shots))
    for m in sorted(methods, key=lambda m: ranks[methods_all.index(m)]):
        print(f"| {label[m]} | " + " | ".join(value(m, s) for s in shots) + " |")
    print()


def behind(m, s):
    """How far it is behind the most accurate method of a column, with half the 95 % interval over draws of the difference, data sets pooled."""
    first = max(methods, key=lambda o: np.mean([cell(o, d, s) for d in sets]))
    squares, free, error, mean = 0.0, 0, 0.0, []
    for d in sets:
        a = [accuracy(m, d, s, r) - accuracy(first, d, s, r) for r in draws[d]]
        squares += np.var(a) * len(a)
        free += len(a) - 1
        error += 1 / len(a)
        mean.append(np.mean(a))
    half = stats.t.ppf(0.975, free) * np.sqrt(squares / free * error) / len(sets) if free else float("nan")
    return "first" if m == first else f"{100 * np.mean(mean):+.1f} ± {100 * half:.1f}"


def mean_of(value):
    return lambda m, s: f"{100 * np.mean([value(rows[m, d, s, r]) for d in sets for r in draws[d]]):.1f}"


methods_all = methods
table("Difference from the first of each column, of the same draws, in points", behind, methods)
has = [m for m in methods if all(rows[m, d, s, r].get("worst_right") for d in sets for s in shots for r in draws[d])]
if has:
    table("Worst class, %", mean_of(lambda row: float(row["worst_right"]) / float(row["worst_images"])), has)
table("Calibration error before a temperature, %", mean_of(lambda row: float(row["error_before"])), methods)
table("Calibration error after it, %", mean_of(lambda row: float(row["error_after"])), methods)

# Ranks of the mean over numbers of labels, by data set: data sets are independent, numbers of labels are not.
tasks = sorted({d[0] for d in sets})
mean = np.array([[np.mean([cell(m, d, s) for s in shots for d in sets if d[0] == t]) for m in methods] for t in tasks])
rank = np.mean([stats.rankdata(-row) for row in mean], axis=0)
k, n = len(methods), len(tasks)
critical = stats.studentized_range.ppf(0.95, k, np.inf) / np.sqrt(2) * np.sqrt(k * (k + 1) / (6 * n))
friedman = stats.friedmanchisquare(*mean.T)
print(f"Friedman's test over {n} data sets: χ² = {friedman.statistic:.1f}, p = {friedman.pvalue:.2g}; critical difference of mean ranks "
      f"(Nemenyi, 5 %) {critical:.1f}.")

order = sorted(range(k), key=lambda i: rank[i])
width, left, right, top, line = 720, 150, 150, 60, 17
x = lambda r: left + (r - 1) / (k - 1) * (width - left - right)
half = (k + 1) // 2
height = top + 40 + line * half + 30
out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
       f'<text x="{width / 2}" y="16" text-anchor="middle">Mean rank over {n} data sets; bars join what differs by less than {critical:.1f}</text>',
       f'<line x1="{x(1)}" y1="{top}" x2="{x(k)}" y2="{top}" stroke="black"/>']
for r in range(1, k + 1):
    out.append(f'<line x1="{x(r):.1f}" y1="{top - 5}" x2="{x(r):.1f}" y2="{top}" stroke="black"/>')
    if r % 2:
        out.append(f'<text x="{x(r):.1f}" y="{top - 9}" text-anchor="middle">{r}</text>')
bars, end = [], -1
for i in range(k):
    j = max(j for j in range(i, k) if rank[order[j]] - rank[order[i]] < critical)
    if j > i and j > end:
        bars.append((i, j))
        end = j
for b, (i, j) in enumerate(bars):
    y = top + 7 + 5 * b
    out.append(f'<line x1="{x(rank[order[i]]) - 3:.1f}" y1="{y}" x2="{x(rank[order[j]]) + 3:.1f}" y2="{y}" stroke="#b03a2e" stroke-width="3"/>')
base = top + 14 + 5 * len(bars)
for place, i in enumerate(order):
    first = place < half
    y = base + line * (place + 1 if first else k - place)
    at = left - 8 if first else width - right + 8
    out.append(f'<polyline points="{x(rank[i]):.1f},{top} {x(rank[i]):.1f},{y} {at},{y}" fill="none" stroke="gray" stroke-width=".6"/>')
    out.append(f'<text x="{at - 3 if first else at + 3}" y="{y + 4}" text-anchor="{"end" if first else "start"}">{label[methods[i]]} {rank[i]:.1f}</text>')
out[0] = out[0].replace(str(height), str(base + line * (half + 1) + 10), 1)
open(figure, "w").write("\n".join(out + ["</svg>", ""]))
