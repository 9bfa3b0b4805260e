"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const found = data.found;
const main = document.getElementById("main");
const el = (name, attributes, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value); else if (value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
};
const percent = x => (100 * x).toFixed(1) + " %";
const figure = (image, caption, kind) => el("figure", { class: kind || "" },
  data.thumbnails[image] ? el("img", { src: data.thumbnails[image], alt: String(caption), loading: "lazy" }) : "", el("figcaption", {}, caption));
const brief = file => file.split("/").slice(-2).join("/");
const section = (id, title, note, ...children) => {
  document.querySelector("nav").append(el("a", { href: "#" + id }, title));
  const node = el("section", { id }, el("h2", {}, title), el("p", { class: "note" }, note), ...children);
  main.append(node);
  return node;
};
const shownOf = (list, what) => data[list + "_found"] > found[list].length
  ? `The first ${found[list].length} of ${data[list + "_found"]} ${what}; --json lists all. ` : "";

// What the user decides: proposal number → true (accepted) or false (rejected). A server keeps each decision at once; without one they
// are kept in this page only, until they are saved.
const decisions = new Map();
let sending = Promise.resolve(), unsaved = 0;
function keep(proposals, accepted) {
  if (!data.review || !proposals.length) return;
  unsaved++; tally();
  sending = sending.then(async () => {
    for (let wait = 500; ; wait = Math.min(8000, wait * 2)) {
      try {
        const answer = await fetch("/api/decisions", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ proposals, accepted: accepted === undefined ? null : accepted }) });
        if (answer.ok) break;
        trouble = (await answer.json()).error;
      } catch (e) { trouble = "the server does not answer"; }
      tally(); await new Promise(r => setTimeout(r, wait));
    }
    unsaved--; trouble = ""; tally();
  });
}
let trouble = "";
const status = el("strong", {});
function tally() {
  const accepted = [...decisions.values()].filter(d => d).length;
  status.textContent = `${accepted} accepted, ${decisions.size - accepted} rejected, ${data.proposals.length - decisions.size} open`
    + (!data.review ? "" : unsaved ? `; ${unsaved} not yet kept${trouble ? " (" + trouble + "; trying again)" : ""}` : `; all kept in ${data.review}`);
  status.classList.toggle("bad", !!trouble);
}
function save() {
  const quoted = text => /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  const lines = [data.columns.join(",")];
  data.proposals.forEach((p, i) => { if (decisions.get(i)) lines.push([p.file, p.action, p.value, p.reason].map(quoted).join(",")); });
  const link = el("a", { href: URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" })), download: "fixes.csv" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
const proposalsOf = (image, action) => data.proposals.map((p, i) => [p, i]).filter(([p]) => p.image === image && p.action === action).map(([, i]) => i);

const overview = section("overview", found.data, `${found.images} images, ${found.classes.length} classes`,
  el("ul", {}, ...found.summary.map(s => el("li", {}, s))));
if (found.notes.length) overview.append(el("h3", {}, "Notes"), el("ul", {}, ...found.notes.map(n => el("li", { class: "note" }, n))));

const cards = [];
let current = 0;
function mark(i, accepted, known) {
  const card = cards[i];
  card.proposals.forEach(p => accepted === undefined ? decisions.delete(p) : decisions.set(p, accepted));
  if (!known) keep(card.proposals, accepted);
  card.node.classList.toggle("accepted", accepted === true);
  card.node.classList.toggle("rejected", accepted === false);
  tally();
}
function go(i, scroll) {
  if (!cards.length) return;
  cards[current].node.classList.remove("current");
  current = Math.max(0, Math.min(cards.length - 1, i));
  cards[current].node.classList.add("current");
  if (scroll) cards[current].node.scrollIntoView({ block: "nearest" });
}
function card(proposals, ...children) {
  const i = cards.length;
  const decide = accepted => { go(i); mark(i, accepted); };
  const node = el("div", { class: "suspect row top", onclick: () => go(i) }, ...children,
    el("span", { class: "row" }, el("button", { type: "button", onclick: () => decide(true) }, "Accept"), el("button", { type: "button", onclick: () => decide(false) }, "Reject")));
  cards.push({ node, proposals });
  return node;
}
document.addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || /INPUT|SELECT|TEXTAREA/.test(e.target.tagName)) return;
  const act = { j: () => go(current + 1, true), ArrowDown: () => go(current + 1, true), k: () => go(current - 1, true), ArrowUp: () => go(current - 1, true),
    a: () => { mark(current, true); go(current + 1, true); }, r: () => { mark(current, false); go(current + 1, true); }, u: () => mark(current, undefined), s: data.review ? undefined : save }[e.key];
  if (act && cards.length) { e.preventDefault(); act(); }
});
const units = list => el("div", {}, ...list.map(u => el("div", { class: "bar" }, el("span", { title: u.unit }, u.unit, ...(u.words ? [" ", el("i", { class: "note" }, u.words.join("; "))] : [])),
  el("progress", { max: Math.max(...list.map(v => Math.abs(v.part))), value: Math.abs(u.part), "aria-label": u.unit }), el("span", {}, u.part.toFixed(3)))));

