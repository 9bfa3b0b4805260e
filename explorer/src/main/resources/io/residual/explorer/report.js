const PAGES = [["overview", "Overview", overview], ["heads", "Heads", heads], ["compare", "Compare", compare], ["image", "An image", images], ["map", "Map", imageMap], ["training", "Training", training], ...(live ? [["bench", "Bench", () => live.bench()]] : []), ["provenance", "Provenance", provenance]];
/** Heads whose pages are printed: those that change accuracy most. */
const PRINTED = 4, PRINTED_IMAGES = 6;

function show() {
  const [name, ...rest] = decodeURIComponent(location.hash.slice(1) || "overview").split("/");
  const page = PAGES.find(p => p[0] === name);
  if (live) live.forget();
  for (const a of document.querySelectorAll("nav a")) a.setAttribute("aria-current", a.hash === "#" + (name === "unit" ? "heads" : name) ? "page" : "false");
  main.replaceChildren(name === "unit" ? unit(rest.join("/")) : page ? page[2](rest.join("/")) : overview());
}

/** Everything as one document: all pages, the heads that matter most, the first decisions. */
function all() {
  const most = HEADS.slice().sort((x, y) => Math.abs(y.without || 0) - Math.abs(x.without || 0)).slice(0, data.pending ? 0 : PRINTED);
  const decisions = data.images.slice(0, PRINTED_IMAGES).map((p, i) => { const page = images(String(i)); page.querySelector("h2").textContent = "An image: " + p.image; return page; });
  const sections = [overview(), ...decisions, heads(""), ...most.map(u => unit(u.unit)), compare(""), training(), provenance()];
  return html("div", { class: "document" }, ...sections, note(`Printed: ${decisions.length} of ${data.images.length} decisions and the ${most.length} heads of ${HEADS.length} that change accuracy most; the page itself has all.`));
}
addEventListener("beforeprint", () => {
  if (printing) return;
  printing = true;
  main.replaceChildren(all());
  for (const d of main.querySelectorAll("details")) d.open = true;
  for (const i of main.querySelectorAll("img")) i.loading = "eager";
});
addEventListener("afterprint", () => { printing = false; show(); });

document.querySelector("nav").append(...PAGES.map(p => html("a", { href: "#" + p[0] }, p[1])));
if (live) document.querySelector("header").append(live.status());
document.title = "Residual: " + data.model.name + ", " + data.data.name;
addEventListener("hashchange", () => { show(); main.focus({ preventScroll: true }); scrollTo(0, 0); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (!printing) show(); });
show();
