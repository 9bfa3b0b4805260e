// What the first page shows stands before this script, everything after it: the first page need not wait for all.
let data = JSON.parse(document.getElementById("first").textContent), byUnit, classes, HEADS, words;
const main = document.getElementById("main");
function adopt(next) {
  data = next;
  byUnit = new Map(data.units.map((u, i) => [u.unit, i]));
  classes = data.data.classes;
  HEADS = data.units.filter(u => u.kind === "head");
  words = data.units.some(u => u.texts && u.texts.length);
}
if (data) adopt(data);

const percent = x => (100 * x).toFixed(1) + "\u00a0%";
const number = x => Math.abs(x) >= 100 ? Math.round(x).toLocaleString("en") : Math.abs(x) >= 1 ? x.toFixed(1) : Math.abs(x) >= .1 || x === 0 ? x.toFixed(2) : x.toPrecision(2);
const fixed = (x, digits) => (x < 0 && Number(Math.abs(x).toFixed(digits)) > 0 ? "−" : "") + Math.abs(x).toFixed(digits);
const plus = (x, digits) => (Number(Math.abs(x).toFixed(digits)) === 0 ? "" : x < 0 ? "−" : "+") + Math.abs(x).toFixed(digits);
const signed = x => plus(x, 3);
const points = x => plus(100 * x, 1) + " points";
const note = text => html("p", { class: "note" }, text);
const link = (to, text) => html("a", { href: "#" + to }, text);
const short = text => text.length > 18 ? text.slice(0, 17) + "…" : text;
const narrow = () => innerWidth < 640;
const dark = () => matchMedia("(prefers-color-scheme: dark)").matches && !printing;
let printing = false;

/** On phones each row becomes a small card that repeats the column names. */
function table(header, rows) {
  return html("table", {},
    html("thead", {}, html("tr", {}, ...header.map(h => html("th", { scope: "col" }, h)))),
    html("tbody", {}, ...rows.map(r => html("tr", {}, ...r.map((c, i) => html("td", { "data-label": header[i] || null }, c))))));
}

/** Dark blue over green to yellow: rises in lightness, so it reads the same without colours. */
const STOPS = [[48, 18, 89], [49, 79, 139], [34, 131, 141], [73, 181, 110], [190, 215, 52], [252, 231, 90]];
function mix(stops, share) {
  const at = Math.max(0, Math.min(1, share)) * (stops.length - 1), i = Math.min(stops.length - 2, Math.floor(at));
  return stops[i].map((c, k) => Math.round(c + (stops[i + 1][k] - c) * (at - i)));
}
const colour = share => "rgb(" + mix(STOPS, share).join(",") + ")";
/** Blue is negative, orange positive, as in the toolkit's figures; zero is near the page's ground. */
const BLUE = [[247, 247, 247], [146, 197, 222], [33, 102, 172]], ORANGE = [[247, 247, 247], [253, 184, 99], [179, 88, 6]];
const BLUE_DARK = [[38, 45, 55], [33, 102, 172], [146, 197, 222]], ORANGE_DARK = [[38, 45, 55], [179, 88, 6], [253, 184, 99]];
const divergingRgb = (v, onDark) => mix(v < 0 ? (onDark ? BLUE_DARK : BLUE) : onDark ? ORANGE_DARK : ORANGE, Math.abs(v));
const diverging = v => "rgb(" + divergingRgb(v, dark()).join(",") + ")";

function ramp(from, to, paint, format, middle) {
  const key = svg("svg", { class: "ramp", viewBox: "0 0 260 34", width: 260, role: "img", "aria-label": `scale from ${format(from)} to ${format(to)}` });
  for (let i = 0; i < 52; i++) key.append(svg("rect", { x: i * 5, y: 0, width: 5.3, height: 14, fill: paint(i / 51) }));
  key.append(svg("text", { x: 0, y: 30, class: "faint" }, format(from)), svg("text", { x: 260, y: 30, "text-anchor": "end", class: "faint" }, format(to)));
  if (middle !== undefined) key.append(svg("text", { x: 130, y: 30, "text-anchor": "middle", class: "faint" }, middle));
  return key;
}

/** Round places for ticks between two values. */
function ticks(low, high, count) {
  const step = (high - low || 1) / count, power = Math.pow(10, Math.floor(Math.log10(step)));
  const nice = [1, 2, 2.5, 5, 10].map(m => m * power).find(m => m >= step * .999), all = [];
  for (let v = Math.ceil(low / nice - 1e-9) * nice; v <= high + nice * 1e-9; v += nice) all.push(Math.abs(v) < nice * 1e-9 ? 0 : +v.toPrecision(12));
  return all;
}

