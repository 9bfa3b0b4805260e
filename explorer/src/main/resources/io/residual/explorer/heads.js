const SIGNED = "signed", SHARE = "share";
const MEASURES = [
  ["alone", "Accuracy alone", percent, "Validation accuracy with the head's contribution alone as the embedding.", SHARE],
  ["without", "Change when ablated", points, "Change of validation accuracy when the unit's contribution is replaced by its mean (direct effect). Grey: cannot be told from zero at the 5 % level (sign test over images, each unit by itself).", SIGNED],
  ["moved", "Learned change", number, "Mean of (λ − 1)² over the unit's components, weighted by their variance: how much the adapter changes the unit.", SHARE],
  ["correlation", "Correlation with the output", x => fixed(x, 2), "Correlation of the head with the sum of all heads, averaged over dimensions.", SIGNED],
  ["dimension", "Linear dimension", x => String(Math.round(x)), "Number of principal components for 99 % of the unit's variance.", SHARE],
  ["two_nn", "Nonlinear dimension", x => x.toFixed(1), "TwoNN: intrinsic dimension estimated from distances to the two nearest images. Few images make it unreliable.", SHARE],
  ["first_share", "Largest component's share", percent, "Largest share of the unit's variance along one of the components below.", SHARE],
];

/**
 * Layers × heads, and MLPs as a last column, coloured by one value each.
 *
 * @param values of all units, by name; null for none
 * @param choose called with the unit that is pointed at or chosen
 */
function grid(label, value, format, kind, certain, choose) {
  const L = data.model.layers, H = data.model.heads, mlps = data.units.filter(u => u.kind === "mlp" && value(u) !== null && value(u) !== undefined), size = Math.max(20, Math.min(44, Math.floor(760 / (H + 2)))), left = 38, top = 22, width = left + H * size + (mlps.length ? size + 14 : 4);
  const units = HEADS.concat(mlps), there = units.map(value).filter(v => v !== null && v !== undefined);
  const least = there.length ? Math.min(...there) : 0, most = there.length ? Math.max(...there) : 1, span = most - least || 1, told = units.filter(u => { const v = value(u); return v !== null && v !== undefined && v !== 0 && certain(u); }), far = Math.max(...told.map(u => Math.abs(value(u))), 0) || 1;
  const chart = svg("svg", { class: "heads", viewBox: `0 0 ${width} ${top + L * size + 4}`, width, role: "group", "aria-label": label + " of every head and MLP" });
  for (let h = 0; h < H; h++) chart.append(svg("text", { class: "faint", x: left + (h + .5) * size, y: 14, "text-anchor": "middle" }, (size < 28 && h % 2 ? "" : "H" + h)));
  if (mlps.length) chart.append(svg("text", { class: "faint", x: left + H * size + 8 + size / 2, y: 14, "text-anchor": "middle" }, "MLP"));
  for (let l = 0; l < L; l++) chart.append(svg("text", { class: "faint", x: left - 6, y: top + (l + .5) * size + 4, "text-anchor": "end" }, "L" + l));
  const cells = new Map();
  for (const u of units) {
    const v = value(u), none = v === null || v === undefined, unsure = !none && !certain(u), column = u.kind === "mlp" ? H : u.head;
    const name = `${u.unit}: ${none ? "none" : format(v)}${unsure ? ", cannot be told from zero" : ""}`;
    const paint = none ? "none" : unsure ? "var(--grey)" : kind === SIGNED ? diverging(v / far) : colour((v - least) / span);
    const move = e => {
      const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[e.key];
      const next = step && cells.get(u.layer + step[0] + "," + (column + step[1]));
      if (next) { e.preventDefault(); next.focus(); }
      if (e.key === "Enter" || e.key === " ") { e.preventDefault(); location.hash = "unit/" + u.unit; }
    };
    const cell = svg("rect", { class: "cell" + (none ? " none" : ""), x: left + column * size + (u.kind === "mlp" ? 8 : 0), y: top + u.layer * size, width: size, height: size, fill: paint, tabindex: cells.size ? -1 : 0, role: "link", "aria-label": name, "data-unit": u.unit,
      on: { focus: () => choose(u), click: () => choose(u), dblclick: () => { location.hash = "unit/" + u.unit; }, keydown: move } }, svg("title", {}, name));
    cells.set(u.layer + "," + column, cell);
    chart.append(cell);
  }
  const ring = svg("rect", { class: "ring", width: size, height: size, x: -size, y: -size });
  chart.append(ring);
  const key = kind === SIGNED && !told.length ? html("p", { class: "faint" }, "None differs from zero.") : kind === SIGNED ? ramp(-far, far, s => diverging(2 * s - 1), format, "0") : ramp(least, most, colour, format);
  return { key, chart, mark: u => { for (const c of cells.values()) if (c.getAttribute("data-unit") === u.unit) for (const at of ["x", "y"]) ring.setAttribute(at, c.getAttribute(at)); } };
}

