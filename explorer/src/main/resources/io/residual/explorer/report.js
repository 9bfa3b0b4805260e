const data = JSON.parse(document.getElementById("data").textContent);
const main = document.getElementById("main");
const byUnit = new Map(data.units.map((u, i) => [u.unit, i]));
const classes = data.data.classes;
const HEADS = data.units.filter(u => u.kind === "head");

const percent = x => (100 * x).toFixed(1) + " %";
const number = x => Math.abs(x) >= 100 ? Math.round(x).toLocaleString("en") : Math.abs(x) >= 1 ? x.toFixed(1) : x.toFixed(2);
const fixed = (x, digits) => (x < 0 ? "−" : "") + Math.abs(x).toFixed(digits);
const signed = x => (x < 0 ? "−" : "+") + Math.abs(x).toFixed(3);
const note = text => html("p", { class: "note" }, text);
const link = (to, text) => html("a", { href: "#" + to }, text);

function table(header, rows) {
  return html("table", {},
    html("thead", {}, html("tr", {}, ...header.map(h => html("th", { scope: "col" }, h)))),
    html("tbody", {}, ...rows.map(r => html("tr", {}, ...r.map(c => html("td", {}, c))))));
}

/** Dark blue over green to yellow: rises in lightness, so it reads the same without colours. */
const STOPS = [[48, 18, 89], [49, 79, 139], [34, 131, 141], [73, 181, 110], [190, 215, 52], [252, 231, 90]];
function colour(share) {
  const at = Math.max(0, Math.min(1, share)) * (STOPS.length - 1), i = Math.min(STOPS.length - 2, Math.floor(at));
  return "rgb(" + STOPS[i].map((c, k) => Math.round(c + (STOPS[i + 1][k] - c) * (at - i))).join(",") + ")";
}

function bars(names, first, second, format) {
  const narrow = innerWidth < 600, left = narrow ? 92 : 150, width = narrow ? 330 : 620, row = second ? 30 : 22, room = 60;
  const all = first.concat(second || []), most = Math.max(1e-9, ...all), least = Math.min(0, ...all);
  const below = least < 0 ? room : 0, scale = (width - left - room - below) / (most - least), zero = left + below - least * scale;
  const chart = svg("svg", { viewBox: `0 0 ${width} ${row * names.length + 10}`, width, role: "img", "aria-label": names.map((n, i) => n + " " + format(first[i])).join(", ") });
  const bar = (value, y, kind) => {
    const length = Math.abs(value) * scale;
    chart.append(svg("rect", { class: kind, x: value < 0 ? zero - length : zero, y, width: length, height: 11 }),
      svg("text", { x: value < 0 ? zero - length - 4 : zero + length + 4, y: y + 10, "text-anchor": value < 0 ? "end" : "start", class: "faint" }, format(value)));
  };
  names.forEach((name, i) => {
    chart.append(svg("text", { x: left - 8, y: row * i + 16, "text-anchor": "end" }, name));
    bar(first[i], row * i + 4, "first");
    if (second) bar(second[i], row * i + 16, "second");
  });
  chart.append(svg("line", { class: "axis", x1: zero, x2: zero, y1: 0, y2: row * names.length + 6 }));
  return chart;
}

/** Round places for ticks between two values. */
function ticks(low, high, count) {
  const step = (high - low || 1) / count, power = Math.pow(10, Math.floor(Math.log10(step)));
  const nice = [1, 2, 2.5, 5, 10].map(m => m * power).find(m => m >= step * .999), all = [];
  for (let v = Math.ceil(low / nice - 1e-9) * nice; v <= high + nice * 1e-9; v += nice) all.push(Math.abs(v) < nice * 1e-9 ? 0 : v);
  return all;
}

