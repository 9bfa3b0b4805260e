function images(chosen) {
  const page = html("div", {}, html("h2", {}, "An image"));
  if (live) page.append(live.drop());
  if (!data.images.length) { page.append(html("p", {}, "No image was decomposed.")); return page; }
  const index = Math.max(0, Math.min(data.images.length - 1, Number(chosen) || 0)), card = html("div", { class: "explained" });
  const mark = q => q.chosen === q.label ? html("span", { class: "badge right", "aria-hidden": "true" }, "✓") : html("span", { class: "badge wrong", "aria-hidden": "true" }, "✗");
  page.append(html("div", { class: "thumbs" }, ...data.images.map((q, i) => html("button", { class: "thumb", "aria-pressed": String(i === index && !(live && live.own)), "aria-label": `${q.image}, ${classes[q.label]}, ${q.chosen === q.label ? "right" : "wrong"}`, title: `${classes[q.label]}: ${q.chosen === q.label ? "right" : "predicted as " + classes[q.chosen]}`,
    on: { click: () => { if (live) live.own = null; if (location.hash === "#image/" + i) show(); else location.hash = "image/" + i; } } }, picture(q.image, ""), mark(q)))), card);
  const seen = new Explained(card);
  seen.draw(data.images[index]);
  if (live && !printing) live.follow(index, p => seen.draw({ ...p, seen: p.own === undefined ? data.images[index].seen : null }), map => seen.mapped(map));
  if (data.maps_left_out) page.append(note(`Maps of ${data.maps_left_out} of ${data.images.length} images were left out to keep this file small; residual explain --where makes any of them.`));
  return page;
}

/** A decision: its image with maps, its verdict, and every unit's share of the difference between two logits. */
class Explained {
  constructor(card) {
    this.card = card;
    this.wanted = "all";
    this.asked = null; // the map of a text: {what, total, total_before, map}
    this.ask = live && !printing && data.model.has_text ? live.whereIs(answer => { this.asked = answer; this.wanted = answer ? "text" : "all"; this.look(); }) : null;
  }

  draw(p) {
    if (live && p.map === undefined) p.map = this.p && this.p.image === p.image && this.p.own === p.own ? this.p.map : null; // until the new one comes
    this.p = p;
    this.asked = null; // of other weights, or of another image
    if (this.wanted === "text") this.wanted = "all";
    const adapted = data.adapters.length > 0, a = p.classes.indexOf(p.chosen);
    const rival = p.chosen_before !== p.chosen ? p.chosen_before : p.classes.filter(c => c !== p.chosen).sort((x, y) => p.after[y] - p.after[x])[0], b = p.classes.indexOf(rival);
    if (rival === undefined) { this.card.replaceChildren(html("p", {}, "There is one class only.")); return; }
    const shares = data.units.map((u, i) => ({ name: u.unit, index: i, before: p.units[i][0][a] - p.units[i][0][b], after: p.units[i][1][a] - p.units[i][1][b], words: u.texts && u.texts.length ? u.texts[0].text : "" }));
    for (const k of p.constants) shares.push({ name: k.name, index: -1, before: 0, after: k.after[a] - k.after[b], words: "" });
    const sum = shares.reduce((s, x) => s + x.after, 0), difference = p.after[p.chosen] - p.after[rival];
    shares.sort((x, y) => Math.abs(y.after) - Math.abs(x.after));
    const shown = shares.slice(0, 14), rest = shares.slice(14), all = key => rest.reduce((s, x) => s + x[key], 0);
    shown.push({ name: "all others", index: -1, before: all("before"), after: all("after"), words: "" });
    const verdict = (c, probability, what, unsure) => html("p", { class: "verdict" }, what, html("b", { class: p.label < 0 ? "" : c === p.label ? "good" : "bad" }, classes[c]), ` ${percent(probability)} `, unsure ? html("span", { class: "unsure" }, "unsure") : null, p.label < 0 ? null : html("span", { class: c === p.label ? "good" : "bad" }, c === p.label ? " right" : " wrong"));
    this.over = overlay(p.seen || p.thumbnail || data.thumbnails[p.image], p.image);
    if (p.own !== undefined) this.over.box.querySelector("img").classList.add("own");
    this.map = p.map ? unpack(p.map) : null;
    this.modes = html("p", { class: "row modes", hidden: adapted && p.map ? null : "" }, ...[["all", adapted ? "map with the adapter" : "map"], ...(adapted ? [["before", "without"]] : [])].map(([mode, text]) => html("button", { "aria-pressed": String(this.wanted === mode), "data-mode": mode, on: { click: () => { this.wanted = mode; this.look(); } } }, text)));
    const left = html("div", { class: "lookat" }, this.over.box, this.modes, this.ask, html("p", { class: "faint" }, p.image),
      p.label < 0 ? null : html("p", {}, "True class: ", html("b", {}, classes[p.label])), verdict(p.chosen, p.probability, adapted ? "With the adapter: " : "Answer: ", p.unsure), adapted ? verdict(p.chosen_before, p.probability_before, "Without: ", false) : null);
    const right = html("div", {}, html("h3", {}, `Why ‘${classes[p.chosen]}’ and not ‘${classes[rival]}’`), note("Contributions to the difference between the two logits, an exact sum, largest first. Point at a head, or tap it, to see where in the image it read what it contributes."),
      html("p", { class: "row legend" }, html("span", {}, html("span", { class: "key first" }), adapted ? "with the adapter" : "contribution"), adapted ? html("span", {}, html("span", { class: "key second" }), "without") : null),
      this.contributions(shown, adapted), html("p", { id: "sum" }, `Sum of the contributions ${signed(sum)}, difference of the logits ${signed(difference)}; they differ by ${Math.abs(sum - difference).toExponential(1)}.`),
      ...(p.components && p.components.length ? [html("h3", {}, "Components"), note("The largest contributions of single components of adapted units, with their λ."), table(["component", "λ", "contribution", "without the adapter"], p.components.map(c => [html("span", {}, link("unit/" + c.unit, c.unit), " #" + c.component), fixed(c.lambda, 2), signed(c.after[a] - c.after[b]), signed(c.before[a] - c.before[b])]))] : []));
    this.card.replaceChildren(left, html("section", { class: "card" }, right));
    this.look();
  }

