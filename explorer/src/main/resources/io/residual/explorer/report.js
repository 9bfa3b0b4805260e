"use strict";
// Every text reaches the page through textContent or setAttribute: nothing in the data can become markup.
const data = JSON.parse(document.getElementById("data").textContent);
const main = document.getElementById("main");
const byUnit = new Map(data.units.map((u, i) => [u.unit, i]));
const classes = data.data.classes;

const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, action] of Object.entries(value)) element.addEventListener(event, action);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter(c => c !== null && c !== undefined));
  return element;
}
const percent = x => (100 * x).toFixed(1) + " %";
const number = x => Math.abs(x) >= 100 ? Math.round(x).toLocaleString("en") : Math.abs(x) >= 1 ? x.toFixed(1) : x.toFixed(2);
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
  const left = 150, width = 620, row = second ? 30 : 22, room = 60;
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

function lines(series, xLabel, yFormat) {
  const w = 640, h = 280, left = 60, right = 20, top = 12, bottom = 40;
  const xs = series.flatMap(s => s.x), ys = series.flatMap(s => s.y);
  const x0 = Math.min(...xs), x1 = Math.max(...xs), y0 = Math.min(...ys), y1 = Math.max(...ys);
  const px = x => left + (w - left - right) * (x1 === x0 ? .5 : (x - x0) / (x1 - x0)), py = y => h - bottom - (h - top - bottom) * (y1 === y0 ? .5 : (y - y0) / (y1 - y0));
  const chart = svg("svg", { viewBox: `0 0 ${w} ${h}`, width: w, role: "img", "aria-label": series.map(s => s.name + " from " + yFormat(s.y[0]) + " to " + yFormat(s.y[s.y.length - 1])).join(", ") });
  for (let i = 0; i <= 4; i++) {
    const y = y0 + (y1 - y0) * i / 4;
    chart.append(svg("line", { class: "axis", x1: left, x2: w - right, y1: py(y), y2: py(y) }), svg("text", { class: "faint", x: left - 6, y: py(y) + 4, "text-anchor": "end" }, yFormat(y)));
  }
  series.forEach((s, i) => chart.append(svg("polyline", { class: "line", stroke: i ? "var(--second)" : "var(--accent)", points: s.x.map((x, k) => px(x) + "," + py(s.y[k])).join(" ") })));
  chart.append(svg("text", { class: "faint", x: (left + w - right) / 2, y: h - 6, "text-anchor": "middle" }, xLabel));
  return chart;
}

const MEASURES = [
  ["alone", "Accuracy alone", percent, "Accuracy of the head's own contribution taken as the embedding, on validation pictures."],
  ["without", "Change when removed", x => (x < 0 ? "−" : "+") + Math.abs(100 * x).toFixed(1) + " points", "What the accuracy changes by when the head is replaced by its mean."],
  ["correlation", "Correlation with the output", x => x.toFixed(2), "Correlation of the head with the sum of all heads, averaged over dimensions."],
  ["dimension", "Linear dimension", x => String(Math.round(x)), "Components needed for 99 % of the head's variance."],
  ["twoNn", "Nonlinear dimension", x => x.toFixed(1), "TwoNN: the dimension that distances to the two nearest pictures suggest."],
  ["firstShare", "First component's share", percent, "Variance along the head's first component."],
  ["moved", "Learned change", x => x.toFixed(3), "Σ (λ − 1)² over components, weighted by their variance: how much the adapter changed the head."],
];

