const main = document.getElementById("main"), bar = html("progress", { max: 1 }), step = html("p", { role: "status" }, "Starting");
main.replaceChildren(html("h2", {}, "Preparing"), step, bar, html("p", { class: "note" }, "The page opens by itself as soon as there is something to see."));
document.title = "Residual: preparing";
async function look() {
  try {
    const at = await (await fetch("/api/progress")).json();
    if (at.ready) { location.reload(); return; }
    step.textContent = at.step + (at.total > 0 ? ": " + at.done + " of " + at.total : "");
    if (at.total > 0) { bar.max = at.total; bar.value = at.done; } else bar.removeAttribute("value");
  } catch { step.textContent = "The server does not answer; its terminal says why."; }
  setTimeout(look, 500);
}
look();