/** Lines of {name, x, y}; xNames gives words for whole numbers on the x axis. */
function lines(series, xLabel, yFormat, { xNames = null, xFormat = x => String(+x.toFixed(2)), marks = [] } = {}) {
  const w = innerWidth < 600 ? 330 : 560, h = innerWidth < 600 ? 240 : 300, left = 64, right = 34, top = 12, bottom = 46;
  const xs = series.flatMap(s => s.x), ys = series.flatMap(s => s.y);
  const x0 = Math.min(...xs), x1 = Math.max(...xs), y0 = Math.min(...ys), y1 = Math.max(...ys);
  const px = x => left + (w - left - right) * (x1 === x0 ? .5 : (x - x0) / (x1 - x0)), py = y => h - bottom - (h - top - bottom) * (y1 === y0 ? .5 : (y - y0) / (y1 - y0));
  const chart = svg("svg", { viewBox: `0 0 ${w} ${h}`, width: w, role: "img", "aria-label": series.map(s => s.name + " from " + yFormat(s.y[0]) + " to " + yFormat(s.y[s.y.length - 1])).join(", ") });
  for (const y of ticks(y0, y1, 5)) chart.append(svg("line", { class: "axis", x1: left, x2: w - right, y1: py(y), y2: py(y) }), svg("text", { class: "faint", x: left - 6, y: py(y) + 4, "text-anchor": "end" }, yFormat(y)));
  for (const x of xNames ? xNames.map((n, i) => i) : ticks(x0, x1, innerWidth < 600 ? 3 : 5)) chart.append(svg("line", { class: "axis", x1: px(x), x2: px(x), y1: h - bottom, y2: h - bottom + 4 }), svg("text", { class: "faint", x: px(x), y: h - bottom + 18, "text-anchor": "middle" }, xNames ? xNames[x] : xFormat(x)));
  for (const m of marks) chart.append(svg("line", { class: "mark", x1: px(m), x2: px(m), y1: top, y2: h - bottom }));
  series.forEach((s, i) => {
    chart.append(svg("polyline", { class: "line c" + i % 7, points: s.x.map((x, k) => px(x) + "," + py(s.y[k])).join(" ") }));
    if (s.x.length < 30) s.x.forEach((x, k) => chart.append(svg("circle", { class: "dot c" + i % 7, cx: px(x), cy: py(s.y[k]), r: 3 }, svg("title", {}, `${s.name}, ${xNames ? xNames[x] : xFormat(x)}: ${yFormat(s.y[k])}`))));
  });
  chart.append(svg("text", { class: "faint", x: (left + w - right) / 2, y: h - 6, "text-anchor": "middle" }, xLabel));
  const legend = series.length > 1 ? html("p", { class: "row" }, ...series.map((s, i) => html("span", {}, html("span", { class: "key c" + i % 7 }), s.name))) : null;
  return html("div", {}, legend, chart);
}

/** Shows which classes are taken for which; the diagonal is right. */
function confusion(scores) {
  const box = html("div", {}), matrix = scores.confusion;
  if (matrix) {
    const n = matrix.length, size = Math.max(14, Math.min(34, Math.floor(520 / n))), left = 130, top = 10, bottom = 110;
    const chart = svg("svg", { viewBox: `0 0 ${left + n * size + 20} ${top + n * size + bottom}`, width: left + n * size + 20, role: "img", "aria-label": "Confusion matrix; the list below names the pairs mixed up most often" });
    const most = matrix.map(row => Math.max(1, row.reduce((s, v) => s + v, 0)));
    matrix.forEach((row, i) => {
      chart.append(svg("text", { class: "faint", x: left - 6, y: top + (i + .5) * size + 4, "text-anchor": "end" }, short(classes[i])));
      row.forEach((v, j) => {
        const share = v / most[i];
        chart.append(svg("rect", { x: left + j * size, y: top + i * size, width: size - 1, height: size - 1, fill: v ? colour(.12 + .88 * share) : "var(--line)" }, svg("title", {}, `${classes[i]} taken for ${classes[j]}: ${v}`)));
        if (v && size >= 20) chart.append(svg("text", { class: "cellnumber " + (share > .5 ? "onlight" : "ondark"), x: left + (j + .5) * size, y: top + (i + .5) * size + 4, "text-anchor": "middle" }, String(v)));
      });
    });
    classes.forEach((c, j) => { const x = left + (j + .5) * size, y = top + n * size + 12; chart.append(svg("text", { class: "faint", x, y, "text-anchor": "end", transform: `rotate(-45 ${x} ${y})` }, short(c))); });
    box.append(note("Rows: true class; columns: predicted class. Colour: share of the row."), chart);
  }
  const mixed = scores.mixed_up || [];
  box.append(mixed.length ? html("p", {}, "Most frequent confusions: " + mixed.slice(0, 5).map(([i, j, v]) => `${classes[i]} predicted as ${classes[j]} (${v})`).join("; ") + ".") : html("p", {}, "No confusions."));
  return box;
}
const short = text => text.length > 18 ? text.slice(0, 17) + "…" : text;

