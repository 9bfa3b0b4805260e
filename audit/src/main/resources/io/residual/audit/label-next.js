"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const main = document.getElementById("main");
const el = (name, attributes, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  node.append(...children);
  return node;
};
const percent = x => (100 * x).toFixed(0) + " %";
const shown = data.next.slice(0, data.thumbnails.length);
main.append(el("section", {}, el("h2", {}, `${data.next.length} of ${data.images} images, in the order in which to label them`),
  el("p", { class: "note" }, "An image stands for those that it resembles more than any that has a label or stands before it. Doubt: 1 less the difference of its two likeliest classes."
    + (shown.length < data.next.length ? ` The first ${shown.length} are shown; --table and --json list all.` : "")),
  el("ul", {}, ...[...data.sentences, ...data.notes].map(s => el("li", {}, s))),
  el("div", { class: "row top" }, ...shown.map((p, i) => el("figure", { title: p.file }, data.thumbnails[i] ? el("img", { src: data.thumbnails[i], alt: p.file, loading: "lazy" }) : "",
    el("figcaption", {}, el("strong", {}, `${i + 1}. `), p.file.split(/[\\/]/).slice(-1)[0], el("br"), `stands for ${p.stands_for}`,
      ...(p.first === undefined ? [] : [el("br"), `${p.first} ${percent(p.first_probability)}` + (p.second === undefined ? "" : `, ${p.second} ${percent(p.second_probability)}`)])))))));