function overview() {
  const page = html("div", {}, html("h2", {}, "Overview"),
    note(`${data.model.name}: ${data.model.layers} layers of ${data.model.heads} heads. ${data.data.name}: ${classes.length} classes, ${data.data.images} validation pictures looked at; the model as it is gets ${percent(data.accuracy)} of them right by its prompts' classifier.`));
  for (const result of data.results) {
    const base = result.methods.find(m => m.parameters === 0);
    page.append(html("section", { class: "card" }, html("h3", {}, result.dataset),
      note("Test accuracy, looked at once after every choice, with its 95 % interval."),
      table(["method", "test", "95 % interval", "against Base", "parameters", "seconds"], result.methods.map(m => [m.label, percent(m.test_accuracy),
        percent(m.test_interval_95[0]) + " – " + percent(m.test_interval_95[1]), base && m !== base ? (m.test_accuracy < base.test_accuracy ? "−" : "+") + Math.abs(100 * (m.test_accuracy - base.test_accuracy)).toFixed(1) : "", m.parameters.toLocaleString("en"), m.seconds.toFixed(1)])),
      bars(result.methods.map(m => m.label), result.methods.map(m => m.test_accuracy), null, percent)));
  }
  if (data.adapters.length) {
    page.append(html("section", { class: "card" }, html("h3", {}, "Adapters"), table(["file", "method", "parameters", "validation", "test", "accepts", "right of those"], data.adapters.map(a => [a.file, a.label, a.parameters.toLocaleString("en"),
      percent(a.info.validationAccuracy), a.info.testAccuracy === null ? "–" : percent(a.info.testAccuracy), percent(a.info.calibration.coverage), percent(a.info.calibration.accuracy)])),
      note("What an adapter accepts is what its rejection threshold, fitted on validation, lets through.")));
  }
  return page;
}

function heads(chosen) {
  const heads = data.units.filter(u => u.kind === "head");
  const there = MEASURES.filter(m => heads.some(u => u[m[0]] !== undefined));
  const measure = there.find(m => m[0] === chosen) || there[0];
  const [key, label, format, meaning] = measure;
  const values = heads.map(u => u[key]).filter(v => v !== undefined);
  const least = Math.min(...values), most = Math.max(...values), span = most - least || 1;
  const L = data.model.layers, H = data.model.heads, size = Math.max(20, Math.min(44, Math.floor(900 / H))), left = 46, top = 24;
  const about = html("p", { "aria-live": "polite" }, "Choose a head.");
  const grid = svg("svg", { viewBox: `0 0 ${left + H * size + 4} ${top + L * size + 4}`, width: left + H * size + 4, role: "group", "aria-label": label + " of every head" });
  for (let h = 0; h < H; h++) grid.append(svg("text", { class: "faint", x: left + (h + .5) * size, y: 14, "text-anchor": "middle" }, "H" + h));
  const cells = [];
  for (const u of heads) {
    const v = u[key], name = `${u.unit}: ${v === undefined ? "none" : format(v)}`;
    if (u.head === 0) grid.append(svg("text", { class: "faint", x: left - 8, y: top + (u.layer + .5) * size + 4, "text-anchor": "end" }, "L" + u.layer));
    const show = () => { about.textContent = name + (u.texts ? " — " + u.texts.slice(0, 2).map(t => t.text).join("; ") : ""); };
    const move = e => {
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: H, ArrowUp: -H }[e.key];
      if (step && cells[cells.indexOf(cell) + step]) { e.preventDefault(); cells[cells.indexOf(cell) + step].focus(); }
      if (e.key === "Enter" || e.key === " ") { e.preventDefault(); location.hash = "unit/" + u.unit; }
    };
    const cell = svg("rect", { class: "cell", x: left + u.head * size, y: top + u.layer * size, width: size, height: size, fill: v === undefined ? "var(--line)" : colour((v - least) / span), tabindex: cells.length ? -1 : 0, role: "link", "aria-label": name,
      on: { mouseenter: show, focus: show, click: () => { location.hash = "unit/" + u.unit; }, keydown: move } }, svg("title", {}, name));
    cells.push(cell);
    grid.append(cell);
  }
  const choice = html("select", { id: "measure", on: { change: e => { location.hash = "heads/" + e.target.value; } } }, ...there.map(m => html("option", { value: m[0], selected: m === measure ? "" : null }, m[1])));
  const key_ = svg("svg", { viewBox: "0 0 260 34", width: 260, role: "img", "aria-label": `from ${format(least)} to ${format(most)}` });
  for (let i = 0; i < 52; i++) key_.append(svg("rect", { x: i * 5, y: 0, width: 5, height: 14, fill: colour(i / 51) }));
  key_.append(svg("text", { x: 0, y: 30, class: "faint" }, format(least)), svg("text", { x: 260, y: 30, "text-anchor": "end", class: "faint" }, format(most)));
  return html("div", {}, html("h2", {}, "Heads"), html("div", { class: "row" }, html("label", { for: "measure" }, "Colour by"), choice, key_), note(meaning), html("div", { class: "card" }, grid, about),
    html("h3", {}, "The other units"), html("div", { class: "row" }, ...data.units.filter(u => u.kind !== "head").map(u => link("unit/" + u.unit, u.unit))));
}