if (found.label_errors.length) {
  section("labels", "Doubtful labels", shownOf("label_errors", "doubtful labels") + "Each prediction is made without the image and its twins. The margin is that of the prediction (about 1 for a clear image of the proposed class, −1 for one of its label). All heads and MLPs and a constant add up to it exactly; those that say the most for the proposed class are shown, with texts (where the model knows texts) along what they add for this image beyond their mean. Keys: j and k move, a accepts, r rejects, u undoes" + (data.review ? "; every decision is kept at once." : ", s saves.") + "",
    ...found.label_errors.map((e, i) => card(proposalsOf(data.label_errors[i], "label"),
      figure(data.label_errors[i], brief(e.file), "large"),
      el("div", {}, el("p", {}, "labelled ", el("strong", { class: "bad" }, e.class), ` (${percent(e.probability)}), proposed `, el("strong", { class: "good" }, e.proposed), ` (${percent(e.proposed_probability)}), ${e.split}`),
        e.units && e.units.length ? el("div", {}, el("p", { class: "note" }, `Margin ${e.place.toFixed(2)}. For `, el("strong", {}, e.proposed), ":"), units(e.units),
          e.units_against.length ? el("details", {}, el("summary", { class: "note" }, "For " + e.class), units(e.units_against)) : "") : ""),
      ...(data.neighbours[i] ? [[e.class, 0], [e.proposed, 1]].map(([name, side]) => el("div", {}, el("p", { class: "note" }, "Nearest of " + name), el("div", { class: "row" }, ...data.neighbours[i][side].map(n => figure(n, "", "small"))))) : []))));
}
if (found.twins.length) {
  const words = { same_file: "same file", same_pixels: "same pixels", changed: "re-encoded, resized or brightened", mirrored: "mirrored", cropped: "cropped" };
  section("twins", "Twins", shownOf("twins", "groups") + "Copies of one image. Accepting a group keeps it together in one split.",
    ...found.twins.map((g, i) => {
      const proposals = g.across_splits ? data.twins[i].flatMap(n => proposalsOf(n, "split")) : [];
      const inside = [el("div", { class: "row top" }, ...g.images.slice(0, data.twins[i].length).map((m, k) => figure(data.twins[i][k], `${m.split}/${m.class}: ${words[m.kind] || ""}`))),
        el("p", {}, g.across_splits ? el("span", { class: "tag bad" }, "several splits → " + g.home) : "", " ", g.several_labels ? el("span", { class: "tag bad" }, "several labels") : "", g.images.length > data.twins[i].length ? ` ${g.images.length} images` : "")];
      return proposals.length ? card(proposals, ...inside) : el("div", { class: "group" }, ...inside);
    }));
}
if (cards.length) {
  main.append(el("div", { class: "bottom row" }, status, data.review ? "" : el("button", { type: "button", onclick: save }, "Save accepted as fixes.csv"),
    el("button", { type: "button", onclick: () => { cards.forEach((c, i) => mark(i, true, true)); data.proposals.forEach((p, i) => decisions.set(i, true)); keep(data.proposals.map((p, i) => i), true); tally(); } }, "Accept all " + data.proposals.length + " proposals"),
    el("span", { class: "note" }, "Apply with --labels " + (data.review || "fixes.csv"))));
  tally();
  if (data.review) fetch("/api/decisions").then(a => a.json()).then(known => {
    known.accepted.forEach(p => decisions.set(p, true)); known.rejected.forEach(p => decisions.set(p, false));
    cards.forEach((c, i) => { const d = c.proposals.map(p => decisions.get(p)); if (d.length && d.every(x => x === d[0]) && d[0] !== undefined) mark(i, d[0], true); });
    const open = cards.findIndex(c => c.proposals.some(p => !decisions.has(p)));
    tally(); go(Math.max(0, open), true);
  });
}
const grave = found.shortcuts.map((s, i) => [s, i]).filter(([s]) => s.grave);
if (found.shortcuts.length) {
  section("shortcuts", "Shortcuts", "The label predicted from one attribute alone, on images it was not learned from. p: the share of random orders of the labels that were predicted as well.",
    ...grave.map(([s, i]) => el("div", { class: "group" }, el("p", {}, el("strong", { class: "bad" }, s.attribute), ` finds '${s.class}' with a precision of ${percent(s.precision)} and a recall of ${percent(s.recall)}; typical: ${s.example}`), el("div", { class: "row" }, ...data.shortcuts[i].map(n => figure(n, s.class))))),
    el("table", {}, el("thead", {}, el("tr", {}, ...["attribute", "accuracy", "chance", "p"].map(t => el("th", {}, t)))), el("tbody", {}, ...found.shortcuts.map(s => el("tr", {}, el("td", {}, s.attribute), el("td", {}, percent(s.accuracy)), el("td", {}, percent(s.chance)), el("td", {}, s.p.toFixed(3)))))));
}
if (found.confused.length) {
  section("confused", "Classes that are hard to tell apart", "Accuracy of telling images of the two apart, each predicted without itself; the units that carry the most of the distance between the classes; images that are taken for the other class.",
    ...found.confused.map((c, i) => el("div", { class: "group" }, el("p", {}, el("strong", {}, `${c.first} and ${c.second}`), ` ${percent(c.accuracy)} [${percent(c.accuracy_interval_95[0])}, ${percent(c.accuracy_interval_95[1])}]`, c.inseparable ? el("span", { class: "tag bad" }, "cannot be told apart") : ""),
      el("p", { class: "note" }, (c.units || []).map(u => `${u.unit} ${percent(u.part)}`).join(", ")), el("div", { class: "row top" }, ...data.confused[i].map(n => figure(n, ""))))));
}
if (found.outliers.length) {
  section("outliers", "Unlike all others", shownOf("outliers", "outliers") + "Far from their nearest images.", el("div", { class: "row top" }, ...found.outliers.map((o, i) => figure(data.outliers[i], `${brief(o.file)} (${o.deviations.toFixed(1)})`))));
}
if (found.odd.length) {
  section("odd", "Odd images", shownOf("odd", "odd images"), el("div", { class: "row top" }, ...found.odd.map((o, i) => figure(data.odd[i], `${o.kind}: ${brief(o.file)}, ${o.why}`))));
}
if (data.map) {
  const m = data.map, n = m.x.length, names = found.classes.map(c => c.class);
  const ways = { label: [m.label, names], prediction: [m.predicted, names], error: [m.label.map((l, i) => l === m.predicted[i] ? 0 : 1), ["right", "wrong"]],
    doubt: [m.doubt.map(d => Math.min(4, Math.floor(d / 20))), ["to 20 %", "to 40 %", "to 60 %", "to 80 %", "to 100 %"]], split: [m.split, ["train", "validation", "test"]] };
  const layouts = m.u ? { "nearest neighbours": [m.u, m.v], "principal components": [m.x, m.y] } : { "principal components": [m.x, m.y] };
  const change = () => { order = null; draw(); };
  const select = el("select", { "aria-label": "Colour", onchange: change }, ...Object.keys(ways).map(k => el("option", {}, k)));
  const layout = el("select", { "aria-label": "Layout", onchange: change }, ...Object.keys(layouts).map(k => el("option", {}, k)));
  const usual = "Hover for an image's name; click one, or draw a loop around several, to list them.";
  const canvas = el("canvas", { "aria-label": "Map of all images" }), hint = el("p", { class: "note" }, usual), legend = el("p", { class: "row" }), chosen = el("div", { class: "chosen" });
  section("map", "Map", "All images in two dimensions. Nearest neighbours: images that lie together are alike, and distances between groups mean little. Principal components: the two directions in which the embeddings vary the most.",
    el("p", { class: "row" }, el("label", {}, "Colour: ", select), el("label", {}, "Layout: ", layout)), legend, canvas, hint, chosen);
  // Points are drawn once, on a canvas of their own; a loop and the picked images are drawn over a copy of it.
  let loop = [], picked = new Set(), order = null, px = [], py = [];
  const back = document.createElement("canvas");
  function base() {
    const ratio = window.devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight, [x, y] = layouts[layout.value];
    back.width = canvas.width = w * ratio; back.height = canvas.height = h * ratio;
    px = x.map(v => 8 + v / m.side * (w - 16)); py = y.map(v => 8 + (1 - v / m.side) * (h - 16));
    const pen = back.getContext("2d"), style = getComputedStyle(document.documentElement), [values, words] = ways[select.value], size = n > 5000 ? 2 : 4;
    pen.scale(ratio, ratio);
    const colours = Array.from({ length: 10 }, (_, c) => style.getPropertyValue("--p" + c).trim());
    order = Array.from({ length: 10 }, () => []);
    for (let i = 0; i < n; i++) order[values[i] % 10].push(i);
    order.forEach((list, c) => { pen.fillStyle = colours[c]; for (const i of list) pen.fillRect(px[i] - size / 2, py[i] - size / 2, size, size); });
    legend.replaceChildren(...words.slice(0, 20).map((t, c) => el("span", {}, el("span", { class: "key k" + c % 10 }), t)), words.length > 10 ? "(colours repeat after ten classes)" : "");
  }
  function draw() {
    if (!order) base();
    const ratio = window.devicePixelRatio || 1, pen = canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0); pen.clearRect(0, 0, canvas.width, canvas.height); pen.drawImage(back, 0, 0); pen.scale(ratio, ratio);
    pen.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--ink");
    for (const i of picked) pen.strokeRect(px[i] - 4, py[i] - 4, 8, 8);
    if (loop.length > 1) { pen.beginPath(); loop.forEach(([x, y], k) => k ? pen.lineTo(x, y) : pen.moveTo(x, y)); pen.stroke(); }
  }
  const point = e => { const box = canvas.getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top]; };
  const nearest = p => { let best = -1, least = 144; for (let i = 0; i < n; i++) { const d = (px[i] - p[0]) ** 2 + (py[i] - p[1]) ** 2; if (d < least) { least = d; best = i; } } return best; };
  const inside = i => { const x = px[i], y = py[i]; let odd = false; for (let k = 0, j = loop.length - 1; k < loop.length; j = k++) { const [xi, yi] = loop[k], [xj, yj] = loop[j]; if (yi > y !== yj > y && x < (xj - xi) * (y - yi) / (yj - yi) + xi) odd = !odd; } return odd; };
  const words = i => `${m.file[i]}: ${names[m.label[i]]}${m.label[i] === m.predicted[i] ? "" : ", predicted " + names[m.predicted[i]]}, doubt ${m.doubt[i]} %`;
  async function picture(i) {
    let src = data.thumbnails[m.image[i]];
    if (!src && data.review) try { src = (await (await fetch("/api/thumbnail/" + m.image[i])).json()).thumbnail; } catch (e) { /* the list has its name all the same */ }
    return src ? el("img", { src, alt: m.file[i] }) : "";
  }
  async function list() {
    const all = [...picked], shown = await Promise.all(all.slice(0, 24).map(picture));
    chosen.replaceChildren(el("p", {}, all.length > 1 ? `${all.length} images` + (all.length > 500 ? "; the first 500 are listed" : "") : ""), el("div", { class: "row" }, ...shown), ...all.slice(0, 500).map(i => el("div", {}, words(i))));
  }
  canvas.addEventListener("pointerdown", e => { loop = [point(e)]; canvas.setPointerCapture(e.pointerId); });
  canvas.addEventListener("pointermove", e => {
    const p = point(e);
    if (loop.length) { loop.push(p); requestAnimationFrame(draw); return; }
    const best = nearest(p);
    hint.textContent = best < 0 ? usual : words(best);
  });
  canvas.addEventListener("pointerup", () => {
    picked = new Set();
    if (loop.length > 4) { for (let i = 0; i < n; i++) if (inside(i)) picked.add(i); } else { const best = nearest(loop[0]); if (best >= 0) picked.add(best); }
    loop = []; draw(); list();
  });
  window.addEventListener("resize", change); window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", change);
  draw();
}
section("classes", "Classes", `Largest over smallest: ${found.imbalance === null ? "∞" : found.imbalance.toFixed(1)}`,
  el("table", {}, el("thead", {}, el("tr", {}, ...["class", "train", "validation", "test"].map(t => el("th", {}, t)))), el("tbody", {}, ...found.classes.map(c => el("tr", {}, el("td", {}, c.class), ...["train", "validation", "test"].map(p => el("td", { class: c[p] ? "" : "bad" }, String(c[p]))))))));
const bottom = document.querySelector(".bottom"); if (bottom) main.append(bottom);
go(0);