const MEASURES = [
  ["alone", "Accuracy alone", percent, "Validation accuracy with the head's contribution alone as the embedding."],
  ["without", "Change when removed", x => (x < 0 ? "−" : "+") + Math.abs(100 * x).toFixed(1) + " points", "Change of validation accuracy when the head's contribution is replaced by its mean."],
  ["correlation", "Correlation with the output", x => x.toFixed(2), "Correlation of the head with the sum of all heads, averaged over dimensions."],
  ["dimension", "Linear dimension", x => String(Math.round(x)), "Number of components for 99 % of the head's variance."],
  ["two_nn", "Nonlinear dimension", x => x.toFixed(1), "TwoNN: intrinsic dimension estimated from distances to the two nearest images."],
  ["first_share", "First component's share", percent, "Share of the head's variance along its first component."],
  ["moved", "Learned change", x => x.toFixed(3), "Σ (λ − 1)² over components, weighted by their variance: the size of the adapter's change to the head."],
];

function overview() {
  const page = html("div", {}, html("h2", {}, "Overview"),
    note(`${data.model.name}: ${data.model.layers} layers of ${data.model.heads} heads. ${data.data.name}: ${classes.length} classes, ${data.data.images} validation images; the unadapted model has an accuracy of ${percent(data.accuracy)} on them.`));
  for (const result of data.results) {
    const base = result.methods.find(m => m.parameters === 0);
    page.append(html("section", { class: "card" }, html("h3", {}, result.dataset),
      note("Test accuracy with its 95 % interval, measured once, after every choice."),
      table(["method", "test", "95 % interval", "against Base", "parameters", "seconds"], result.methods.map(m => [m.label, percent(m.test_accuracy),
        percent(m.test_interval_95[0]) + " – " + percent(m.test_interval_95[1]), base && m !== base ? (m.test_accuracy < base.test_accuracy ? "−" : "+") + Math.abs(100 * (m.test_accuracy - base.test_accuracy)).toFixed(1) : "", m.parameters.toLocaleString("en"), m.seconds.toFixed(1)])),
      bars(result.methods.map(m => m.label), result.methods.map(m => m.test_accuracy), null, percent)));
  }
  for (const shots of data.shots) {
    const counts = [...new Set(shots.fits.map(f => f.shots))], methods = [...new Set(shots.fits.map(f => f.method))];
    const mean = values => values.reduce((s, v) => s + v, 0) / values.length;
    const series = methods.map(m => ({ name: m, x: counts.map((c, i) => i), y: counts.map(c => mean(shots.fits.filter(f => f.method === m && f.shots === c).map(f => f.test_accuracy))) }));
    page.append(html("section", { class: "card" }, html("h3", {}, shots.dataset + ": learning curves"), note("Mean test accuracy over draws, by labelled images per class."), lines(series, "labelled images a class", percent, { xNames: counts }),
      html("ul", {}, ...shots.recommendations.map(r => html("li", {}, r.sentence)))));
  }
  if (data.adapters.length) {
    page.append(html("section", { class: "card" }, html("h3", {}, "Adapters"), table(["file", "method", "parameters", "validation", "test", "coverage", "selective accuracy"], data.adapters.map(a => [a.file, a.label, a.parameters.toLocaleString("en"),
      percent(a.info.validation_accuracy), a.info.test_accuracy === null ? "–" : percent(a.info.test_accuracy), percent(a.info.calibration.coverage), percent(a.info.calibration.accuracy)])),
      note("Coverage is the share of images whose probability reaches the rejection threshold, which is fitted on validation. Selective accuracy is the accuracy on them.")));
  }
  return page;
}