function thumbnails(ends) {
  return html("div", { class: "row" }, ...ends.map(e => html("figure", {}, html("img", { src: data.thumbnails[e.picture], alt: e.picture, loading: "lazy" }), html("figcaption", {}, (e.at < 0 ? "−" : "+") + Math.abs(e.at).toFixed(1) + " σ"))));
}

function unit(name) {
  const i = byUnit.get(name);
  if (i === undefined) return html("p", {}, "No such unit.");
  const u = data.units[i], before = data.units[i - 1], after = data.units[i + 1];
  const page = html("div", {}, html("div", { class: "row" }, html("h2", {}, u.unit), before ? link("unit/" + before.unit, "← " + before.unit) : null, after ? link("unit/" + after.unit, after.unit + " →") : null),
    html("dl", {}, ...MEASURES.filter(m => u[m[0]] !== undefined).flatMap(m => [html("dt", { title: m[3] }, m[1]), html("dd", {}, m[2](u[m[0]]))])));
  if (u.texts) page.append(html("section", { class: "card" }, html("h3", {}, "In words"), note("TextSpan: sentences whose directions take most of what the unit varies in, one after the other."),
    table(["text", "of the variance, together"], u.texts.map(t => [t.text, percent(t.variance)]))));
  if (u.shares.length) {
    const names = u.shares.map((s, k) => "#" + k);
    page.append(html("section", { class: "card" }, html("h3", {}, "Spectrum"), note("Share of the unit's variance along each component" + (u.lambda ? "; below, the weight λ that the adapter learned for it (1: unchanged)." : ".")), bars(names, u.shares, null, percent), u.lambda ? html("div", {}, html("h3", {}, "λ"), bars(u.lambda.map((s, k) => "#" + k), u.lambda, null, x => x.toFixed(2))) : null));
  }
  for (const [k, c] of (u.components || []).entries()) {
    page.append(html("section", { class: "card" }, html("h3", {}, "Component #" + k), note("The pictures at both ends, in deviations from the mean" + (c.towards ? ", and the texts that lie farthest along it." : ".")),
      c.away ? html("p", {}, "low: " + c.away.join("; ")) : html("p", {}, "low"), thumbnails(c.low), c.towards ? html("p", {}, "high: " + c.towards.join("; ")) : html("p", {}, "high"), thumbnails(c.high)));
  }
  return page;
}

