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
const units = (list, images) => el("div", {}, ...list.flatMap((u, k) => [el("div", { class: "bar" }, el("span", {}, u.unit),
  el("progress", { max: Math.max(...list.map(v => Math.abs(v.part))), value: Math.abs(u.part), "aria-label": u.unit }), el("span", {}, u.part.toFixed(3)), u.words ? el("i", { class: "note said" }, u.words.join("; ")) : ""), images[k] && images[k].length ? el("div", { class: "row ends", title: u.unit + " says the same most of all for these" }, ...images[k].map(n => figure(n, "", "small"))) : ""]));

if (found.label_errors.length) {
  section("labels", "Doubtful labels", shownOf("label_errors", "doubtful labels") + "Each prediction is made without the image and its twins. The margin is that of the prediction (about 1 for a clear image of the proposed class, −1 for one of its label). All heads and MLPs and a constant add up to it exactly; those that say the most for the proposed class are shown, with texts (where the model knows texts) along what they add for this image beyond their mean, and, below the first two, the images for which they say the same most of all. Keys: j and k move, a accepts, r rejects, u undoes" + (data.review ? "; every decision is kept at once." : ", s saves.") + "",
    ...found.label_errors.map((e, i) => card(proposalsOf(data.label_errors[i], "label"),
      figure(data.label_errors[i], brief(e.file), "large"),
      el("div", {}, el("p", {}, "labelled ", el("strong", { class: "bad" }, e.class), ` (${percent(e.probability)}), proposed `, el("strong", { class: "good" }, e.proposed), ` (${percent(e.proposed_probability)}), ${e.split}`),
        e.units && e.units.length ? el("div", {}, el("p", { class: "note" }, `Margin ${e.place.toFixed(2)}. For `, el("strong", {}, e.proposed), ":"), units(e.units, data.extremes[i] ? data.extremes[i][0] : []),
          e.units_against.length ? el("details", {}, el("summary", { class: "note" }, "For " + e.class), units(e.units_against, data.extremes[i] ? data.extremes[i][1] : [])) : "") : ""),
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
    ...grave.map(([s, i]) => el("div", { class: "group" }, el("p", {}, el("strong", { class: "bad" }, s.attribute), ` finds '${s.class}' with a precision of ${percent(s.precision)} and a recall of ${percent(s.recall)}; typical: ${s.example}`), el("div", { class: "row" }, ...data.shortcuts[i].map(([n, of]) => figure(n, of === s.class ? of : `${of}, taken for ${s.class}`))))),
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
  section("map", "Map", "All images in two dimensions. Nearest neighbours: images that lie together are alike, and distances between groups mean little. Principal components: the two directions in which the embeddings vary the most.",
    embeddingMap(data.map, { thumbnail: async i => data.thumbnails[i] || (data.review ? (await (await fetch("/api/thumbnail/" + i)).json()).thumbnail : null) }));
}
section("classes", "Classes", `Largest over smallest: ${found.imbalance === null ? "∞" : found.imbalance.toFixed(1)}`,
  el("table", {}, el("thead", {}, el("tr", {}, ...["class", "train", "validation", "test"].map(t => el("th", {}, t)))), el("tbody", {}, ...found.classes.map(c => el("tr", {}, el("td", {}, c.class), ...["train", "validation", "test"].map(p => el("td", { class: c[p] ? "" : "bad" }, String(c[p]))))))));
const bottom = document.querySelector(".bottom"); if (bottom) main.append(bottom);
go(0);
