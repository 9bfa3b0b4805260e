/** Rows of a map in logits, unpacked from bytes. Row 0: all units with the adapter; row 1: without; then one for each of its units. */
function unpack(map) {
  const raw = atob(map.bytes), patches = map.rows * map.columns;
  const row = k => Float32Array.from({ length: patches }, (_, i) => { const b = raw.charCodeAt(k * patches + i); return (b > 127 ? b - 256 : b) / 127 * map.scale[k]; });
  const places = new Map(map.units.map((u, k) => [u, k + 2]));
  return { rows: map.rows, columns: map.columns, after: () => row(0), before: () => row(1), unit: u => places.has(u) ? row(places.get(u)) : null };
}

/** An image that maps are laid over: {box, show(values or null, title), legend}. */
function overlay(src, alt) {
  const img = html("img", { src, alt }), canvas = html("canvas", { "aria-hidden": "true" }), title = html("p", { class: "maptitle", "aria-live": "polite" }), legend = html("div", { class: "maplegend" });
  const frame = html("div", { class: "seen mapped" }, html("img", { src, alt: "" }), canvas), plain = html("div", { class: "seen" }, img), both = html("div", { class: "both" }, plain, frame);
  return {
    box: html("div", { class: "overlay" }, both, title, legend),
    source(next) { for (const i of both.querySelectorAll("img")) i.src = next; },
    show(map, values, text) {
      title.textContent = text;
      frame.hidden = map === null;
      both.classList.toggle("alone", map === null);
      canvas.hidden = values === null;
      legend.replaceChildren();
      if (values === null) return;
      canvas.width = map.columns;
      canvas.height = map.rows;
      const most = values.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-9), context = canvas.getContext("2d"), pixels = context.createImageData(map.columns, map.rows);
      const tint = share => [divergingRgb(Math.sign(share) * (.35 + .65 * Math.abs(share)), false), .8 * Math.pow(Math.abs(share), .7)];
      values.forEach((v, i) => { const [rgb, opacity] = tint(v / most); pixels.data.set([...rgb, 255 * opacity], 4 * i); });
      const overWhite = s => { const [rgb, opacity] = tint(2 * s - 1); return "rgb(" + rgb.map(c => Math.round(c * opacity + 255 * (1 - opacity))).join(",") + ")"; };
      context.putImageData(pixels, 0, 0);
      legend.append(ramp(-most, most, overWhite, v => plus(v, 2), "0, logits a patch"));
    },
  };
}
