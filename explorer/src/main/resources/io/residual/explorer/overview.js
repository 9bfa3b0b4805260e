/** Whether an adapter is shown: explore without one turns an adapter that changes nothing. */
const adapted = () => "corrected" in data.conclusion;
function overview() {
  const c = data.conclusion, first = data.adapters[0];
  const page = html("div", {}, html("h2", {}, adapted() ? `${first.label} on ${data.data.name}` : data.data.name),
    html("p", { class: "lead" }, c.sentences[0]), ...c.sentences.slice(1).map(s => html("p", { class: "also" }, s)),
    note(`Model ${data.model.name}: ${data.model.layers} layers of ${data.model.heads} heads. ${data.data.name}: ${classes.length} classes, ${data.data.images} validation images.`),
    ...(data.data.notes || []).map(n => note("Note: " + n)));
  page.append(html("div", { class: "flipped" }, ...flipped(c)), ...comparisons());
  for (const shots of data.shots) page.append(fewLabels(shots));
  if (adapted()) page.append(html("section", { class: "card" }, html("h3", {}, "Adapters"), table(["file", "method", "parameters", "validation", "test", "coverage", "selective accuracy"], data.adapters.map(a => [a.file, a.label, a.parameters.toLocaleString("en"),
    percent(a.info.validation_accuracy), a.info.test_accuracy === null ? "untested" : percent(a.info.test_accuracy), percent(a.info.calibration.coverage), percent(a.info.calibration.accuracy)])),
    note("Coverage is the share of validation images whose probability reaches the rejection threshold. Selective accuracy is the accuracy on them. Both were fitted on validation.")));
  return page;
}

/** Images whose decision the adapter put right, and those it broke. */
function flipped(c) {
  if (!adapted()) {
    const wrong = data.images.map((p, i) => i).filter(i => data.images[i].chosen !== data.images[i].label);
    return [gallery("Decisions", "", data.images.map((p, i) => i).slice(0, 8)), wrong.length ? gallery("Wrong decisions", "bad", wrong.slice(0, 4)) : null].filter(x => x);
  }
  const group = (title, kind, all, count) => gallery(`${title}: ${count} of ${c.images} validation images` + (count > all.length && all.length ? `, ${all.length} shown` : ""), kind, all);
  return [group("Corrected by the adapter", "good", c.shown_corrected, c.corrected), group("Broken by the adapter", "bad", c.shown_broken, c.broken)];
}
function gallery(title, kind, indices) {
  return html("section", { class: "card" }, html("h3", { class: kind }, title), indices.length ? html("div", { class: "gallery" }, ...indices.map(i => {
    const p = data.images[i];
    return html("a", { class: "decision", href: "#image/" + i }, html("img", { src: p.seen || data.thumbnails[p.image], alt: p.image, loading: "lazy" }),
      html("span", {}, html("b", {}, classes[p.label]), adapted() && p.chosen !== p.chosen_before ? html("span", { class: p.chosen_before === p.label ? "good" : "bad" }, "was: " + classes[p.chosen_before]) : null,
        html("span", { class: p.chosen === p.label ? "good" : "bad" }, (adapted() ? "now: " : "answer: ") + classes[p.chosen] + ", " + percent(p.probability) + (p.unsure ? " (unsure)" : ""))));
  })) : note("None."));
}

/** One panel a data set: methods as dots with intervals on one axis. */
function comparisons() {
  if (!data.results.length) return live || data.adapters.length === 0 ? [] : [note("For a comparison with other methods on the test split, give the JSON of residual evaluate as --results.")];
  const all = data.results.flatMap(r => r.methods), low = Math.max(0, Math.floor(10 * Math.min(...all.map(m => m.test_interval_95[0]))) / 10), high = Math.min(1, Math.ceil(10 * Math.max(...all.map(m => m.test_interval_95[1]))) / 10);
  const panels = data.results.map(r => {
    const base = r.methods.find(m => m.parameters === 0), best = r.methods.reduce((b, m) => m.validation_accuracy > b.validation_accuracy ? m : b), chance = 1 / r.classes;
    return dots(r.dataset, r.methods.map(m => ({ name: m.label, value: m.test_accuracy, low: m.test_interval_95[0], high: m.test_interval_95[1], kind: m === best ? "best" : m.test_interval_95[1] >= best.test_interval_95[0] ? "equal" : "other" })), [low, high],
      [...(base ? [{ name: "Base", at: base.test_accuracy }] : []), ...(r.classes ? [{ name: "chance", at: chance }] : [])]);
  });
  const numbers = data.results.map(result => {
    const base = result.methods.find(m => m.parameters === 0);
    return html("section", {}, html("h4", {}, result.dataset), table(["method", "test", "95 % interval", "against Base", "parameters", "seconds"], result.methods.map(m => [m.label, percent(m.test_accuracy),
      percent(m.test_interval_95[0]) + " – " + percent(m.test_interval_95[1]), base && m !== base ? plus(100 * (m.test_accuracy - base.test_accuracy), 1) : "", m.parameters.toLocaleString("en"), m.seconds.toFixed(1)])),
      ...(result.notes || []).map(n => note("Note: " + n)));
  });
  return [html("section", { class: "card" }, html("h3", {}, "Methods on the test split"),
    note("Dots: accuracy, measured once after every choice. Lines: 95 % intervals. Filled: the method that validation chooses; ringed: its interval overlaps with that one's, so the two are not clearly different. Dashed: Base and chance."),
    ...(panels.length === 1 ? [html("div", { class: "two" }, panels[0], numbers[0])] : [html("div", { class: "panels" }, ...panels), html("details", {}, html("summary", {}, "All numbers"), html("div", { class: "charts" }, ...numbers))]))];
}

function fewLabels(shots) {
  const counts = [...new Set(shots.fits.map(f => f.shots))], methods = [...new Set(shots.fits.map(f => f.method))], labels = new Map(data.results.concat(data.adapters).flatMap(r => r.methods || [r]).map(m => [m.method, m.label]));
  const known = { base: "Base", linear: "Linear Aligner", residual: "ResiDual", "residual-star": "ResiDual*", coarse: "Coarse", output: "ResiDual^y", probe: "Linear probe", "tip-adapter": "Tip-Adapter", "tip-adapter-f": "Tip-Adapter-F" };
  const series = methods.map(m => {
    const s = { name: labels.get(m) || known[m] || m, x: counts.map((c, i) => i), y: [], low: [], high: [] };
    for (const c of counts) { const v = shots.fits.filter(f => f.method === m && f.shots === c).map(f => f.test_accuracy); s.y.push(v.reduce((t, x) => t + x, 0) / v.length); s.low.push(Math.min(...v)); s.high.push(Math.max(...v)); }
    return s;
  });
  return html("section", { class: "card" }, html("h3", {}, `${shots.dataset}: accuracy by number of labels`), html("div", { class: "two" },
    html("div", {}, note("Mean test accuracy over draws; lines: lowest and highest draw."), lines(series, "labelled images per class", percent, { xNames: counts })),
    html("div", {}, html("h4", {}, "Recommendation"), note("Chosen on held-out validation images: the method with the fewest parameters within one standard error of the best."), html("ul", {}, ...shots.recommendations.map(r => html("li", {}, r.sentence))))));
}