/** Layers × heads, coloured by one value a head. */
function grid(label, values, format, words) {
  const L = data.model.layers, H = data.model.heads, size = Math.max(20, Math.min(44, Math.floor(900 / H))), left = 46, top = 24;
  const there = values.filter(v => v !== null && v !== undefined), least = Math.min(...there), most = Math.max(...there), span = most - least || 1;
  const about = html("p", { "aria-live": "polite" }, "Choose a head.");
  const chart = svg("svg", { viewBox: `0 0 ${left + H * size + 4} ${top + L * size + 4}`, width: left + H * size + 4, role: "group", "aria-label": label + " of every head" });
  for (let h = 0; h < H; h++) chart.append(svg("text", { class: "faint", x: left + (h + .5) * size, y: 14, "text-anchor": "middle" }, "H" + h));
  const cells = [];
  HEADS.forEach((u, index) => {
    const v = values[index], none = v === null || v === undefined, name = `${u.unit}: ${none ? "none" : format(v)}`;
    if (u.head === 0) chart.append(svg("text", { class: "faint", x: left - 8, y: top + (u.layer + .5) * size + 4, "text-anchor": "end" }, "L" + u.layer));
    const show = () => { about.textContent = name + (words && u.texts ? " — " + u.texts.slice(0, 2).map(t => t.text).join("; ") : ""); };
    const move = e => {
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: H, ArrowUp: -H }[e.key];
      if (step && cells[cells.indexOf(cell) + step]) { e.preventDefault(); cells[cells.indexOf(cell) + step].focus(); }
      if (e.key === "Enter" || e.key === " ") { e.preventDefault(); location.hash = "unit/" + u.unit; }
    };
    const cell = svg("rect", { class: "cell", x: left + u.head * size, y: top + u.layer * size, width: size, height: size, fill: none ? "var(--line)" : colour((v - least) / span), tabindex: cells.length ? -1 : 0, role: "link", "aria-label": name,
      on: { mouseenter: show, focus: show, click: () => { location.hash = "unit/" + u.unit; }, keydown: move } }, svg("title", {}, name));
    cells.push(cell);
    chart.append(cell);
  });
  const key = svg("svg", { viewBox: "0 0 260 34", width: 260, role: "img", "aria-label": `from ${format(least)} to ${format(most)}` });
  for (let i = 0; i < 52; i++) key.append(svg("rect", { x: i * 5, y: 0, width: 5, height: 14, fill: colour(i / 51) }));
  key.append(svg("text", { x: 0, y: 30, class: "faint" }, format(least)), svg("text", { x: 260, y: 30, "text-anchor": "end", class: "faint" }, format(most)));
  return { key, box: html("div", { class: "card" }, chart, about) };
}

const select = (id, label, options, chosen, change) => [html("label", { for: id }, label), html("select", { id, on: { change: e => change(e.target.value) } }, ...options.map(([value, text]) => html("option", { value, selected: value === chosen ? "" : null }, text)))];

function heads(chosen) {
  const there = MEASURES.filter(m => HEADS.some(u => u[m[0]] !== undefined));
  const [key, label, format, meaning] = there.find(m => m[0] === chosen) || there[0];
  const drawn = grid(label, HEADS.map(u => u[key]), format, true);
  return html("div", {}, html("h2", {}, "Heads"), html("div", { class: "row" }, ...select("measure", "Colour by", there.map(m => [m[0], m[1]]), key, v => { location.hash = "heads/" + v; }), drawn.key), note(meaning), drawn.box,
    html("h3", {}, "The other units"), html("div", { class: "row" }, ...data.units.filter(u => u.kind !== "head").map(u => link("unit/" + u.unit, u.unit))));
}

function compare(chosen) {
  const page = html("div", {}, html("h2", {}, "Compare")), s = data.similarity;
  const weighed = data.adapters.map((a, i) => [a, i]).filter(([a]) => a.moved);
  if (s) {
    const others = s.names.slice(1), at = Math.max(0, others.indexOf(chosen));
    const drawn = grid("Similarity to " + others[at], s.heads.map(row => row[at]), x => x.toFixed(2), true);
    page.append(html("h3", {}, `Heads on ${s.names[0]} and on other data sets`), note(`Similarity of a head's components on two data sets, from 0 to 1 (normalised spectral cosine of the components that hold ${percent(s.variance)} of its variance). A head that keeps its role has a high value.`),
      html("div", { class: "row" }, ...select("other", "Against", others.map(o => [o, o]), others[at], v => { location.hash = "compare/" + v; }), drawn.key), drawn.box,
      html("section", { class: "card" }, html("h3", {}, "Mean over heads"), table(["", ...s.names], s.names.map((n, i) => [n, ...s.means[i].map(v => v.toFixed(2))]))));
  }
  if (weighed.length > 1) {
    const correlation = (x, y) => { const p = x.map((v, i) => [v, y[i]]).filter(([a, b]) => a !== null && b !== null), n = p.length, mx = p.reduce((t, q) => t + q[0], 0) / n, my = p.reduce((t, q) => t + q[1], 0) / n; return p.reduce((t, q) => t + (q[0] - mx) * (q[1] - my), 0) / Math.sqrt(p.reduce((t, q) => t + (q[0] - mx) ** 2, 0) * p.reduce((t, q) => t + (q[1] - my) ** 2, 0)); };
    page.append(html("section", { class: "card" }, html("h3", {}, "Adapters compared"), note("Correlation over heads of the learned change of two adapters (Σ (λ − 1)² over components, weighted by their variance). Near 1, they change the same heads."),
      table(["", ...weighed.map(([a]) => a.file)], weighed.map(([a]) => [a.file, ...weighed.map(([b]) => correlation(a.moved, b.moved).toFixed(2))]))));
    for (const [a] of weighed) { const drawn = grid("Learned change", a.moved, x => x.toFixed(3), false); page.append(html("h3", {}, a.file), drawn.key, drawn.box); }
  }
  if (page.children.length === 1) page.append(note("Nothing to compare: give other data sets (--others) or several adapters (--adapter)."));
  return page;
}

