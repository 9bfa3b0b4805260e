/** All images in two dimensions. The element is made once: it keeps its view while other pages are looked at. */
let mapped = null;
function imageMap() {
  const m = data.map, page = html("div", {}, html("h2", {}, "Map"));
  const places = new Map(data.image_rows.map((row, k) => [row, k]));
  if (!mapped || mapped.of !== m) mapped = { of: m, box: embeddingMap(m, {
    thumbnail: (row, name) => data.thumbnails[name] || (places.has(row) ? data.images[places.get(row)].seen : null) || (live ? live.thumbnail(row) : null),
    open: row => places.has(row) ? "#image/" + places.get(row) : null,
  }) };
  const told = m.training ? `${m.images - m.training} validation images and ${m.training} training images` + (adapted() ? ", on which the adapter was fitted: its predictions there are better than elsewhere" : data.model.has_text ? "" : ", whose means are the classes: predictions there are better than elsewhere") : `The ${m.images} validation images; training images are here too once their trace is kept`;
  page.append(note(`${told}.` + (m.left_out ? ` ${m.left_out} more are left out.` : "") + ` Places are those of the unadapted model's embeddings; predictions and doubt (1 less the probability of the label) are those of ${adapted() ? data.adapters[0].file : "the model"}. Nearest neighbours: images that lie together are alike, and distances between groups mean little. Principal components: the two directions in which the embeddings vary the most.`
    + (live ? "" : " Images that are on other pages of this file are shown here; residual explore shows all.")), html("section", { class: "card" }, mapped.box));
  return page;
}
