// The drawing of a graph: subjects in the outline of their type, links with what links them, what fits of their names.

const SVG = "http://www.w3.org/2000/svg";
export function make(name, attributes, text) {
  const one = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  if (text !== undefined) one.textContent = text;
  return one;
}

const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** Draw a canvas into a place; returns the drawing. Each node gets its `shape`, each edge its `line` and `text`. */
export function draw(canvas, place, label, view) {
  const svg = make("svg", { viewBox: view.join(" "), role: "group", "aria-label": label });
  const defs = make("defs", {});
  const head = make("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 22, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" });
  head.append(make("path", { d: "M0 0 8 4 0 8z", class: "arrow", fill: "context-stroke" }));
  defs.append(head);
  svg.append(defs);
  for (const edge of canvas.edges) svg.append(...link(edge, canvas));
  for (const node of canvas.nodes.values()) svg.append(subject(node));
  for (const edge of canvas.edges) move(edge, canvas);
  place.replaceChildren(svg);
  return svg;
}

function link(edge, canvas) {
  const kind = `edge${edge.apart ? " apart" : ""}${edge.fresh ? " new" : ""}${edge.weak ? " weak" : ""}`;
  edge.line = make("line", { class: kind, "data-one": edge.one, "data-other": edge.other });
  if (edge.to === edge.other) edge.line.setAttribute("marker-end", "url(#arrow)");
  if (edge.to === edge.one) edge.line.setAttribute("marker-start", "url(#arrow)");
  const [one, other] = [canvas.nodes.get(edge.one), canvas.nodes.get(edge.other)];
  edge.line.append(make("title", {}, `${one.title} – ${other.title}: ${edge.word}`));
  edge.text = make("text", { class: "edge-word", "text-anchor": "middle", "aria-hidden": "true" }, cut(edge.word, 34));
  return [edge.line, edge.text];
}

/** Put a link where its ends are. */
export function move(edge, canvas) {
  const [one, other] = [canvas.nodes.get(edge.one), canvas.nodes.get(edge.other)];
  const at = { x1: one.x, y1: one.y, x2: other.x, y2: other.y };
  for (const [key, value] of Object.entries(at)) edge.line.setAttribute(key, value);
  put(edge, ...along(edge, canvas, PLACES[0]));
}

function subject(node) {
  const kinds = ["node", `t-${node.type}`, ...["hub", "opened", "chosen"].filter((one) => node[one])];
  const shape = make("g", { class: kinds.join(" "), tabindex: 0, role: "button", "data-key": node.key, "aria-label": node.label, "aria-pressed": Boolean(node.chosen) });
  shape.append(make("use", { href: `#o-${node.type}`, class: "outline" }));
  shape.append(make("use", { href: `#g-${node.type}`, x: -8, y: -8, width: 16, height: 16 }));
  shape.append(make("text", { y: 30, "text-anchor": "middle", class: "name" }, cut(node.title, 26)));
  if (node.more > 0 && !node.opened) shape.append(make("text", { x: 15, y: -10, class: "more" }, `+${node.more}`));
  if (node.pinned) shape.append(make("circle", { class: "pinned", cx: -13, cy: -13, r: 3.5 }));
  shape.append(make("title", {}, `${node.title} (${node.key})`));
  node.shape = shape;
  stand(node);
  return shape;
}

/** Put a subject where it stands. */
export function stand(node) {
  node.shape.setAttribute("transform", `translate(${node.x} ${node.y})`);
}

/** Hide what would lie on another: names of what was opened go first, then other names, then words on links. */
export function name(canvas) {
  const boxes = [...canvas.nodes.values()].map(({ x, y }) => [x - 14, y - 14, x + 14, y + 14]);
  const free = (box) => boxes.every(([x1, y1, x2, y2]) => box[0] > x2 || box[2] < x1 || box[1] > y2 || box[3] < y1);
  const take = (box) => free(box) && boxes.push(box);
  const order = [...canvas.nodes.values()].sort((a, b) => Boolean(b.opened) - Boolean(a.opened) || b.more - a.more || a.y - b.y);
  for (const node of order) {
    const wide = Math.min(node.title.length, 26) * 3.4;
    node.shape.querySelector(".name").classList.toggle("quiet", !take([node.x - wide, node.y + 18, node.x + wide, node.y + 33]));
  }
  const strong = [...canvas.edges].sort((a, b) => Boolean(a.weak) - Boolean(b.weak));
  for (const edge of strong) {
    const wide = Math.min(edge.word.length, 34) * 2.8;
    edge.quiet = !PLACES.some((at) => {
      const [x, y] = along(edge, canvas, at);
      if (edge.weak || !take([x - wide, y - 9, x + wide, y + 3])) return false;
      put(edge, x, y);
      return true;
    });
    edge.text.classList.toggle("quiet", edge.quiet);
  }
}

const PLACES = [0.5, 0.38, 0.62, 0.28, 0.72];

function along(edge, canvas, at) {
  const [one, other] = [canvas.nodes.get(edge.one), canvas.nodes.get(edge.other)];
  return [one.x + at * (other.x - one.x), one.y + at * (other.y - one.y) - 3];
}

function put(edge, x, y) {
  edge.text.setAttribute("x", x);
  edge.text.setAttribute("y", y);
}

/** The drawing as a picture that stands alone: what the style sheets say is written into it, with its marking. */
export function picture(svg, { title, marking }) {
  const [x, y, wide, tall] = svg.getAttribute("viewBox").split(" ").map(Number);
  const alone = svg.cloneNode(true);
  const SAID = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "opacity", "display", "color", "paint-order"];
  const [was, is] = [svg, alone].map((one) => [...one.querySelectorAll("*")]);
  was.forEach((one, i) => {
    const style = getComputedStyle(one);
    for (const name_ of SAID) is[i].setAttribute(name_, style.getPropertyValue(name_));
    if (one.localName === "text") is[i].setAttribute("font-family", "sans-serif");
  });
  for (const one of document.querySelectorAll(".sprite > *")) alone.querySelector("defs").append(one.cloneNode(true));
  const colour = (name_) => getComputedStyle(document.documentElement).getPropertyValue(name_);
  const line = (text, at) => make("text", { x: x + wide / 2, y: at, "text-anchor": "middle", "font-family": "sans-serif", "font-size": 15, fill: colour("--text") }, text);
  alone.setAttribute("xmlns", SVG);
  alone.setAttribute("viewBox", `${x} ${y - 30} ${wide} ${tall + 60}`);
  alone.setAttribute("width", wide);
  alone.setAttribute("height", tall + 60);
  alone.prepend(make("rect", { x, y: y - 30, width: wide, height: tall + 60, fill: colour("--ground") }));
  alone.append(line(marking, y - 10), line(title, y + tall + 18));
  return new XMLSerializer().serializeToString(alone);
}