function thumbnails(ends) {
  return html("div", { class: "row" }, ...ends.map(e => html("figure", {}, html("img", { src: data.thumbnails[e.image], alt: e.image, loading: "lazy" }), html("figcaption", {}, (e.at < 0 ? "−" : "+") + Math.abs(e.at).toFixed(1) + " σ"))));
}

function unit(name) {
  const i = byUnit.get(name);
  if (i === undefined) return html("p", {}, "No such unit.");
  const u = data.units[i], before = data.units[i - 1], after = data.units[i + 1];
  const page = html("div", {}, html("div", { class: "row" }, html("h2", {}, u.unit), before ? link("unit/" + before.unit, "← " + before.unit) : null, after ? link("unit/" + after.unit, after.unit + " →") : null),
    html("dl", {}, ...MEASURES.filter(m => u[m[0]] !== undefined).flatMap(m => [html("dt", { title: m[3] }, m[1]), html("dd", {}, m[2](u[m[0]]))])));
  if (u.texts) page.append(html("section", { class: "card" }, html("h3", {}, "Text descriptions"), note("TextSpan: texts chosen greedily, each explaining most of the remaining variance of the unit."),
    table(["text", "cumulative variance"], u.texts.map(t => [t.text, percent(t.variance)])),
    html("h4", {}, "Other methods"), note("Matching pursuit: texts whose directions combine to the unit's contributions (SOMP, with the mean coefficient over images) and to its first component (OMP, with the coefficient)."),
    html("div", { class: "row top" }, table(["SOMP, all images", "weight", "variance"], u.somp.map(t => [t.text, signed(t.weight), percent(t.variance)])), table(["OMP, component #0", "weight", "variance"], (u.omp || []).map(t => [t.text, signed(t.weight), percent(t.variance)])))));
  if (u.shares.length) {
    const names = u.shares.map((s, k) => "#" + k);
    page.append(html("section", { class: "card" }, html("h3", {}, "Spectrum"), note("Share of the unit's variance along each component" + (u.lambda ? "; below, the weight λ that the adapter learned for it (1: unchanged)." : ".")), bars(names, u.shares, null, percent), u.lambda ? html("div", {}, html("h3", {}, "λ"), bars(u.lambda.map((s, k) => "#" + k), u.lambda, null, x => fixed(x, 2))) : null));
  }
  if (live && u.lambda) page.append(live.unit(u));
  for (const [k, c] of (u.components || []).entries()) {
    page.append(html("section", { class: "card" }, html("h3", {}, "Component #" + k), note("Images at both extremes, in standard deviations from the mean" + (c.towards ? ", and the texts with the largest projection." : ".")),
      c.away ? html("p", {}, "low: " + c.away.join("; ")) : html("p", {}, "low"), thumbnails(c.low), c.towards ? html("p", {}, "high: " + c.towards.join("; ")) : html("p", {}, "high"), thumbnails(c.high)));
  }
  return page;
}

function images(chosen) {
  if (!data.images.length) return html("p", {}, "No image was decomposed.");
  const index = Math.max(0, Math.min(data.images.length - 1, Number(chosen) || 0)), card = html("section", { class: "card" });
  const page = html("div", {}, html("h2", {}, "An image"), live ? live.drop() : null, html("div", { class: "strip" }, ...data.images.map((q, i) => html("button", { class: "thumb", "aria-pressed": String(i === index && !(live && live.own)), "aria-label": q.image, on: { click: () => { if (live) live.own = null; if (location.hash === "#image/" + i) show(); else location.hash = "image/" + i; } } }, html("figure", {}, html("img", { src: data.thumbnails[q.image], alt: "" }))))), card);
  const draw = p => card.replaceChildren(...explained(p));
  draw(data.images[index]);
  if (live) live.follow(index, draw);
  return page;
}

