const PAGES = [["overview", "Overview", overview], ["heads", "Heads", heads], ["compare", "Compare", compare], ["image", "An image", images], ["map", "Map", imageMap], ["training", "Training", training], ...(live ? [["bench", "Bench", () => live.bench()]] : []), ["provenance", "Provenance", provenance]];
/** Heads whose pages are printed: those that change accuracy most, of those whose change can be told from zero. */
const PRINTED = 4, PRINTED_IMAGES = 6;

function show() {
  const [name, ...rest] = decodeURIComponent(location.hash.slice(1) || "overview").split("/");
  const page = PAGES.find(p => p[0] === name);
  if (live) live.forget();
  for (const a of document.querySelectorAll("nav a")) a.setAttribute("aria-current", a.hash === "#" + (name === "unit" ? "heads" : name) ? "page" : "false");
  if (data.loading && page !== PAGES[0]) main.replaceChildren(html("p", { role: "status" }, "Loading …"));
  else main.replaceChildren(name === "unit" ? unit(rest.join("/")) : page ? page[2](rest.join("/")) : overview());
}

/** Everything as one document: all pages, the heads that matter most, the first decisions. */
function all() {
  const most = HEADS.filter(u => u.without_told).sort((x, y) => Math.abs(y.without || 0) - Math.abs(x.without || 0)).slice(0, data.pending ? 0 : PRINTED);
  const decisions = data.images.slice(0, PRINTED_IMAGES).map((p, i) => { const page = images(String(i)); page.querySelector("h2").textContent = "An image: " + p.image; return page; });
  const sections = [overview(), ...decisions, heads(""), ...most.map(u => unit(u.unit)), compare(""), training(), provenance()];
  return html("div", { class: "document" }, ...sections, note(`Printed: ${decisions.length} of ${data.images.length} decisions and ${most.length ? `the ${most.length === 1 ? "head" : most.length + " heads"} of ${HEADS.length} that change${most.length === 1 ? "s" : ""} accuracy most and can be told from zero` : `none of ${HEADS.length} heads, as no change can be told from zero on these ${data.data.images} images`}; the page itself has all.`));
}
addEventListener("beforeprint", () => {
  if (printing) return;
  whole();
  printing = true;
  main.replaceChildren(all());
  for (const d of main.querySelectorAll("details")) d.open = true;
  for (const i of main.querySelectorAll("img")) i.loading = "eager";
});
addEventListener("afterprint", () => { printing = false; show(); });

document.querySelector("nav").append(...PAGES.map(p => html("a", { href: "#" + p[0] }, p[1])));
if (live) document.querySelector("header").append(live.status());
addEventListener("hashchange", () => { if (!data) return; show(); main.focus({ preventScroll: true }); scrollTo(0, 0); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (data && !printing) show(); });
function begin() {
  document.title = "Residual: " + data.model.name + ", " + data.data.name;
  show();
}
/** Takes the data that stand after this script, once they are there. */
function whole() {
  const block = document.getElementById("data"), before = data;
  if (!block || before && !before.loading) return;
  adopt(JSON.parse(block.textContent));
  if (!before) begin();
  else if (!/^(#overview.*)?$/.test(location.hash)) show();
}
addEventListener("DOMContentLoaded", whole);
if (data) begin();
