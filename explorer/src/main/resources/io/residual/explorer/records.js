function compare(chosen) {
  const page = html("div", {}, html("h2", {}, "Compare")), s = data.similarity;
  if (data.pending) { page.append(pending()); return page; }
  const weighed = data.adapters.filter(a => a.moved), place = new Map(HEADS.map((u, i) => [u.unit, i]));
  const side = html("section", { class: "card beside" }), choose = u => side.replaceChildren(...beside(u));
  if (s) {
    const others = s.names.slice(1), at = Math.max(0, others.indexOf(chosen));
    const drawn = grid("Similarity to " + others[at], u => u.kind === "head" ? s.heads[place.get(u.unit)][at] : null, x => x.toFixed(2), SHARE, () => true, choose);
    const least = HEADS.reduce((b, u) => (s.heads[place.get(u.unit)][at] ?? 1) < (s.heads[place.get(b.unit)][at] ?? 1) ? u : b);
    choose(least);
    drawn.mark(least);
    side.prepend(note("The head that changes most between the two; choose another one in the grid."));
    page.append(html("h3", {}, `Heads on ${s.names[0]} and on other data sets`), note(`Similarity of a head's components on two data sets, from 0 to 1 (normalised spectral cosine of the components that hold ${percent(s.variance)} of its variance). A head that keeps its role has a high value.`),
      html("div", { class: "row" }, ...select("other", "Against", others.map(o => [o, o]), others[at], v => { location.hash = "compare/" + v; }), drawn.key), html("div", { class: "headsides" }, html("section", { class: "card" }, drawn.chart), side),
      html("section", { class: "card" }, html("h3", {}, "Mean over heads"), table(["data set", ...s.names], s.names.map((n, i) => [n, ...s.means[i].map(v => v.toFixed(2))]))));
  }
  if (weighed.length > 1) {
    const correlation = (x, y) => { const p = x.map((v, i) => [v, y[i]]).filter(([a, b]) => a !== null && b !== null), n = p.length, mx = p.reduce((t, q) => t + q[0], 0) / n, my = p.reduce((t, q) => t + q[1], 0) / n; return p.reduce((t, q) => t + (q[0] - mx) * (q[1] - my), 0) / Math.sqrt(p.reduce((t, q) => t + (q[0] - mx) ** 2, 0) * p.reduce((t, q) => t + (q[1] - my) ** 2, 0)); };
    page.append(html("section", { class: "card" }, html("h3", {}, "Adapters compared"), note("Correlation over heads of the learned change of two adapters (mean of (λ − 1)² over components, weighted by their variance). Near 1, they change the same heads."),
      table(["adapter", ...weighed.map(a => a.file)], weighed.map(a => [a.file, ...weighed.map(b => fixed(correlation(a.moved, b.moved), 2))]))));
    page.append(html("div", { class: "charts" }, ...weighed.map(a => { const drawn = grid("Learned change", u => u.kind === "head" ? a.moved[place.get(u.unit)] : null, x => x.toFixed(3), SHARE, () => true, u => { location.hash = "unit/" + u.unit; }); return html("section", { class: "card" }, html("h3", {}, a.file), note("Learned change of each head."), drawn.key, drawn.chart); })));
  }
  if (!s && weighed.length < 2) {
    // What can be compared with what is there: the heads that matter most against those that the adapter changes most.
    const told = HEADS.filter(u => u.without_told).sort((x, y) => Math.abs(y.without) - Math.abs(x.without)).slice(0, 12), changed = weighed.length ? HEADS.filter(u => u.moved !== undefined).sort((x, y) => y.moved - x.moved).slice(0, 12) : [];
    const rows = told.length ? told : changed;
    page.append(html("section", { class: "card" }, html("h3", {}, told.length || !rows.length ? "Heads that matter most" : "Heads that the adapter changes most"), told.length ? null : note(`On these ${data.data.images} images no head's change of accuracy can be told from zero, so an order would be decided by single images. Give more images, or compare: --others DATA shows data sets side by side, several --adapter FILE adapters.`)));
    if (rows.length) page.lastChild.append(...[told.length ? note("Nothing else was given to compare with. These heads, whose change can be told from zero, change validation accuracy most when ablated" + (weighed.length ? ", beside what the adapter changes in them." : ".") + " For data sets side by side give --others DATA, for adapters side by side several --adapter FILE.") : note("The learned change of a head does not depend on single images: it is the adapter's own."),
      table(["head", "change when ablated", "95 % interval", ...(weighed.length ? ["learned change"] : []), ...(words ? ["first text"] : [])], rows.map(u => [link("unit/" + u.unit, u.unit), points(u.without) + (u.without_told ? "" : " (not told from zero)"), plus(100 * u.without_interval[0], 1) + " to " + plus(100 * u.without_interval[1], 1), ...(weighed.length ? [u.moved === undefined ? "" : number(u.moved)] : []), ...(words ? [u.texts && u.texts.length ? u.texts[0].text : ""] : [])]))]);
  }
  return page;
}