/** A decision: its verdict, and every unit's share of the difference between two logits. */
function explained(p) {
  const adapted = data.adapters.length > 0, a = p.classes.indexOf(p.chosen);
  const rival = p.chosen_before !== p.chosen ? p.chosen_before : p.classes.filter(c => c !== p.chosen).sort((x, y) => p.after[y] - p.after[x])[0], b = p.classes.indexOf(rival);
  if (rival === undefined) return [html("p", {}, "There is one class only.")];
  const shares = data.units.map((u, i) => ({ name: u.unit, before: p.units[i][0][a] - p.units[i][0][b], after: p.units[i][1][a] - p.units[i][1][b], words: u.texts ? u.texts[0].text : "" }));
  const constant = p.constants.reduce((s, k) => s + k.after[a] - k.after[b], 0);
  const sum = shares.reduce((s, x) => s + x.after, 0) + constant, difference = p.after[p.chosen] - p.after[rival];
  shares.sort((x, y) => Math.max(Math.abs(y.after), Math.abs(y.before)) - Math.max(Math.abs(x.after), Math.abs(x.before)));
  const shown = shares.slice(0, 14), rest = shares.slice(14), all = (list, key) => list.reduce((s, x) => s + x[key], 0);
  const names = shown.map(s => s.name).concat(["all others"]), after = shown.map(s => s.after).concat([all(rest, "after") + constant]), before = shown.map(s => s.before).concat([all(rest, "before")]);
  const verdict = (c, what) => html("span", { class: p.label < 0 ? "" : c === p.label ? "good" : "bad" }, what + classes[c] + (p.label < 0 ? "" : c === p.label ? " (right)" : " (wrong)"));
  return [p.thumbnail ? html("img", { class: "own", src: p.thumbnail, alt: p.image }) : null, html("p", {}, p.image), html("p", {}, p.label < 0 ? null : "True class: " + classes[p.label] + ". ", verdict(p.chosen, adapted ? "With the adapter: " : "The model says: "), adapted ? ". " : null, adapted ? verdict(p.chosen_before, "Without: ") : null),
    html("h3", {}, `Why ‘${classes[p.chosen]}’ and not ‘${classes[rival]}’`), note("Each unit's contribution to the difference between the two logits: an exact sum."),
    html("p", {}, html("span", { class: "key first" }), adapted ? "with the adapter " : "contribution ", adapted ? html("span", { class: "key second" }) : null, adapted ? "without" : null),
    bars(names, after, adapted ? before : null, signed),
    html("p", { id: "sum" }, `Sum of the contributions ${signed(sum)}, difference of the logits ${signed(difference)}; they differ by ${Math.abs(sum - difference).toExponential(1)}.`),
    table(["unit", "contribution", "text description"], shown.slice(0, 6).map(s => [link("unit/" + s.name, s.name), signed(s.after), s.words])),
    ...(p.components && p.components.length ? [html("h3", {}, "Components"), note("The largest contributions of single components of adapted units, with their λ."), table(["component", "λ", "share", "without the adapter"], p.components.map(c => [html("span", {}, link("unit/" + c.unit, c.unit), " #" + c.component), fixed(c.lambda, 2), signed(c.after[a] - c.after[b]), signed(c.before[a] - c.before[b])]))] : []),
  ].filter(x => x !== null);
}

