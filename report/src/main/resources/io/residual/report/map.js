/**
 * All images in two dimensions, as EmbeddingMap.java packs them. Gives an element; it draws itself once it is in the page.
 *
 * Points are painted into an image of pixels, once a view; marks are elements over it, so that pointing paints nothing anew. What lies under the
 * pointer is found in a grid of cells, what lies in a loop by its mask.
 *
 * @param m the map
 * @param options thumbnail(image, name): a picture's address, a promise of one, or null; open(image): where a click on a listed one leads, or null
 */
function embeddingMap(m, options) {
  const make = (name, attributes, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) if (key.startsWith("on")) node.addEventListener(key.slice(2), value); else if (value !== undefined && value !== null) node.setAttribute(key, value);
    node.append(...children.filter(c => c !== null && c !== undefined));
    return node;
  };
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0)), wide = text => new Uint16Array(bytes(text).buffer);
  const n = m.images, image = new Int32Array(bytes(m.image).buffer), label = wide(m.label), predicted = wide(m.predicted), doubt = bytes(m.doubt), split = bytes(m.split);
  const layouts = { ...(m.neighbours ? { "nearest neighbours": wide(m.neighbours) } : {}), "principal components": wide(m.components) };
  const BANDS = 5, SHOWN = 24, LISTED = 200, REACH = 12, CELL = 16, MARGIN = 10, COLOURS = 10, KEYS = 60, RINGS = 300;
  const classColours = i => ({ values: i, names: m.classes, colour: k => "--m" + k % COLOURS });
  const ways = {
    label: classColours(label),
    prediction: classColours(predicted),
    error: { values: Uint8Array.from({ length: n }, (_, i) => label[i] === predicted[i] ? 0 : 1), names: ["right", "wrong"], colour: k => k ? "--mwrong" : "--mright" },
    doubt: { values: doubt.map(d => Math.min(BANDS - 1, Math.floor(d * BANDS / 100))), names: Array.from({ length: BANDS }, (_, k) => `${100 * k / BANDS} to ${100 * (k + 1) / BANDS} %`), colour: k => "--mband" + k },
    split: { values: split, names: m.splits, colour: k => "--m" + k },
  };
  for (const way of Object.values(ways)) { way.counts = new Array(way.names.length).fill(0); for (const v of way.values) way.counts[v]++; }
  if (ways.split.counts.filter(c => c).length < 2) delete ways.split;

  // The view: a place on the side of a square, times zoom, less an offset, in the canvas's pixels.
  let zoom = 1, left = 0, top = 0, width = 0, height = 0, ratio = 1, loop = [], moving = null, over = -1, picked = [], alone = -1, stale = true, waiting = false;
  const px = new Float32Array(n), py = new Float32Array(n), cell = new Int32Array(n), sorted = new Int32Array(n);
  let starts = new Int32Array(1), columns = 0, rows = 0;
  const choice = (name, keys) => make("select", { "aria-label": name, onchange: () => { alone = -1; redraw(); } }, ...keys.map(k => make("option", {}, k)));
  const colour = choice("Colour", Object.keys(ways)), layout = choice("Layout", Object.keys(layouts));
  const canvas = make("canvas", { role: "img", "aria-label": `Map of ${n} images; the lists of colours below name what is in it` }), marks = make("canvas", { "aria-hidden": "true", class: "marks" }), ring = make("div", { class: "ring", hidden: "" }), tip = make("div", { class: "tip", hidden: "" }), legend = make("p", { class: "maprow mapkeys" }), chosen = make("div", { class: "chosen", "aria-live": "polite" });
  const line = document.createElementNS("http://www.w3.org/2000/svg", "svg"), path = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  line.append(path);
  line.setAttribute("aria-hidden", "true");
  const mode = make("button", { type: "button", "aria-pressed": "false", onclick: () => mode.setAttribute("aria-pressed", String(mode.getAttribute("aria-pressed") !== "true")) }, "Move");
  const zooming = (text, name, act) => make("button", { type: "button", "aria-label": name, title: name, onclick: act }, text);
  const box = make("div", { class: "embeddingmap" }, make("p", { class: "maprow" }, make("label", {}, "Colour ", colour), make("label", {}, "Layout ", layout),
    make("span", { class: "maprow" }, zooming("+", "Closer", () => closer(1.5)), zooming("−", "Further away", () => closer(1 / 1.5)), zooming("All", "All images", () => { zoom = 1; left = top = 0; redraw(); }), mode)),
    make("div", { class: "mapcanvas" }, canvas, marks, line, ring, tip), legend,
    make("p", { class: "maphint" }, "Point at an image for its name. Click it, or draw a loop around several, to list them. A colour in the list shows its images alone. Ctrl and the wheel come closer; with Move, dragging moves the map."), chosen);

  function place() {
    const at = layouts[layout.value], w = width - 2 * MARGIN, h = height - 2 * MARGIN;
    columns = Math.ceil(width / CELL); rows = Math.ceil(height / CELL);
    starts = new Int32Array(columns * rows + 1);
    for (let i = 0; i < n; i++) {
      const x = px[i] = MARGIN + at[2 * i] / 65535 * w * zoom - left, y = py[i] = MARGIN + (1 - at[2 * i + 1] / 65535) * h * zoom - top;
      cell[i] = x >= 0 && x < width && y >= 0 && y < height ? Math.floor(y / CELL) * columns + Math.floor(x / CELL) : -1;
      if (cell[i] >= 0) starts[cell[i] + 1]++;
    }
    for (let c = 0; c < columns * rows; c++) starts[c + 1] += starts[c];
    const next = starts.slice();
    for (let i = 0; i < n; i++) if (cell[i] >= 0) sorted[next[cell[i]]++] = i;
  }
  function paint() {
    width = canvas.clientWidth; height = canvas.clientHeight; ratio = window.devicePixelRatio || 1;
    if (!width) return;
    stale = false;
    place();
    const w = Math.round(width * ratio), h = Math.round(height * ratio);
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
    const pen = canvas.getContext("2d"), data = pen.createImageData(w, h), to = new Uint32Array(data.data.buffer);
    const way = ways[colour.value], style = getComputedStyle(box), shades = way.names.map((_, k) => shade(style.getPropertyValue(way.colour(k)).trim()));
    const size = Math.max(1, (n > 5000 ? 1.5 : n > 2000 ? 2.2 : 3) * Math.min(2.5, Math.sqrt(zoom)) * ratio), reach = Math.ceil(size), disc = [];
    for (let y = -reach; y <= reach; y++) for (let x = -reach; x <= reach; x++) if (x * x + y * y <= size * size) disc.push(x, y);
    // A stride that meets every image once, so that no class lies on top of all others.
    let stride = Math.max(1, Math.floor(n * .618)); while (gcd(stride, n) > 1) stride++;
    const pale = shade(style.getPropertyValue("--mpale").trim());
    const many = picked.length > RINGS ? new Uint8Array(n) : null, shown = i => (alone < 0 || way.values[i] === alone) && (!many || many[i] === 1);
    if (many) for (const i of picked) many[i] = 1;
    for (const lit of alone < 0 && !many ? [true] : [false, true]) for (let k = 0, i = 0; k < n; k++, i = (i + stride) % n) {
      if (cell[i] < 0 || shown(i) !== lit) continue;
      const x = Math.round(px[i] * ratio), y = Math.round(py[i] * ratio), of = lit ? shades[way.values[i]] : pale;
      for (let d = 0; d < disc.length; d += 2) { const u = x + disc[d], v = y + disc[d + 1]; if (u >= 0 && u < w && v >= 0 && v < h) to[v * w + u] = of; }
    }
    pen.putImageData(data, 0, 0);
    keys(way);
  }
  const gcd = (a, b) => b ? gcd(b, a % b) : a;
  /** #rrggbb as a pixel. */
  function shade(text) { const v = parseInt(text.slice(1), 16); return (255 << 24 | (v & 255) << 16 | (v & 0xff00) | v >> 16) >>> 0; }
  let keyed = "";
  function keys(way) {
    const now = colour.value + alone;
    if (now === keyed) return;
    keyed = now;
    const there = way.names.map((t, k) => [t, k]).filter(([, k]) => way.counts[k]);
    const at = legend.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    legend.replaceChildren(...there.slice(0, KEYS).map(([t, k]) => {
      const swatch = make("span", { class: "swatch" });
      swatch.style.background = `var(${way.colour(k)})`;
      return make("button", { type: "button", "data-key": String(k), "aria-pressed": String(alone === k), onclick: () => { alone = alone === k ? -1 : k; redraw(); } }, swatch, `${t} `, make("span", { class: "mapcount" }, String(way.counts[k])));
    }), make("span", { class: "maphint" }, way.names === m.classes && there.length > COLOURS ? "Colours repeat after ten classes." + (there.length > KEYS ? ` The first ${KEYS} are listed.` : "") : ""));
    if (at !== null) legend.querySelector(`[data-key="${at}"]`)?.focus();
  }
  function draw() {
    waiting = false;
    if (!canvas.isConnected) return;
    if (stale) paint();
    if (width) outline();
  }
  /** Rings around what was picked, unless that is much: then all else is pale. */
  function outline() {
    const pen = marks.getContext("2d");
    if (marks.width !== canvas.width || marks.height !== canvas.height) { marks.width = canvas.width; marks.height = canvas.height; }
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, marks.width, marks.height);
    pen.scale(ratio, ratio);
    pen.strokeStyle = getComputedStyle(box).getPropertyValue("--mink").trim();
    const size = 5;
    pen.beginPath();
    if (picked.length <= RINGS) for (const i of picked) if (cell[i] >= 0) { pen.moveTo(px[i] + size, py[i]); pen.arc(px[i], py[i], size, 0, 7); }
    pen.stroke();
  }
  function looped() { path.setAttribute("points", loop.map(p => p[0].toFixed(1) + "," + p[1].toFixed(1)).join(" ")); }
  function soon() { if (!waiting) { waiting = true; requestAnimationFrame(draw); } }
  function redraw() { stale = true; pointAt(-1); soon(); }
  function closer(factor, x = width / 2, y = height / 2) {
    const before = zoom;
    zoom = Math.max(1, Math.min(64, zoom * factor));
    const by = zoom / before;
    left = (x - MARGIN + left) * by - x + MARGIN; top = (y - MARGIN + top) * by - y + MARGIN;
    kept();
    redraw();
  }
  function kept() {
    left = Math.max(0, Math.min((width - 2 * MARGIN) * (zoom - 1), left));
    top = Math.max(0, Math.min((height - 2 * MARGIN) * (zoom - 1), top));
  }
  const point = e => { const at = canvas.getBoundingClientRect(); return [e.clientX - at.left, e.clientY - at.top]; };
  const shownAlone = i => alone < 0 || ways[colour.value].values[i] === alone;
  function nearest([x, y]) {
    let best = -1, least = REACH * REACH;
    const c = Math.floor(x / CELL), r = Math.floor(y / CELL);
    for (let v = Math.max(0, r - 1); v <= Math.min(rows - 1, r + 1); v++) for (let u = Math.max(0, c - 1); u <= Math.min(columns - 1, c + 1); u++) for (let k = starts[v * columns + u]; k < starts[v * columns + u + 1]; k++) {
      const i = sorted[k], d = (px[i] - x) ** 2 + (py[i] - y) ** 2;
      if (d < least && shownAlone(i)) { least = d; best = i; }
    }
    return best;
  }
  /** The images within the loop, by the pixels that it fills. */
  function within() {
    const mask = document.createElement("canvas"), pen = mask.getContext("2d", { willReadFrequently: true });
    mask.width = Math.ceil(width); mask.height = Math.ceil(height);
    pen.beginPath();
    loop.forEach(([x, y], k) => k ? pen.lineTo(x, y) : pen.moveTo(x, y));
    pen.fill("evenodd");
    const filled = pen.getImageData(0, 0, mask.width, mask.height).data, found = [];
    for (let i = 0; i < n; i++) if (cell[i] >= 0 && shownAlone(i) && filled[4 * (Math.floor(py[i]) * mask.width + Math.floor(px[i])) + 3] > 127) found.push(i);
    return found;
  }
  const words = i => `${m.names[i]}: ${m.classes[label[i]]}${label[i] === predicted[i] ? "" : ", predicted " + m.classes[predicted[i]]}, doubt ${doubt[i]} %`;
  async function picture(i) {
    try { const src = await options.thumbnail(image[i], m.common + m.names[i]); return src ? make("img", { src, alt: m.names[i], title: words(i) }) : null; } catch { return null; /* the list has its name all the same */ }
  }
  let hovered = 0;
  const hover = p => pointAt(nearest(p));
  function pointAt(best) {
    if (best === over) return;
    over = best;
    tip.hidden = ring.hidden = best < 0;
    const turn = ++hovered;
    if (best < 0) return;
    ring.style.transform = `translate(${px[best] - 8}px, ${py[best] - 8}px)`;
    tip.replaceChildren(words(best));
    tip.style.left = Math.max(0, Math.min(width - 220, px[best] + 12)) + "px";
    tip.style.top = py[best] + 12 + "px";
    setTimeout(async () => { if (turn !== hovered) return; const shown = await picture(best); if (turn === hovered && shown) tip.prepend(shown); }, 120);
  }
  let listing = 0;
  async function list() {
    const turn = ++listing, shown = picked.slice(0, SHOWN), found = await Promise.all(shown.map(picture));
    if (turn !== listing) return;
    const wrong = picked.filter(i => label[i] !== predicted[i]).length, of = new Map();
    for (const i of picked) of.set(label[i], (of.get(label[i]) || 0) + 1);
    const most = [...of].sort((a, b) => b[1] - a[1]).slice(0, 5).map(([c, k]) => `${m.classes[c]} ${k}`).join(", ");
    const link = (i, child) => { const href = options.open && options.open(image[i]); return href ? make("a", { href }, child) : child; };
    chosen.replaceChildren(...(picked.length > 1 ? [make("p", {}, `${picked.length} images, ${wrong} of them predicted as another class: ${most}${of.size > 5 ? " …" : ""}.` + (picked.length > LISTED ? ` The first ${LISTED} are listed.` : ""))] : []),
      make("div", { class: "maprow" }, ...found.map((img, k) => img && link(shown[k], img))), ...picked.slice(0, LISTED).map(i => make("div", {}, link(i, words(i)))));
  }
  canvas.addEventListener("pointerdown", e => {
    const p = point(e);
    canvas.setPointerCapture(e.pointerId);
    if (mode.getAttribute("aria-pressed") === "true" && zoom > 1) moving = [p[0] + left, p[1] + top]; else loop = [p];
  });
  canvas.addEventListener("pointermove", e => {
    const p = point(e);
    if (moving) { left = moving[0] - p[0]; top = moving[1] - p[1]; kept(); redraw(); } else if (loop.length) { const l = loop[loop.length - 1]; if (Math.abs(l[0] - p[0]) + Math.abs(l[1] - p[1]) > 2) { loop.push(p); looped(); } } else hover(p);
  });
  canvas.addEventListener("pointerup", () => {
    if (moving) { moving = null; return; }
    const before = picked.length;
    if (loop.length > 4) picked = within(); else if (loop.length) { const best = nearest(loop[0]); picked = best < 0 ? [] : [best]; }
    loop = [];
    looped();
    if (Math.max(before, picked.length) > RINGS) stale = true;
    soon();
    list();
  });
  canvas.addEventListener("pointercancel", () => { loop = []; moving = null; looped(); });
  canvas.addEventListener("pointerleave", () => { if (!loop.length) pointAt(-1); });
  canvas.addEventListener("wheel", e => { if (e.ctrlKey || e.metaKey) { e.preventDefault(); closer(e.deltaY < 0 ? 1.25 : 1 / 1.25, ...point(e)); } }, { passive: false });
  new ResizeObserver(() => redraw()).observe(canvas);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { keyed = ""; redraw(); });
  return box;
}