function pictures(chosen) {
  if (!data.pictures.length) return html("p", {}, "No picture was taken apart.");
  const index = Math.max(0, Math.min(data.pictures.length - 1, Number(chosen) || 0)), p = data.pictures[index];
  const adapted = data.adapters.length > 0, a = p.classes.indexOf(p.chosen);
  const rival = p.chosenBefore !== p.chosen ? p.chosenBefore : p.classes.filter(c => c !== p.chosen).sort((x, y) => p.after[y] - p.after[x])[0], b = p.classes.indexOf(rival);
  const shares = data.units.map((u, i) => ({ name: u.unit, before: p.units[i][0][a] - p.units[i][0][b], after: p.units[i][1][a] - p.units[i][1][b], words: u.texts ? u.texts[0].text : "" }));
  const sum = shares.reduce((s, x) => s + x.after, 0) + p.constants.reduce((s, k) => s + k.after[a] - k.after[b], 0), difference = p.after[p.chosen] - p.after[rival];
  shares.sort((x, y) => Math.max(Math.abs(y.after), Math.abs(y.before)) - Math.max(Math.abs(x.after), Math.abs(x.before)));
  const shown = shares.slice(0, 14), rest = shares.slice(14);
  const names = shown.map(s => s.name).concat(["all others"]), after = shown.map(s => s.after).concat([rest.reduce((s, x) => s + x.after, 0) + p.constants.reduce((s, k) => s + k.after[a] - k.after[b], 0)]), before = shown.map(s => s.before).concat([rest.reduce((s, x) => s + x.before, 0)]);
  const verdict = (c, what) => html("span", { class: c === p.label ? "good" : "bad" }, what + classes[c] + (c === p.label ? " (right)" : " (wrong)"));
  return html("div", {}, html("h2", {}, "A picture"), html("div", { class: "strip" }, ...data.pictures.map((q, i) => html("button", { class: "thumb", "aria-pressed": String(i === index), "aria-label": q.picture, on: { click: () => { location.hash = "picture/" + i; } } }, html("figure", {}, html("img", { src: data.thumbnails[q.picture], alt: "" }))))),
    html("section", { class: "card" }, html("p", {}, p.picture), html("p", {}, "It shows: " + classes[p.label] + ". ", verdict(p.chosen, adapted ? "With the adapter: " : "The model says: "), adapted ? " " : null, adapted ? verdict(p.chosenBefore, "Without: ") : null),
      html("h3", {}, `Why ‘${classes[p.chosen]}’ and not ‘${classes[rival]}’`), note("Each unit's share of the difference between the two logits: an exact sum."),
      html("p", {}, html("span", { class: "key first" }), adapted ? "with the adapter " : "share ", adapted ? html("span", { class: "key second" }) : null, adapted ? "without" : null),
      bars(names, after, adapted ? before : null, signed),
      html("p", { id: "sum" }, `Sum of the shares ${signed(sum)}, difference of the logits ${signed(difference)}; they differ by ${Math.abs(sum - difference).toExponential(1)}.`),
      table(["unit", "share", "its first words"], shown.slice(0, 6).map(s => [link("unit/" + s.name, s.name), signed(s.after), s.words]))));
}

function training() {
  const page = html("div", {}, html("h2", {}, "Training"));
  for (const result of data.results) for (const m of result.methods) {
    const points = (m.curve || []).filter(e => e.validation_loss !== undefined);
    if (points.length < 3) continue;
    page.append(html("section", { class: "card" }, html("h3", {}, result.dataset + ", " + m.label), note(`Validation accuracy along the fit; step ${m.best_epoch} was kept.`),
      lines([{ name: "validation accuracy", x: points.map(e => e.epoch), y: points.map(e => e.validation_accuracy) }], "step", percent)));
  }
  if (page.children.length === 1) page.append(note("No results with curves were given to this report (--results)."));
  return page;
}

function provenance() {
  const list = object => html("dl", {}, ...Object.entries(object).flatMap(([k, v]) => [html("dt", {}, k), html("dd", {}, v !== null && typeof v === "object" ? JSON.stringify(v) : String(v))]));
  return html("div", {}, html("h2", {}, "Provenance"), note("What made what is shown here, with the hashes of model and pictures and the measured error of the split into units."),
    html("section", { class: "card" }, html("h3", {}, "Pictures that were looked at"), list(data.provenance)), ...data.adapters.map(a => html("section", { class: "card" }, html("h3", {}, a.file), list(a.info.provenance))),
    html("section", { class: "card" }, html("h3", {}, "Model"), list(data.model)));
}

const PAGES = [["overview", "Overview", overview], ["heads", "Heads", heads], ["picture", "A picture", pictures], ["training", "Training", training], ["provenance", "Provenance", provenance]];
function show() {
  const [name, ...rest] = decodeURIComponent(location.hash.slice(1) || "overview").split("/");
  const page = PAGES.find(p => p[0] === name);
  for (const a of document.querySelectorAll("nav a")) a.setAttribute("aria-current", a.hash === "#" + (name === "unit" ? "heads" : name) ? "page" : "false");
  main.replaceChildren(name === "unit" ? unit(rest.join("/")) : page ? page[2](rest.join("/")) : overview());
}
document.querySelector("nav").append(...PAGES.map(p => html("a", { href: "#" + p[0] }, p[1])));
document.title = "Residual: " + data.model.name + ", " + data.data.name;
addEventListener("hashchange", () => { show(); main.focus({ preventScroll: true }); scrollTo(0, 0); });
show();