/** The images at both ends of a component, the component's number and share. */
function ends(u, c, title) {
  const row = (list, side) => html("div", { class: "ends" }, html("span", { class: "side" }, side), ...list.map(e => html("figure", {}, picture(e.image, "end"), html("figcaption", {}, plus(e.at, 1) + " σ"))));
  const at = u.order ? u.order.indexOf(c.component) : -1;
  return html("div", {}, title ? html("h4", {}, `Component #${c.component}` + (at >= 0 ? `, ${percent(u.shares[at])} of the variance` : "") + (u.lambda && at >= 0 ? `, λ = ${fixed(u.lambda[at], 2)}` : "")) : null, row(c.high, "high"), row(c.low, "low"));
}

/** Texts, with how much of the unit they account for. */
function described(u, count) {
  if (!u.texts || !u.texts.length) return null;
  const first = u.texts[0].variance, trust = first >= .3 ? "fairly well" : first >= .1 ? "partly" : "hardly";
  return html("div", {}, html("ol", { class: "texts" }, ...u.texts.slice(0, count).map(t => html("li", {}, t.text + " ", html("span", { class: "faint" }, percent(t.variance))))),
    note(`The first text accounts for ${percent(first)} of the unit's variance: it describes the unit ${trust}. On the synthetic benchmark first texts are wrong in four cases of ten; compare them with the images.`));
}

const figures = u => html("dl", { class: "figures" }, ...MEASURES.filter(m => u[m[0]] !== undefined && u[m[0]] !== null).flatMap(m => [html("dt", { title: m[3] }, m[1]), html("dd", {}, m[2](u[m[0]]) + (m[0] === "without" ? ` (${plus(100 * u.without_interval[0], 1)} to ${plus(100 * u.without_interval[1], 1)})` + (u.without_told ? "" : ", not told from zero") : ""))]));

/** What is seen of a unit beside the grid. */
function beside(u) {
  const c = u.components && u.components[0];
  return [html("h3", {}, link("unit/" + u.unit, u.unit + " →")), c ? ends(u, c, true) : note("Nothing varies in this unit."),
    u.texts && u.texts.length ? html("p", {}, html("b", {}, "Texts: "), u.texts.slice(0, 3).map(t => t.text).join("; "), html("span", { class: "faint" }, ` (${percent(u.texts[Math.min(2, u.texts.length - 1)].variance)} of the variance together)`)) : null, figures(u)].filter(x => x);
}

const pending = () => html("section", { class: "card" }, html("p", { role: "status" }, "Heads are still being analysed; this page fills in by itself."));

/** How far an order of units by a measure is to be trusted. */
function howSure(key) {
  const n = data.data.images, units = data.units.filter(u => u.without_told !== undefined), told = units.filter(u => u.without_told).length;
  if (key === "without") return told ? ` ${told} of ${units.length} units can be told from zero on these ${n} images.` : ` None of ${units.length} units can be told from zero on these ${n} images, so an order of heads by this measure means nothing; give more images.`;
  return key === "alone" && n < 1000 ? ` On ${n} images an accuracy is uncertain by up to ${(196 * .5 / Math.sqrt(n)).toFixed(0)} points: the order of heads that are closer means nothing.` : "";
}