  mapped(answer) {
    this.map = unpack(answer.map);
    if (answer.seen) this.over.source(answer.seen); // cropped as the map is
    this.p.map = answer.map;
    this.modes.hidden = data.adapters.length === 0;
    if (!this.pinned()) this.look();
  }
  pinned() { return this.card.querySelector(".contribution:hover, .contribution:focus") !== null; }

  contributions(shown, adapted) {
    const most = Math.max(1e-9, ...shown.flatMap(s => adapted ? [Math.abs(s.after), Math.abs(s.before)] : [Math.abs(s.after)]));
    const bar = (value, kind) => {
      const b = html("span", { class: "bar " + kind });
      b.style.width = 50 * Math.abs(value) / most + "%";
      b.style.left = value < 0 ? 50 - 50 * Math.abs(value) / most + "%" : "50%";
      return b;
    };
    return html("div", { class: "contributions" }, ...shown.map(s => {
      const look = () => this.look(s);
      return html("div", { class: "contribution", tabindex: s.index < 0 ? null : 0, "data-unit": s.name, "aria-label": `${s.name} ${signed(s.after)}`, on: s.index < 0 ? {} : { mouseenter: look, focus: look, click: look, mouseleave: () => this.look() } },
        html("span", { class: "name" }, s.index < 0 ? s.name : link("unit/" + s.name, s.name)), html("span", { class: "track" }, bar(s.after, "first"), adapted ? bar(s.before, "second") : null), html("span", { class: "value" }, signed(s.after)), words ? html("span", { class: "say faint" }, s.words) : null);
    }));
  }

  /** Shows the map of a unit, or without one what was asked for. */
  look(of) {
    for (const b of this.modes.querySelectorAll("button")) b.setAttribute("aria-pressed", String(!of && b.getAttribute("data-mode") === this.wanted));
    const text = this.wanted === "text" ? this.asked : null, m = text ? text.unpacked ||= unpack(text.map) : this.map, p = this.p;
    if (!m) { this.over.show(null, null, p.map === undefined ? "" : live ? "The map is being made …" : ""); return; }
    if (of && text) {
      const values = m.unit(of.index);
      this.over.show(m, values, values ? `${of.name} in the ${text.what}: ${signed(values.reduce((s, v) => s + v, 0))} on patches.` : `${of.name} belongs to no patch: it writes at the class token.`);
    } else if (text) {
      const values = m.after();
      this.over.show(m, values, `The ${text.what}${data.adapters.length ? ", with the adapter" : ""}: ${signed(text.total)}, of it ${signed(values.reduce((s, v) => s + v, 0))} on patches. Orange speaks for the text, blue against it.`);
    } else if (of) {
      const values = m.unit(of.index);
      this.over.show(m, values, values ? `${of.name}: ${signed(values.reduce((s, v) => s + v, 0))} on patches, ${signed(of.after)} in all` : `${of.name} belongs to no patch: it writes at the class token.`);
    } else {
      const before = this.wanted === "before", values = before ? m.before() : m.after(), elsewhere = before ? p.map.elsewhere_before : p.map.elsewhere;
      this.over.show(m, values, `All units${data.adapters.length ? before ? ", without the adapter" : ", with the adapter" : ""}: ${signed(values.reduce((s, v) => s + v, 0))} on patches, ${signed(elsewhere)} on other tokens and constants. Orange speaks for the answer, blue against it.`);
    }
  }
}