function training() {
  const page = html("div", {}, html("h2", {}, "Training"), note("All numbers here are of validation images, on which choices are made. Test results are on the overview."));
  const part = (title, text, chart) => html("div", {}, html("h4", {}, title), note(text), chart);
  const scored = (name, scores, calibration, adapter) => {
    const at = adapter && adapter.interpolation, best = at ? at.reduce((b, d) => d[1] > b[1] ? d : b) : null, learned = at ? at.find(d => d[0] === 1) : null;
    const section = html("section", { class: "card" }, html("h3", {}, name), html("div", { class: "charts" },
      at ? part("Interpolation", "Validation accuracy with λ = 1 + t (λ learned − 1): t = 0 is the unadapted model, t = 1 the adapter." + (best && learned && best[1] > learned[1] ? ` The highest of these, ${percent(best[1])} at t = ${best[0]}, was not used to choose anything; ${Math.round((best[1] - learned[1]) * data.data.images)} images make the difference.` : ""),
        lines([{ name: "accuracy", x: at.map(d => d[0]), y: at.map(d => d[1]) }], "interpolation coefficient t", percent, { marks: [1] })) : null,
      part("Calibration", `Reliability diagram: accuracy by confidence with 95 % intervals, ${calibration ? `after temperature scaling (T = ${number(calibration.temperature)})` : "after temperature scaling"}. Dashed: perfect calibration.`, reliability(scores.reliability, data.data.images)),
      part("Coverage", "Selective accuracy by coverage: the images that the model is surest of." + (calibration ? ` At the rejection threshold, coverage is ${percent(calibration.coverage)} and selective accuracy ${percent(calibration.accuracy)}, fitted on these ${data.data.images} images.` : ""),
        lines([{ name: "selective accuracy", x: scores.coverage.map(c => c[0]), y: scores.coverage.map(c => c[1]) }], "coverage", x => (100 * x).toFixed(0) + " %", { xFormat: x => (100 * x).toFixed(0) + " %", marks: calibration ? [calibration.coverage] : [], range: [Math.min(.5, ...scores.coverage.map(c => c[1])), 1], domain: [0, 1] })),
      html("div", {}, html("h4", {}, "Confusion matrix"), confusion(scores))));
    return section;
  };
  for (const a of data.adapters) page.append(scored(a.file + " (" + a.label + ")", a.scores, a.info.calibration, a));
  if (!data.adapters.length) page.append(scored("The unadapted model", data.base, null, null));
  for (const f of data.forgetting) {
    const others = f.lines.map(l => l.mean_of_others), own = f.lines.map(l => l.accuracy[f.own]), x = f.lines.map(l => l.interpolation);
    const series = [{ name: f.own, x, y: own }, { name: "mean of other tasks", x, y: others }].filter(s => s.y.every(v => typeof v === "number"));
    page.append(html("section", { class: "card" }, html("h3", {}, "Catastrophic forgetting of " + f.adapter.split("/").pop()), note(`Accuracy on the ${f.split} split by interpolation coefficient, on its own task and on others.`), html("div", { class: "two" }, lines(series, "interpolation coefficient", percent),
      table(["task", ...f.lines.map(l => "t = " + l.interpolation)], Object.keys(f.lines[0].accuracy).map(t => [t, ...f.lines.map(l => percent(l.accuracy[t]))])))));
  }
  const fits = data.results.map(result => [result, result.methods.map(m => ({ name: m.label, points: (m.curve || []).filter(e => typeof e.validation_loss === "number"), best: m.best_epoch })).filter(m => m.points.length >= 3)]).filter(([, curves]) => curves.length);
  if (fits.length) page.append(html("section", { class: "card" }, html("h3", {}, "Fits"), note("Validation accuracy along each fit: by penalty, the strongest first, or by epoch; the best place was kept."), html("div", { class: "charts" }, ...fits.map(([result, curves]) => html("div", {}, html("h4", {}, result.dataset), lines(curves.map(c => ({ name: c.name, x: c.points.map(e => e.epoch), y: c.points.map(e => e.validation_accuracy) })), "step of the fit", percent))))));
  return page;
}

const NAMES = { tool: "Tool", created: "Created", model: "Model", data: "Data", seed: "Seed", decomposition_error: "Error of the decomposition", settings: "Settings", self_check: "Self-check", name: "Name", family: "Family", hash: "SHA-256 of the weights", layers: "Layers", heads: "Heads per layer", head_width: "Head width", shared_width: "Width of the embedding", has_text: "Text tower", origin: "Origin", images: "Images", weights: "SHA-256 of the weights", preprocessing: "Preprocessing" };
const called = key => NAMES[key] || (key.charAt(0).toUpperCase() + key.slice(1)).replace(/([a-z])([A-Z])/g, "$1 $2").replace(/_/g, " ");
const said = v => v === null ? "none" : v === true ? "yes" : v === false ? "no" : typeof v === "number" && !Number.isInteger(v) ? (Math.abs(v) < .001 && v !== 0 ? v.toExponential(1) : String(+v.toPrecision(4))) : String(v);
function entries(object) {
  return Object.entries(object).filter(([k]) => k !== "schema" && k !== "version").flatMap(([k, v]) => v !== null && typeof v === "object" && !Array.isArray(v) ? entries(v) : [[called(k), Array.isArray(v) ? v.map(x => x !== null && typeof x === "object" ? Object.values(x).map(said).join(" ") : said(x)).join("; ") || "none" : said(v)]]);
}
function properties(object) {
  return html("dl", {}, ...entries(object).flatMap(([k, v]) => [html("dt", {}, k), html("dd", { class: /^[0-9a-f]{32,}$/.test(v) ? "hash" : null }, v)]));
}
function provenance() {
  return html("div", {}, html("h2", {}, "Provenance"), note(`How this report was made: settings, hashes of model and images, and the measured error of the decomposition into units. Made by ${data.tool}.`),
    html("div", { class: "charts" }, html("section", { class: "card" }, html("h3", {}, "Validation images"), properties(data.provenance)), ...data.adapters.map(a => html("section", { class: "card" }, html("h3", {}, a.file), properties(a.info.provenance))),
      html("section", { class: "card" }, html("h3", {}, "Model"), properties(data.model))));
}