/**
 * Lines of {name, x, y, low, high}; xNames gives words for whole numbers on the x axis. Axes can be fixed with range and domain, so
 * that charts of one kind can be compared.
 */
function lines(series, xLabel, yFormat, { xNames = null, xFormat = x => String(+x.toFixed(2)), marks = [], range = null, domain = null, width = 560 } = {}) {
  const w = narrow() ? 340 : width, h = narrow() ? 240 : 300, left = 64, right = 16, top = 12, bottom = 46;
  const xs = domain || series.flatMap(s => s.x), ys = range || series.flatMap(s => s.y.concat(s.low || [], s.high || []));
  const x0 = Math.min(...xs), x1 = Math.max(...xs), y0 = Math.min(...ys), y1 = Math.max(...ys);
  const px = x => left + 8 + (w - left - right - 16) * (x1 === x0 ? .5 : (x - x0) / (x1 - x0)), py = y => h - bottom - (h - top - bottom) * (y1 === y0 ? .5 : (y - y0) / (y1 - y0));
  const chart = svg("svg", { viewBox: `0 0 ${w} ${h}`, width: w, role: "img", "aria-label": series.map(s => s.name + " from " + yFormat(s.y[0]) + " to " + yFormat(s.y[s.y.length - 1])).join(", ") });
  for (const y of ticks(y0, y1, 5)) chart.append(svg("line", { class: "axis", x1: left, x2: w - right, y1: py(y), y2: py(y) }), svg("text", { class: "faint", x: left - 6, y: py(y) + 4, "text-anchor": "end" }, yFormat(y)));
  for (const x of xNames ? xNames.map((n, i) => i) : ticks(x0, x1, narrow() ? 3 : 5)) chart.append(svg("line", { class: "axis", x1: px(x), x2: px(x), y1: h - bottom, y2: h - bottom + 4 }), svg("text", { class: "faint", x: px(x), y: h - bottom + 18, "text-anchor": "middle" }, xNames ? xNames[x] : xFormat(x)));
  for (const m of marks) chart.append(svg("line", { class: "mark", x1: px(m), x2: px(m), y1: top, y2: h - bottom }));
  series.forEach((s, i) => {
    const kind = " c" + i % 7;
    if (s.low) s.x.forEach((x, k) => { if (s.high[k] > s.low[k]) chart.append(svg("line", { class: "whisker" + kind, x1: px(x) + 2 * i - series.length, x2: px(x) + 2 * i - series.length, y1: py(s.low[k]), y2: py(s.high[k]) })); });
    chart.append(svg("polyline", { class: "line" + kind, points: s.x.map((x, k) => px(x) + "," + py(s.y[k])).join(" ") }));
    if (s.x.length < 30) s.x.forEach((x, k) => chart.append(svg("circle", { class: "dot" + kind, cx: px(x), cy: py(s.y[k]), r: 3.5 }, svg("title", {}, `${s.name}, ${xNames ? xNames[x] : xFormat(x)}: ${yFormat(s.y[k])}` + (s.low && s.high[k] > s.low[k] ? ` (${yFormat(s.low[k])} to ${yFormat(s.high[k])})` : "")))));
  });
  chart.append(svg("text", { class: "faint", x: (left + w - right) / 2, y: h - 6, "text-anchor": "middle" }, xLabel));
  const legend = series.length > 1 ? html("p", { class: "row legend" }, ...series.map((s, i) => html("span", {}, html("span", { class: "key c" + i % 7 }), s.name))) : null;
  return html("div", {}, legend, chart);
}