function heads(chosen) {
  if (data.pending) return html("div", {}, html("h2", {}, "Heads"), pending());
  const [wanted, name] = chosen.split("/"), there = MEASURES.filter(m => HEADS.some(u => u[m[0]] !== undefined));
  const [key, label, format, meaning, kind] = there.find(m => m[0] === wanted) || there[0];
  const side = html("section", { class: "card beside", "aria-live": "polite" });
  const choose = u => { side.replaceChildren(...beside(u)); drawn.mark(u); if (!printing) history.replaceState(null, "", "#heads/" + key + "/" + u.unit); };
  const drawn = grid(label, u => u[key], format, kind, u => key !== "without" || u.without_told, choose);
  const sure = HEADS.filter(u => key !== "without" || u.without_told), strongest = (sure.length ? sure : HEADS).reduce((b, u) => Math.abs(u[key] || 0) > Math.abs(b[key] || 0) ? u : b), at = data.units[byUnit.get(name)] || strongest;
  side.replaceChildren(...beside(at));
  drawn.mark(at);
  const embedding = data.units.filter(u => u.kind !== "head" && u.kind !== "mlp");
  return html("div", {}, html("h2", {}, "Heads"), html("div", { class: "row" }, ...select("measure", "Colour by", there.map(m => [m[0], m[1]]), key, v => { location.hash = "heads/" + v; }), drawn.key), note(meaning + howSure(key)),
    html("div", { class: "headsides" }, html("section", { class: "card" }, drawn.chart, note("Choose a head or an MLP; Enter or a double click opens its page."), html("p", {}, "Other units: ", ...embedding.flatMap((u, i) => [i ? ", " : "", link("unit/" + u.unit, u.unit)]))), side));
}

/** Shares of variance and λ of the same components, one under the other. λ of components without variance do not rule the axis. */
function strip(u) {
  const n = u.shares.length, w = Math.max(320, main.clientWidth - (narrow() ? 60 : 110)), left = 58, step = Math.min(60, (w - left - 10) / n), top = 8, tall = 110, gap = 26, low = 120;
  const most = Math.max(...u.shares, 1e-9), h = top + tall + gap + (u.lambda ? low + 24 : 0);
  const chart = svg("svg", { class: "strip", viewBox: `0 0 ${w} ${h}`, width: w, role: "img", "aria-label": "Share of variance" + (u.lambda ? " and λ" : "") + " of each component: " + u.shares.map((s, k) => `#${u.order[k]} ${percent(s)}` + (u.lambda ? `, λ ${fixed(u.lambda[k], 2)}` : "")).join("; ") });
  const x = k => left + step * (k + .5), y = s => top + tall * (1 - s / most);
  for (const t of ticks(0, most, 3)) chart.append(svg("line", { class: "axis", x1: left, x2: left + step * n, y1: y(t), y2: y(t) }), svg("text", { class: "faint", x: left - 6, y: y(t) + 4, "text-anchor": "end" }, (100 * t).toFixed(most < .1 ? 1 : 0) + " %"));
  const small = u.shares.map(s => s < .005);
  u.shares.forEach((s, k) => {
    chart.append(svg("rect", { class: "first", x: x(k) - step * .35, width: step * .7, y: y(s), height: top + tall - y(s) }, svg("title", {}, `#${u.order[k]}: ${percent(s)} of the variance`)));
    if (step > 22 || k % 3 === 0) chart.append(svg("text", { class: "faint", x: x(k), y: top + tall + 16, "text-anchor": "middle" }, "#" + u.order[k]));
  });
  if (u.lambda) {
    const ruling = u.lambda.filter((l, k) => !small[k]), all = (ruling.length ? ruling : u.lambda).concat([0, 1]), least = Math.min(...all), large = Math.max(...all), from = top + tall + gap + 8;
    const py = v => from + low * (1 - (v - least) / (large - least || 1));
    for (const t of ticks(least, large, 4)) chart.append(svg("line", { class: "axis", x1: left, x2: left + step * n, y1: py(t), y2: py(t) }), svg("text", { class: "faint", x: left - 6, y: py(t) + 4, "text-anchor": "end" }, "λ " + fixed(t, Number.isInteger(t) ? 0 : 1)));
    chart.append(svg("line", { class: "mark", x1: left, x2: left + step * n, y1: py(1), y2: py(1) }));
    u.lambda.forEach((l, k) => {
      const cut = l > large ? 1 : l < least ? -1 : 0, at = py(Math.max(least, Math.min(large, l))), kind = small[k] ? "lambda small" : "lambda";
      chart.append(svg("g", { class: kind }, svg("line", { x1: x(k), x2: x(k), y1: py(1), y2: at }), cut ? svg("path", { d: cut > 0 ? `M${x(k) - 5} ${at + 4}h10l-5 -9z` : `M${x(k) - 5} ${at - 4}h10l-5 9z` }) : svg("circle", { cx: x(k), cy: at, r: 4 }), svg("title", {}, `#${u.order[k]}: λ = ${fixed(l, 2)}` + (small[k] ? ", below 0.5 % of the variance" : ""))));
    });
  }
  return chart;
}

