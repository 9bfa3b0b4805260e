/** What the served page can do beyond the file: ask the server, which holds the adapter that is being edited. */
const live = (() => {
  let state = null, followers = [], showing = null, own = null, refresh = [];
  const status = html("p", { class: "status", role: "status" });
  async function ask(path, body) {
    const answer = await fetch("/api/" + path, body === undefined ? {} : body instanceof Blob ? { method: "POST", body } : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }).catch(() => { throw new Error("the server does not answer; its terminal says why"); });
    const json = await answer.json().catch(() => ({ error: "the server gave no answer" }));
    if (!answer.ok) throw new Error(json.error);
    return json;
  }
  /** A place for errors beside the controls they are about. */
  function place() {
    const box = html("p", { class: "error", role: "alert" });
    return { box, fail: e => { box.textContent = e.message; }, clear: () => { box.textContent = ""; } };
  }
  const general = place();
  function took(next) {
    state = next;
    status.replaceChildren("Validation ", html("strong", {}, percent(state.accuracy)), ` (as learned ${percent(state.start)}); ${state.changed} λ changed; ${state.milliseconds.toFixed(1)} ms`, general.box);
    for (const f of followers) f(state);
    redraw();
  }
  /** Sends the latest of many quick changes; one request at a time. */
  function sender(path, where) {
    let waiting = null, busy = false;
    return async function send(body) {
      waiting = body;
      if (busy) return;
      busy = true;
      try { while (waiting) { const next = waiting; waiting = null; took(await ask(path, next)); where.clear(); } } catch (e) { where.fail(e); } finally { busy = false; }
    };
  }
  let drawing = false, again = false, mapping = 0;
  async function redraw() {
    if (!showing) return;
    if (drawing) { again = true; return; }
    drawing = true;
    try {
      do {
        again = false;
        const at = showing;
        if (!at) break;
        const from = own ? "own/" + own.number : "image/" + at.index, p = await ask(from);
        if (own) p.thumbnail = own.thumbnail;
        if (showing === at) { at.draw(p); maps(at, from); }
      } while (again);
    } catch (e) { imageErrors.fail(e); } finally { drawing = false; }
  }
  /** Maps need a pass of the tower: they follow when the controls rest. */
  function maps(at, from) {
    clearTimeout(mapping);
    mapping = setTimeout(async () => { try { const answer = await ask(from + "/map"); if (showing === at && answer.map) { at.mapped(answer); imageErrors.clear(); } } catch (e) { imageErrors.fail(e); } }, 250);
  }
  function slider(label, least, most, step, value, change) {
    const out = html("output", {}, fixed(value, 2));
    const input = html("input", { type: "range", min: least, max: most, step, value, "aria-label": label, on: { input: e => { out.textContent = fixed(Number(e.target.value), 2); change(Number(e.target.value)); } } });
    const set = v => { input.value = v; out.textContent = fixed(v, 2); };
    return { set, row: html("div", { class: "slider" }, html("span", {}, label), input, out) };
  }
  const pictures = new Map();
  async function fetched(row, img) {
    if (!pictures.has(row)) pictures.set(row, ask("thumbnail/" + row).then(a => a.thumbnail));
    try { const src = await pictures.get(row); if (src) img.src = src; } catch { pictures.delete(row); }
  }
  /** The effect of what was changed, where it is changed: accuracy, and the images whose decision flipped. */
  function effect(where) {
    const box = html("div", { class: "effect" }), undo = html("button", { on: { click: async () => { try { took(await ask("undo", {})); where.clear(); refresh.forEach(f => f()); } catch (e) { where.fail(e); } } } }, "Undo");
    const update = s => {
      undo.disabled = s.undoable === 0;
      box.replaceChildren(html("p", { class: "big" }, percent(s.accuracy), html("span", { class: s.accuracy === s.start ? "faint" : s.accuracy > s.start ? "good" : "bad" }, s.accuracy === s.start ? " unchanged" : " " + points(s.accuracy - s.start))), html("p", { class: "faint" }, `validation accuracy; as learned ${percent(s.start)}`),
        html("p", {}, html("b", { class: "bad" }, String(s.broken)), " newly wrong, ", html("b", { class: "good" }, String(s.corrected)), " newly right"), where.box, undo,
        html("div", { class: "flips" }, ...s.flips.map(f => { const img = html("img", { alt: f.image }); fetched(f.row, img); return html("figure", { class: f.now === f.label ? "right" : "wrong", "data-row": f.row }, img, html("figcaption", {}, html("span", { class: "faint" }, short(classes[f.learned]) + " → "), html("b", { class: f.now === f.label ? "good" : "bad" }, short(classes[f.now])))); })));
    };
    followers.push(update);
    if (state) update(state);
    return box;
  }
  function unit(u) {
    const where = place(), turn = sender("turn", where), scale = sender("scale", where);
    const rows = html("div", {}), card = html("section", { class: "card" }, html("h3", {}, "Scale components"), note("λ of the components with most variance, and a factor for all of the unit's."), html("div", { class: "controls" }, rows, effect(where)));
    const fill = () => ask("unit/" + u.unit).then(now => {
      const each = [], whole = slider("all ×", 0, 2, .01, 1, v => { scale({ unit: u.unit, factor: v }); each.forEach(([k, s]) => s.set(now.learned[k] * v)); });
      for (const k of u.order.filter(k => k < now.lambda.length)) { const value = now.lambda[k], s = slider("#" + k, Math.min(-2, 2 * Math.min(value, now.learned[k])), Math.max(4, 2 * Math.max(value, now.learned[k])), .01, value, v => turn({ unit: u.unit, component: k, value: v })); each.push([k, s]); }
      rows.replaceChildren(whole.row, ...each.map(([, s]) => s.row));
    }).catch(where.fail);
    refresh.push(fill);
    fill();
    return card;
  }
  /** Switches a unit off inside the forward pass. */
  function switcher(u) {
    const where = place(), out = html("div", {}), busy = html("p", { role: "status" });
    const off = async value => {
      out.replaceChildren();
      where.clear();
      if (value === "on") { busy.textContent = ""; return; }
      busy.textContent = "Running the model without it …";
      try {
        const r = await ask("switch", { unit: u.unit, with: value }), line = (name, m, text) => [name, `${m.right} of ${r.images}`, percent(m.accuracy_low) + " – " + percent(m.accuracy_high), signed(m.label_logit), percent(m.moved), text];
        out.replaceChildren(table(["", "right", "95 % interval", "logit of the true class", "embedding moves by", "what it means"], [line("on", r.plain, "the model with λ as they are now"), line("direct effect", r.direct, "later layers held as they were"), line("total effect", r.total, "later layers computed anew")]),
          note(`Measured on ${r.images} validation images, at every token. The logit is the true class's less the mean of the others'. residual intervene measures all units on all images.`));
      } catch (e) { where.fail(e); }
      busy.textContent = "";
    };
    return html("section", { class: "card" }, html("h3", {}, "Switch it off"), note("What the answers lose when this unit is taken out inside the forward pass."),
      html("div", { class: "row", id: "switch" }, ...[["on", "on"], ["mean", "off (its mean)"], ["zero", "off (zero)"]].map(([value, text]) => html("label", {}, html("input", { type: "radio", name: "switch", value, checked: value === "on" ? "" : null, on: { change: () => off(value) } }), " " + text))), busy, where.box, out);
  }
  function thumbnail(file) {
    return new Promise(resolve => { const reader = new FileReader(); reader.onload = () => resolve(reader.result); reader.onerror = () => resolve(null); reader.readAsDataURL(file); });
  }
  const imageErrors = place();
  async function take(file) {
    imageErrors.clear();
    try {
      const p = await ask("upload?name=" + encodeURIComponent(file.name), file);
      own = { number: p.own, thumbnail: await thumbnail(file) };
      for (const t of document.querySelectorAll(".thumb")) t.setAttribute("aria-pressed", "false");
      redraw();
    } catch (e) { imageErrors.fail(e); }
  }
  function drop() {
    const input = html("input", { type: "file", accept: "image/*", id: "own", on: { change: e => { if (e.target.files[0]) take(e.target.files[0]); } } });
    const box = html("div", { class: "drop row", on: {
      dragover: e => { e.preventDefault(); box.classList.add("over"); }, dragleave: () => box.classList.remove("over"),
      drop: e => { e.preventDefault(); box.classList.remove("over"); if (e.dataTransfer.files[0]) take(e.dataTransfer.files[0]); } } },
      html("label", { for: "own" }, "Drop an image of your own here, or choose a file"), input, imageErrors.box);
    return box;
  }
  /** Where is what a text names? A box that asks for its map in the image that is shown. */
  function whereIs(took) {
    const where = place(), busy = html("span", { role: "status", class: "faint" });
    const text = html("input", { id: "whereis", placeholder: "a red circle", size: 16 }), against = html("input", { id: "notwhere", placeholder: "a blue cross", size: 16 });
    const send = async e => {
      e.preventDefault();
      where.clear();
      const at = showing, from = own ? "own/" + own.number : "image/" + at.index;
      if (!text.value.trim()) { took(null); return; }
      busy.textContent = "The map is being made …";
      try {
        const answer = await ask(from + "/where", { text: text.value.trim(), ...(against.value.trim() ? { against: against.value.trim() } : {}) });
        if (showing === at) took(answer);
      } catch (e) { where.fail(e); }
      busy.textContent = "";
    };
    return html("form", { class: "row whereis", on: { submit: send } }, html("label", { for: "whereis" }, "Where is"), text, html("label", { for: "notwhere" }, "rather than"), against, html("button", { type: "submit" }, "Show"), busy, where.box);
  }
  function bench() {
    const all = place(), some = place(), saving = place(), interpolation = sender("interpolation", all);
    const t = slider("t", 0, 1.5, .01, 1, v => interpolation({ value: v }));
    const matrix = html("div", {}), silenced = html("div", {}), saved = html("p", { role: "status" });
    const text = html("input", { id: "text", placeholder: "water in the background", size: 28 }), count = html("input", { id: "count", type: "number", min: 1, value: 10, size: 5 });
    const name = html("input", { id: "name", placeholder: "edited", size: 24 });
    const suppress = async () => {
      some.clear();
      try {
        const before = state.accuracy, answer = await ask("suppress", { text: text.value, count: Number(count.value) });
        took(answer);
        silenced.replaceChildren(html("p", {}, `Accuracy ${percent(before)} before, ${percent(answer.accuracy)} now. Suppressed components:`), table(["component", "share of the variance along the text"], answer.silenced.map(s => [html("span", {}, link("unit/" + s.unit, s.unit), " #" + s.component), percent(s.share)])));
      } catch (e) { some.fail(e); }
    };
    const save = async () => { saving.clear(); saved.textContent = ""; try { saved.textContent = "Saved: " + (await ask("save", { name: name.value })).saved; } catch (e) { saving.fail(e); } };
    const update = s => matrix.replaceChildren(confusion(s));
    followers.push(update);
    if (state) update(state);
    return html("div", {}, html("h2", {}, "Bench"), html("div", { class: "controls" }, html("div", {},
      html("section", { class: "card" }, html("h3", {}, "All λ"), note("Interpolation λ = 1 + t (λ learned − 1): " + (data.adapters[0] && data.adapters[0].method === "residual-gda" ? "at t = 0 all λ are 1, and the class weights beside the prompts stay as they were learned" : "t = 0 is the unadapted model") + "; t = 1 is the adapter. Moving it discards single changes; undo brings them back."), t.row, html("button", { on: { click: () => { t.set(1); interpolation({ value: 1 }); } } }, "Reset to the learned weights")),
      data.model.has_text ? html("section", { class: "card" }, html("h3", {}, "Suppress an attribute"), note("Sets λ = 0 for the components with most variance along the direction of a text, and shows the change in accuracy."), html("div", { class: "row" }, html("label", { for: "text" }, "text"), text, html("label", { for: "count" }, "components"), count, html("button", { on: { click: suppress } }, "Suppress")), some.box, silenced) : null,
      html("section", { class: "card" }, html("h3", {}, "Save adapter"), note("Saves the edited adapter under a new name, calibrated again on validation. It counts as untested."), html("div", { class: "row" }, html("label", { for: "name" }, "name"), name, html("button", { on: { click: save } }, "Save")), saving.box, saved)),
      html("section", { class: "card" }, html("h3", {}, "Effect"), effect(all))),
      html("section", { class: "card" }, html("h3", {}, "Confusion matrix"), matrix));
  }
  async function start() {
    try { took(await ask("state")); general.clear(); } catch (e) { status.replaceChildren(general.box); general.fail(e); setTimeout(start, 1000); return; }
    while (data.pending) {
      await new Promise(done => setTimeout(done, 700));
      try {
        if ((await ask("progress")).complete) { adopt(await ask("data")); show(); }
      } catch (e) { general.fail(e); }
    }
  }
  addEventListener("DOMContentLoaded", () => setTimeout(start));
  return {
    get own() { return own; }, set own(value) { own = value; },
    unit, switcher, drop, bench, whereIs,
    thumbnail: async row => (await ask("thumbnail/" + row)).thumbnail,
    status: () => status,
    forget: () => { followers = []; refresh = []; showing = null; clearTimeout(mapping); },
    follow: (index, draw, mapped) => { showing = { index, draw, mapped }; redraw(); },
  };
})();