/** Rows of {name, value, low, high, kind}: a dot with its interval on a shared axis. */
function dots(title, rows, [low, high], marks) {
  const w = 360, left = 108, right = 58, row = 24, top = 8, h = top + rows.length * row + 26;
  const px = x => left + (w - left - right) * (x - low) / (high - low);
  const chart = svg("svg", { viewBox: `0 0 ${w} ${h}`, width: w, role: "img", "aria-label": title + ": " + rows.map(r => `${r.name} ${percent(r.value)} (${percent(r.low)} to ${percent(r.high)})`).join(", ") });
  for (const x of ticks(low, high, 4)) chart.append(svg("line", { class: "axis", x1: px(x), x2: px(x), y1: top, y2: top + rows.length * row }), svg("text", { class: "faint", x: px(x), y: h - 8, "text-anchor": "middle" }, (100 * x).toFixed(0) + "\u00a0%"));
  for (const m of marks) if (m.at >= low && m.at <= high) chart.append(svg("line", { class: "mark", x1: px(m.at), x2: px(m.at), y1: top, y2: top + rows.length * row }, svg("title", {}, m.name + " " + percent(m.at))));
  rows.forEach((r, i) => {
    const y = top + (i + .5) * row;
    chart.append(svg("g", { class: "dotrow " + r.kind }, svg("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, r.name),
      svg("line", { class: "interval", x1: px(r.low), x2: px(r.high), y1: y, y2: y }), svg("circle", { cx: px(r.value), cy: y, r: 4.5 }),
      svg("text", { class: "faint", x: w - 4, y: y + 4, "text-anchor": "end" }, percent(r.value)),
      svg("title", {}, `${r.name}: ${percent(r.value)}, 95 % interval ${percent(r.low)} to ${percent(r.high)}`)));
  });
  return html("figure", { class: "panel" }, html("figcaption", {}, title), chart);
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
        chart.append(svg("rect", { x: left + j * size, y: top + i * size, width: size - 1, height: size - 1, fill: v ? colour(.12 + .88 * share) : "var(--line)" }, svg("title", {}, `${classes[i]} predicted as ${classes[j]}: ${v}`)));
        if (v && size >= 20) chart.append(svg("text", { class: "cellnumber " + (share > .5 ? "onlight" : "ondark"), x: left + (j + .5) * size, y: top + (i + .5) * size + 4, "text-anchor": "middle" }, String(v)));
      });
    });
    classes.forEach((c, j) => { const x = left + (j + .5) * size, y = top + n * size + 12; chart.append(svg("text", { class: "faint", x, y, "text-anchor": "end", transform: `rotate(-45 ${x} ${y})` }, short(c))); });
    box.append(note("Rows: true class; columns: predicted class; numbers: images. Colour: share of the row."), chart);
  }
  const mixed = scores.mixed_up || [];
  box.append(mixed.length ? html("p", {}, "Most frequent confusions: " + mixed.slice(0, 5).map(([i, j, v]) => `${classes[i]} predicted as ${classes[j]} (${v})`).join("; ") + ".") : html("p", {}, "No confusions."));
  return box;
}

/** A reliability diagram: accuracy of each bin with its interval, and how many images are in it. */
function reliability(bins, images) {
  const w = narrow() ? 340 : 460, h = 330, left = 54, right = 26, top = 10, size = h - 120, foot = top + size + 22;
  const px = x => left + (w - left - right) * x, py = y => top + size * (1 - y), most = Math.max(...bins.map(b => b[2]));
  const chart = svg("svg", { viewBox: `0 0 ${w} ${h}`, width: w, role: "img", "aria-label": "Reliability: " + bins.map(b => `confidence ${percent(b[0])}, accuracy ${percent(b[1])}, ${b[2]} images`).join("; ") });
  for (const t of [0, .25, .5, .75, 1]) chart.append(svg("line", { class: "axis", x1: left, x2: w - right, y1: py(t), y2: py(t) }), svg("text", { class: "faint", x: left - 6, y: py(t) + 4, "text-anchor": "end" }, (100 * t).toFixed(0) + " %"), svg("text", { class: "faint", x: px(t), y: h - 22, "text-anchor": "middle" }, (100 * t).toFixed(0) + " %"));
  chart.append(svg("line", { class: "mark", x1: px(0), y1: py(0), x2: px(1), y2: py(1) }));
  for (const [confidence, accuracy, n] of bins) {
    const [low, high] = wilson(accuracy, n), tall = 34 * n / most;
    chart.append(svg("g", {}, svg("line", { class: "whisker c0", x1: px(confidence), x2: px(confidence), y1: py(low), y2: py(high) }), svg("circle", { class: "dot c0", cx: px(confidence), cy: py(accuracy), r: 4 }),
      svg("rect", { class: "first", x: px(confidence) - 8, width: 16, y: foot + 34 - tall, height: tall }), svg("text", { class: "faint count", x: px(confidence), y: foot + 30 - tall, "text-anchor": "middle" }, String(n)),
      svg("title", {}, `${n} of ${images} images with a confidence of ${percent(confidence)}: ${percent(accuracy)} right (95 % interval ${percent(low)} to ${percent(high)})`)));
  }
  chart.append(svg("text", { class: "faint", x: (left + w - right) / 2, y: h - 6, "text-anchor": "middle" }, "confidence; bars and numbers: images"));
  return chart;
}
function wilson(p, n) {
  const z = 1.959963984540054, centre = (p + z * z / (2 * n)) / (1 + z * z / n), half = z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

const select = (id, label, options, chosen, change) => [html("label", { for: id }, label), html("select", { id, on: { change: e => change(e.target.value) } }, ...options.map(([value, text]) => html("option", { value, selected: value === chosen ? "" : null }, text)))];

const picture = (name, kind) => data.thumbnails[name] ? html("img", { class: kind, src: data.thumbnails[name], alt: name, loading: "lazy" }) : html("span", { class: kind + " missing" }, name);
