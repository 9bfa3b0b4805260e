/** What the served page can do beyond the file: ask the server, which holds the adapter that is being edited. */
const live = (() => {
  let state = null, followers = [], showing = null, own = null;
  const status = html("p", { class: "status", role: "status" });
  async function ask(path, body) {
    const answer = await fetch("/api/" + path, body === undefined ? {} : body instanceof Blob ? { method: "POST", body } : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const json = await answer.json().catch(() => ({ error: "the server gave no answer" }));
    if (!answer.ok) throw new Error(json.error);
    return json;
  }
  function took(next) {
    if (state === null && next.start === undefined) next.start = next.accuracy;
    state = { ...next, start: state === null ? next.accuracy : state.start };
    status.replaceChildren("Validation now ", html("strong", {}, percent(state.accuracy)), ` (at the start ${percent(state.start)}); ${state.changed} λ changed; ${state.milliseconds.toFixed(1)} ms`);
    for (const f of followers) f(state);
    redraw();
  }
  function fail(error) { status.replaceChildren(html("span", { class: "error" }, error.message)); }
  /** Sends the latest of many quick changes; one request at a time. */
  function sender(path) {
    let waiting = null, busy = false;
    return async function send(body) {
      waiting = body;
      if (busy) return;
      busy = true;
      try { while (waiting) { const next = waiting; waiting = null; took(await ask(path, next)); } } catch (e) { fail(e); } finally { busy = false; }
    };
  }
  const turn = sender("turn"), scale = sender("scale"), interpolation = sender("interpolation");
  let drawing = false, again = false;
  async function redraw() {
    if (!showing) return;
    if (drawing) { again = true; return; }
    drawing = true;
    try {
      do {
        again = false;
        const at = showing;
        if (!at) break;
        const p = await ask(own ? "own/" + own.number : "image/" + at.index);
        if (own) p.thumbnail = own.thumbnail;
        if (showing === at) at.draw(p);
      } while (again);
    } catch (e) { fail(e); } finally { drawing = false; }
  }
  function slider(label, least, most, step, value, change) {
    const out = html("output", {}, fixed(value, 2));
    const input = html("input", { type: "range", min: least, max: most, step, value, "aria-label": label, on: { input: e => { out.textContent = fixed(Number(e.target.value), 2); change(Number(e.target.value)); } } });
    const set = v => { input.value = v; out.textContent = fixed(v, 2); };
    return { set, row: html("div", { class: "slider" }, html("span", {}, label), input, out) };
  }
  function unit(u) {
    const card = html("section", { class: "card" }, html("h3", {}, "Scale components"), note("λ of the leading components, and a factor for all of them. The header shows the validation accuracy."));
    ask("unit/" + u.unit).then(now => {
      const rows = [];
      const whole = slider("all ×", 0, 2, .01, 1, v => { scale({ unit: u.unit, factor: v }); now.learned.slice(0, rows.length).forEach((l, k) => rows[k].set(l * v)); });
      card.append(whole.row);
      now.lambda.slice(0, u.lambda.length).forEach((value, k) => { const s = slider("#" + k, Math.min(-2, 2 * Math.min(value, now.learned[k])), Math.max(4, 2 * Math.max(value, now.learned[k])), .01, value, v => turn({ unit: u.unit, component: k, value: v })); rows.push(s); card.append(s.row); });
    }).catch(fail);
    return card;
  }
  function thumbnail(file) {
    return new Promise(resolve => { const reader = new FileReader(); reader.onload = () => resolve(reader.result); reader.onerror = () => resolve(null); reader.readAsDataURL(file); });
  }
  async function take(file) {
    try {
      const p = await ask("upload?name=" + encodeURIComponent(file.name), file);
      own = { number: p.own, thumbnail: await thumbnail(file) };
      redraw();
    } catch (e) { fail(e); }
  }
  function drop() {
    const input = html("input", { type: "file", accept: "image/*", id: "own", on: { change: e => { if (e.target.files[0]) take(e.target.files[0]); } } });
    const box = html("div", { class: "drop row", on: {
      dragover: e => { e.preventDefault(); box.classList.add("over"); }, dragleave: () => box.classList.remove("over"),
      drop: e => { e.preventDefault(); box.classList.remove("over"); if (e.dataTransfer.files[0]) take(e.dataTransfer.files[0]); } } },
      html("label", { for: "own" }, "Drop an image of your own here, or choose a file"), input);
    return box;
  }
  function bench() {
    const place = slider("interpolation", 0, 1.5, .01, 1, v => interpolation({ value: v }));
    const matrix = html("div", {}), silenced = html("div", {}), saved = html("p", { role: "status" });
    const text = html("input", { id: "text", placeholder: "water in the background", size: 32 }), count = html("input", { id: "count", type: "number", min: 1, value: 10, size: 5 });
    const name = html("input", { id: "name", placeholder: "edited", size: 24 });
    const suppress = async () => {
      try {
        const before = state.accuracy, answer = await ask("suppress", { text: text.value, count: Number(count.value) });
        took(answer);
        silenced.replaceChildren(html("p", {}, `Accuracy ${percent(before)} before, ${percent(answer.accuracy)} now. Suppressed components:`), table(["component", "share of the variance along the text"], answer.silenced.map(s => [html("span", {}, link("unit/" + s.unit, s.unit), " #" + s.component), percent(s.share)])));
      } catch (e) { fail(e); }
    };
    const save = async () => { try { saved.textContent = "Saved: " + (await ask("save", { name: name.value })).saved; } catch (e) { saved.replaceChildren(html("span", { class: "error" }, e.message)); } };
    const update = s => matrix.replaceChildren(confusion(s));
    followers.push(update);
    if (state) update(state);
    return html("div", {}, html("h2", {}, "Bench"),
      html("section", { class: "card" }, html("h3", {}, "All λ"), note("Interpolation λ = 1 + t (λ learned − 1): t = 0 is the unadapted model, t = 1 the adapter. Moving it discards single changes."), place.row, html("button", { on: { click: () => { place.set(1); interpolation({ value: 1 }); } } }, "Reset to the learned weights")),
      html("section", { class: "card" }, html("h3", {}, "Suppress an attribute"), note("Sets λ = 0 for the components with most variance along the direction of a text, and shows the change in accuracy."), html("div", { class: "row" }, html("label", { for: "text" }, "text"), text, html("label", { for: "count" }, "components"), count, html("button", { on: { click: suppress } }, "Suppress")), silenced),
      html("section", { class: "card" }, html("h3", {}, "Save adapter"), note("Saves the edited adapter under a new name, calibrated again on validation. It counts as untested."), html("div", { class: "row" }, html("label", { for: "name" }, "name"), name, html("button", { on: { click: save } }, "Save")), saved),
      html("section", { class: "card" }, html("h3", {}, "Confusion matrix"), matrix));
  }
  setTimeout(() => ask("state").then(took).catch(fail));
  return {
    get own() { return own; }, set own(value) { own = value; },
    unit, drop, bench,
    status: () => status,
    forget: () => { followers = []; showing = null; },
    follow: (index, draw) => { showing = { index, draw }; redraw(); },
  };
})();
