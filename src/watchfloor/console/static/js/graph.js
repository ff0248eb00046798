// The graph as a drawing: opened subject by subject, by mouse and by keyboard. The table says the same in words.
import { arrange } from "./graph-layout.js";

const SVG = "http://www.w3.org/2000/svg";
const TALL = 560;
const place = document.getElementById("graph");
const WIDE = Math.min(1000, place?.clientWidth ?? 1000); // no wider than it is drawn: letters keep their size
const nodes = new Map();
const edges = new Map();

function make(name, attributes, text) {
  const one = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  if (text !== undefined) one.textContent = text;
  return one;
}

function add(key, called, hub, near) {
  if (!nodes.has(key)) nodes.set(key, { key, called, hub, near, opened: false });
  return nodes.get(key);
}

function tie(one, other, apart) {
  const key = [one, other].sort().join("\n");
  if (!edges.has(key)) edges.set(key, { one, other, apart });
}

function read(table) {
  for (const row of table.querySelectorAll("tbody tr")) {
    const { one, other, called, aboutCalled, isHub, isApart } = row.dataset;
    add(one, aboutCalled, false).opened = true;
    add(other, called, isHub === "1", nodes.get(one));
    tie(one, other, isApart === "1");
  }
}

function short(node) {
  const name = node.called || node.key.split(":").slice(2).join(":");
  return name.length > 26 ? `${name.slice(0, 25)}…` : name;
}

function draw(focused) {
  const all = [...nodes.values()];
  Object.assign(nodes.get(place.dataset.about), { x: WIDE / 2, y: TALL / 2, fixed: true });
  const at = new Map(all.map((node, i) => [node.key, i]));
  const pairs = [...edges.values()].map(({ one, other }) => [at.get(one), at.get(other)]);
  arrange(all, pairs, WIDE, TALL);
  const svg = make("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, role: "group", "aria-label": place.dataset.label });
  for (const edge of edges.values()) {
    const [one, other] = [nodes.get(edge.one), nodes.get(edge.other)];
    const line = make("line", { x1: one.x, y1: one.y, x2: other.x, y2: other.y, class: `edge${edge.apart ? " apart" : ""}` });
    line.append(make("title", {}, `${one.called || one.key} – ${other.called || other.key}`));
    svg.append(line);
    edge.line = line;
  }
  for (const node of all) svg.append(drawn(node));
  place.replaceChildren(svg);
  if (focused) nodes.get(focused)?.shape.focus();
}

function drawn(node) {
  const kind = `node${node.hub ? " hub" : ""}${node.opened ? " opened" : ""}`;
  const shape = make("g", { class: kind, tabindex: 0, role: "button", "aria-label": node.called ? `${node.called}, ${node.key}` : node.key });
  shape.append(make("circle", { cx: node.x, cy: node.y, r: node.opened ? 12 : 9 }));
  shape.append(make("circle", { cx: node.x, cy: node.y, r: 13, "fill-opacity": 0, "stroke-opacity": 0 }));
  shape.append(make("text", { x: node.x, y: node.y + 26, "text-anchor": "middle" }, short(node)));
  shape.append(make("title", {}, node.key));
  shape.addEventListener("click", () => open(node));
  shape.addEventListener("focus", () => light(node, true));
  shape.addEventListener("blur", () => light(node, false));
  shape.addEventListener("keydown", (event) => press(event, node));
  node.shape = shape;
  return shape;
}

function light(node, on) {
  for (const edge of edges.values()) {
    if (edge.one === node.key || edge.other === node.key) edge.line.classList.toggle("on", on);
  }
}

const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

function press(event, node) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    open(node);
  } else if (event.key === "Escape") {
    close(node);
  } else if (ways[event.key]) {
    event.preventDefault();
    towards(node, ways[event.key])?.shape.focus();
  }
}

// The nearest subject that lies rather in a direction than beside it.
function towards(from, [dx, dy]) {
  let best;
  for (const node of nodes.values()) {
    const [x, y] = [node.x - from.x, node.y - from.y];
    const along = x * dx + y * dy;
    const beside = Math.abs(x * dy) + Math.abs(y * dx);
    if (node === from || along <= 0 || beside > 2 * along) continue;
    const far = along + 2 * beside;
    if (!best || far < best.far) best = { node, far };
  }
  return best?.node;
}

function say(text, node, n) {
  const words = text.replace("%name%", () => node.called || node.key).replace("%n%", () => n);
  document.getElementById("said").textContent = words;
}

async function open(node) {
  if (node.opened) return;
  if (node.hub) {
    say(place.dataset.hub, node);
    return;
  }
  const answer = await fetch(`/api/v1/graph?about=${encodeURIComponent(node.key)}`);
  if (!answer.ok) {
    say(place.dataset.failed, node);
    return;
  }
  const found = await answer.json();
  node.opened = true;
  found.links.forEach((link, i) => {
    const other = found.nodes[i];
    const known = nodes.has(link.other);
    const mine = add(link.other, other.called, other.hub, node);
    if (!known) mine.by = node.key;
    tie(link.one, link.other, link.apart);
    row(node, other, link);
  });
  draw(node.key);
  say(place.dataset.opened, node, found.total);
}

function close(node) {
  if (!node.opened || node.key === place.dataset.about) return;
  node.opened = false;
  const gone = [...nodes.values()].filter((one) => one.by === node.key && !one.opened).map((one) => one.key);
  for (const key of gone) nodes.delete(key);
  for (const [key, edge] of edges) if (!nodes.has(edge.one) || !nodes.has(edge.other)) edges.delete(key);
  for (const line of document.querySelectorAll("#why tbody tr")) if (line.dataset.by === node.key) line.remove();
  draw(node.key);
}

function page(key) {
  return `/subjects/${key.split("/").map(encodeURIComponent).join("/")}`;
}

function link(href, text, kind) {
  const one = document.createElement("a");
  Object.assign(one, { href, textContent: text, className: kind ?? "" });
  return one;
}

function cell(name, ...inside) {
  const one = document.createElement(name);
  one.append(...inside);
  return one;
}

function row(node, other, edge) {
  const line = document.createElement("tr");
  line.dataset.by = node.key;
  const head = cell("th", link(page(node.key), node.called || node.key));
  head.scope = "row";
  const why = edge.why.map((one) => {
    const said = cell("div", `${one.said} `);
    if (one.kind !== "signal") said.append(link(`/records/${one.id}`, one.id.slice(0, 8), "id"), " ");
    said.append(cell("small", `${one.at.slice(0, 16).replace("T", " ")}Z`));
    return said;
  });
  if (edge.total > edge.why.length) {
    why.push(cell("small", place.dataset.more.replace("%n%", edge.total - edge.why.length)));
  }
  const total = cell("td", String(edge.total));
  total.className = "num";
  const whom = cell("td", link(page(other.subject), other.called || other.subject), " ", cell("small", other.called ? other.subject : ""));
  line.append(head, whom, cell("td", ...why), total);
  document.querySelector("#why tbody").append(line);
}

if (place) {
  read(document.getElementById("why"));
  draw();
}