function training() {
  const page = html("div", {}, html("h2", {}, "Training"), note("All numbers here are of validation images, on which choices are made. Test results are on the overview."));
  for (const a of data.adapters) {
    const section = html("section", { class: "card" }, html("h3", {}, a.file + " (" + a.label + ")"));
    const part = (title, text, chart) => html("div", {}, html("h4", {}, title), note(text), chart);
    section.append(html("div", { class: "charts" },
      a.interpolation ? part("Interpolation", "Validation accuracy with λ = 1 + t (λ learned − 1): t = 0 is the unadapted model, t = 1 the adapter.", lines([{ name: "accuracy", x: a.interpolation.map(d => d[0]), y: a.interpolation.map(d => d[1]) }], "interpolation coefficient t", percent, { marks: [1] })) : null,
      part("Calibration", `Reliability diagram: accuracy by confidence, after temperature scaling (T = ${number(a.info.calibration.temperature)}). The diagonal is perfect calibration.`,
        lines([{ name: "perfect", x: [0, 1], y: [0, 1] }, { name: "right", x: a.scores.reliability.map(r => r[0]), y: a.scores.reliability.map(r => r[1]) }], "confidence", percent, { xFormat: percent })),
      part("Coverage", `Selective accuracy by coverage. At the rejection threshold, coverage is ${percent(a.info.calibration.coverage)} and selective accuracy ${percent(a.info.calibration.accuracy)}.`,
        lines([{ name: "selective accuracy", x: a.scores.coverage.map(c => c[0]), y: a.scores.coverage.map(c => c[1]) }], "coverage", percent, { xFormat: percent, marks: [a.info.calibration.coverage] }))),
      html("h4", {}, "Confusion matrix"), confusion(a.scores));
    page.append(section);
  }
  if (!data.adapters.length) page.append(html("section", { class: "card" }, html("h3", {}, "Confusion matrix of the unadapted model"), confusion(data.base)));
  for (const f of data.forgetting) {
    const others = f.lines.map(l => l.mean_of_others), own = f.lines.map(l => l.accuracy[f.own]), x = f.lines.map(l => l.interpolation);
    const series = [{ name: f.own, x, y: own }, { name: "mean of other tasks", x, y: others }].filter(s => s.y.every(v => typeof v === "number"));
    page.append(html("section", { class: "card" }, html("h3", {}, "Catastrophic forgetting of " + f.adapter.split("/").pop()), note(`Accuracy on the ${f.split} split by interpolation coefficient, on its own task and on others.`), lines(series, "interpolation coefficient", percent),
      table(["task", ...f.lines.map(l => "at " + l.interpolation)], Object.keys(f.lines[0].accuracy).map(t => [t, ...f.lines.map(l => percent(l.accuracy[t]))]))));
  }
  for (const result of data.results) {
    const curves = result.methods.map(m => ({ name: m.label, points: (m.curve || []).filter(e => e.validation_loss !== undefined), best: m.best_epoch })).filter(m => m.points.length >= 3);
    if (curves.length) page.append(html("section", { class: "card" }, html("h3", {}, result.dataset + ": fits"), note("Validation accuracy along each fit; the best step was kept: " + curves.map(c => `${c.name} ${c.best}`).join(", ") + "."),
      lines(curves.map(c => ({ name: c.name, x: c.points.map(e => e.epoch), y: c.points.map(e => e.validation_accuracy) })), "step", percent)));
  }
  return page;
}

function provenance() {
  const list = object => html("dl", {}, ...Object.entries(object).flatMap(([k, v]) => [html("dt", {}, k), html("dd", {}, v !== null && typeof v === "object" ? JSON.stringify(v) : String(v))]));
  return html("div", {}, html("h2", {}, "Provenance"), note("How this report was made: settings, hashes of model and images, and the measured error of the decomposition into units."),
    html("section", { class: "card" }, html("h3", {}, "Validation images"), list(data.provenance)), ...data.adapters.map(a => html("section", { class: "card" }, html("h3", {}, a.file), list(a.info.provenance))),
    html("section", { class: "card" }, html("h3", {}, "Model"), list(data.model)));
}

const PAGES = [["overview", "Overview", overview], ["heads", "Heads", heads], ["compare", "Compare", compare], ["image", "An image", images], ["training", "Training", training], ...(live ? [["bench", "Bench", () => live.bench()]] : []), ["provenance", "Provenance", provenance]];
function show() {
  const [name, ...rest] = decodeURIComponent(location.hash.slice(1) || "overview").split("/");
  const page = PAGES.find(p => p[0] === name);
  if (live) live.forget();
  for (const a of document.querySelectorAll("nav a")) a.setAttribute("aria-current", a.hash === "#" + (name === "unit" ? "heads" : name) ? "page" : "false");
  main.replaceChildren(name === "unit" ? unit(rest.join("/")) : page ? page[2](rest.join("/")) : overview());
}
document.querySelector("nav").append(...PAGES.map(p => html("a", { href: "#" + p[0] }, p[1])));
if (live) document.querySelector("header").append(live.status());
document.title = "Residual: " + data.model.name + ", " + data.data.name;
addEventListener("hashchange", () => { show(); main.focus({ preventScroll: true }); scrollTo(0, 0); });
show();