function unit(name) {
  const i = byUnit.get(name);
  if (i === undefined) return html("div", {}, html("h2", {}, name), html("p", {}, "No such unit. ", link("heads", "All heads")));
  const u = data.units[i], before = data.units[i - 1], after = data.units[i + 1];
  const page = html("div", {}, html("div", { class: "row" }, html("h2", {}, u.unit), before ? link("unit/" + before.unit, "← " + before.unit) : null, after ? link("unit/" + after.unit, after.unit + " →") : null));
  if (data.pending) { page.append(pending()); return page; }
  const pictures = html("section", { class: "card" }, html("h3", {}, "Images at both ends"), note("Standard deviations from the mean, along the two components with most variance on these images."));
  for (const c of u.components || []) pictures.append(ends(u, c, true), c.towards && words ? html("p", { class: "faint" }, `Nearest texts: high ${c.towards.join("; ")}; low ${c.away.join("; ")}.`) : "");
  if (!(u.components || []).length) pictures.append(note("Nothing varies in this unit: no image stands at an end."));
  const side = html("section", { class: "card" }, described(u, 5) ? html("h3", {}, "Texts") : null, described(u, 5), html("h3", {}, "Measures"), figures(u));
  page.append(html("div", { class: "unitsides" }, pictures, side));
  if (live && u.lambda) page.append(live.unit(u));
  if (live && (u.kind === "head" || u.kind === "mlp")) page.append(live.switcher(u));
  if (u.shares.length) {
    const hidden = u.weighed !== undefined && u.weighed > u.shares.length ? ` The ${u.shares.length} components with most variance of ${u.weighed} are shown.` : "";
    page.append(html("section", { class: "card" }, html("h3", {}, u.lambda ? "Spectrum and λ" : "Spectrum"), note((u.lambda ? "The adapter's components of this unit, from its training images, by their share of the variance on these validation images; below, the weight λ of each (dashed: 1, unchanged; triangles: beyond the axis; pale: below 0.5 % of the variance, hardly any effect). Components are numbered from 0, as layers and heads are, in the adapter's own order." : "Principal components of these validation images, by their share of the variance, numbered from 0.") + hidden), strip(u)));
  }
  if (words && u.somp) page.append(html("details", { class: "card" }, html("summary", {}, "Texts by matching pursuit"), note("Texts whose directions combine to the unit's contributions (SOMP, mean coefficient over images) and to its component with most variance (OMP)."),
    html("div", { class: "two" }, table(["SOMP, all images", "weight", "variance"], u.somp.map(t => [t.text, signed(t.weight), percent(t.variance)])), table([`OMP, component #${u.order[0] ?? 0}`, "weight", "variance"], (u.omp || []).map(t => [t.text, signed(t.weight), percent(t.variance)])))));
  return page;
}
