// The graph as a canvas: opened by type, arranged, pinned, undone, by mouse and by keyboard. What is on it stands in
// the page's address; the server says what links it, and this draws the tables that come with the page.
import { draw, move, name, picture, stand } from "./graph-draw.js";
import { arrange } from "./graph-layout.js";
import { strip } from "./graph-time.js";

const place = document.getElementById("graph");
const frame = document.getElementById("canvas");
const said = document.getElementById("said");
const $ = (id) => document.getElementById(id);
const MANY = ["open", "hide", "chosen"];
const STEPS_BACK = 50;
const NUDGE = 24; // units that an arrow with Shift moves a subject
const EXPORTED = ["about", "canvas", "then", "hubs", ...MANY];

const canvas = { nodes: new Map(), edges: [], layout: frame?.dataset.layout ?? "force" };
const pages = new Map(); // what an address showed, for undo: it is asked for once
let query = new URLSearchParams(location.search);
let size = [1000, 560], view = [0, 0, 1000, 560], svg, refresh = () => {};
const past = [], future = [];
let brushed = false;

// what the page says

function read() {
  const before = canvas.nodes;
  canvas.nodes = new Map();
  for (const row of document.querySelectorAll("#nodes tbody tr")) {
    const { key, type, title, hub, opened, x, y, pinned, near } = row.dataset;
    const old = before.get(key);
    const label = row.querySelector("th").textContent.trim().replace(/\s+/g, " ");
    const node = { key, type, title, label, hub: hub === "1", opened: opened === "1", near: Number(near), first: Infinity };
    if (old) Object.assign(node, { x: old.x, y: old.y, pinned: old.pinned, chosen: old.chosen });
    else if (x !== undefined) Object.assign(node, { x: Number(x), y: Number(y), pinned: pinned === "1", placed: true });
    canvas.nodes.set(key, node);
  }
  canvas.edges = [...document.querySelectorAll("#why tbody tr")].map((row) => {
    const { one, other, word, to, first, slices, apart } = row.dataset;
    for (const key of [one, other]) canvas.nodes.get(key).first = Math.min(canvas.nodes.get(key).first, Number(first));
    const within = new Set(slices.trim().split(/\s+/).map(Number));
    return { one, other, word, to, within, apart: apart === "1", fresh: row.dataset.new === "1", weak: row.dataset.weak === "1", row };
  });
  const linked = new Map();
  for (const { one, other } of canvas.edges) for (const key of [one, other]) linked.set(key, (linked.get(key) ?? 0) + 1);
  const firsts = canvas.edges.length ? Math.min(...[...canvas.nodes.values()].map((node) => node.first)) : 0;
  for (const node of canvas.nodes.values()) {
    node.more = node.hub ? 0 : node.near - (linked.get(node.key) ?? 0);
    if (node.first === Infinity) node.first = firsts;
    const edge = canvas.edges.find((one) => (one.one === node.key || one.other === node.key) && canvas.nodes.get(one.one === node.key ? one.other : one.one).x !== undefined);
    if (node.x === undefined && edge) node.from = canvas.nodes.get(edge.one === node.key ? edge.other : edge.one);
  }
}

// drawing

function room() {
  const wide = Math.max(360, Math.min(1200, place.clientWidth || 1000));
  const scale = Math.max(1, Math.sqrt(canvas.nodes.size / 36)) * (wide < 700 ? 1.3 : 1);
  return [Math.round(wide * scale), Math.round(560 * scale)];
}

function settle() {
  const all = [...canvas.nodes.values()];
  const saved = all.length && all.every((node) => node.placed);
  if (saved && canvas.layout === frame.dataset.layout && all.some((node) => node.x || node.y)) return;
  size = room();
  view = [0, 0, ...size];
  const middle = canvas.nodes.get(frame.dataset.about);
  if (middle && !middle.pinned && canvas.layout === "force") Object.assign(middle, { x: size[0] / 2, y: size[1] / 2, fixed: true });
  const at = new Map(all.map((node, i) => [node.key, i]));
  arrange(canvas.layout, all, canvas.edges.map(({ one, other }) => [at.get(one), at.get(other)]), ...size);
}

function paint(focused) {
  svg = draw(canvas, place, frame.dataset.label, view);
  name(canvas);
  for (const node of canvas.nodes.values()) node.shape.addEventListener("focus", () => light(node, true));
  for (const node of canvas.nodes.values()) node.shape.addEventListener("blur", () => light(node, false));
  if (focused) canvas.nodes.get(focused)?.shape.focus({ preventScroll: true });
  refresh();
  keep();
}

function light(node, on) {
  for (const edge of canvas.edges) {
    if (edge.one !== node.key && edge.other !== node.key) continue;
    edge.line.classList.toggle("on", on);
    if (edge.quiet) edge.text.classList.toggle("quiet", !on);
  }
}

function say(text, values = {}) {
  said.textContent = Object.entries(values).reduce((so, [key, value]) => so.replace(`%${key}%`, () => value), text);
}

const chosen = () => [...canvas.nodes.values()].filter((node) => node.chosen);

/** What the tools may do now, what the forms would send, and what the links lead to. */
function keep() {
  const some = chosen();
  for (const id of ["open-all", "pin", "hide", "times-of"]) $(id).disabled = !some.length;
  $("undo").disabled = !past.length;
  $("redo").disabled = !future.length;
  $("layout").value = canvas.layout;
  const form = $("saving").querySelector("form");
  form.elements.layout.value = canvas.layout;
  form.querySelector(".nodes").replaceChildren(...[...canvas.nodes.values()].map((node) => {
    const value = `${Math.round(node.x)},${Math.round(node.y)}${node.pinned ? "p" : ""} ${node.key}`;
    return Object.assign(document.createElement("input"), { type: "hidden", name: "node", value });
  }));
  for (const one of document.querySelectorAll("[data-export]")) {
    const to = new URLSearchParams([...query].filter(([key]) => EXPORTED.includes(key)));
    to.set("form", one.dataset.export);
    one.href = `/graph/export?${to}`;
  }
  for (const one of document.querySelectorAll("input[name=back]")) one.value = `${query}`;
}

// the brush of time

function times() {
  const strip_ = $("strip");
  const rows = [...document.querySelectorAll("#events tbody tr")];
  const events = rows.map((row) => ({ row, at: Number(row.dataset.at), kind: row.dataset.kind }));
  refresh = () => {};
  if (!strip_) return;
  refresh = strip(strip_, events, (stretch) => {
    const inside = (one) => !stretch || [...one].some((slice) => slice >= stretch.from && slice <= stretch.to);
    const kept = new Set(canvas.edges.length && stretch ? [] : canvas.nodes.keys());
    let count = 0;
    for (const edge of canvas.edges) {
      const fits = inside(edge.within);
      for (const one of [edge.line, edge.text]) one?.classList.toggle("outside", !fits);
      edge.row.hidden = !fits;
      count += fits;
      if (fits) kept.add(edge.one).add(edge.other);
    }
    for (const node of canvas.nodes.values()) node.shape?.classList.toggle("outside", !kept.has(node.key));
    for (const { row, at } of events) row.hidden = Boolean(stretch) && (at < stretch.since || at > stretch.until);
    if (stretch) say(frame.dataset.stretch, { n: count, since: stretch.words[0], until: stretch.words[1] });
    else if (brushed) say("");
    brushed = Boolean(stretch);
  });
}

// what a person does, and how it is undone

function state() {
  const places = [...canvas.nodes.values()].map(({ key, x, y, pinned }) => [key, { x, y, pinned }]);
  return { query: `${query}`, layout: canvas.layout, places: new Map(places) };
}

function note() {
  past.push(state());
  if (past.length > STEPS_BACK) past.shift();
  future.length = 0;
}

async function back(from, to) {
  const one = from.pop();
  if (!one) return;
  to.push(state());
  canvas.layout = one.layout;
  if (one.query !== `${query}`) await load(new URLSearchParams(one.query));
  for (const node of canvas.nodes.values()) Object.assign(node, one.places.get(node.key) ?? {});
  paint(document.activeElement?.dataset?.key);
}

/** Show what an address shows, without leaving the page. Gives whether that worked. */
async function load(to) {
  const address = `/graph?${to}`;
  if (!pages.has(address)) {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || !page.getElementById("tables")) {
      say(page.querySelector("main .refused, main h1")?.textContent ?? frame.dataset.failed);
      return false;
    }
    pages.set(address, page);
  }
  const page = pages.get(address);
  for (const part of ["#tables", "[data-page-marking]", ".marking.foot"]) {
    const copied = page.querySelector(part).cloneNode(true);
    document.querySelector(part).replaceChildren(...copied.childNodes);
  }
  frame.dataset.marking = page.getElementById("canvas").dataset.marking;
  query = to;
  history.replaceState(null, "", address);
  read();
  times();
  return true;
}

async function change(alter, focused) {
  const to = new URLSearchParams(query);
  for (const key of ["one", "other"]) to.delete(key);
  alter(to);
  note();
  if (!(await load(to))) {
    past.pop();
    return false;
  }
  settle();
  paint(focused);
  return true;
}

async function open(key, what = key) {
  const node = canvas.nodes.get(key);
  if (node.hub && !query.has("hubs")) {
    say(frame.dataset.hub, { name: node.title });
    return;
  }
  if (query.getAll("open").includes(what) || (node.opened && what === key)) return;
  if (await change((to) => to.append("open", what), key)) {
    say(frame.dataset.opened, { name: node.title, n: node.near });
  }
}

function without(to, field, keep_) {
  const left = to.getAll(field).filter(keep_);
  to.delete(field);
  for (const one of left) to.append(field, one);
}

function close(key) {
  const mine = (one) => one === key || one.endsWith(`@${key}`);
  if (query.getAll("open").some(mine)) change((to) => without(to, "open", (one) => !mine(one)), key);
}

function hide(keys) {
  const gone = keys.filter((key) => key !== frame.dataset.about);
  if (gone.length) change((to) => gone.forEach((key) => to.append("hide", key)));
}

function choose(node, more) {
  const was = node.chosen;
  if (!more) for (const one of chosen()) one.chosen = false;
  node.chosen = more ? !was : true;
  for (const one of canvas.nodes.values()) {
    one.shape.classList.toggle("chosen", Boolean(one.chosen));
    one.shape.setAttribute("aria-pressed", Boolean(one.chosen));
  }
  keep();
}

function place_(node, x, y) {
  Object.assign(node, { x, y, pinned: true });
  stand(node);
  for (const edge of canvas.edges) if (edge.one === node.key || edge.other === node.key) move(edge, canvas);
}

const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

function press(event) {
  const undoes = event.ctrlKey || event.metaKey;
  if (undoes && ["z", "y"].includes(event.key.toLowerCase())) {
    event.preventDefault();
    const redoes = event.key.toLowerCase() === "y" || event.shiftKey;
    back(...(redoes ? [future, past] : [past, future]));
    return;
  }
  const node = canvas.nodes.get(event.target.dataset?.key);
  if (!node) return;
  if (event.key === "Enter") open(node.key);
  else if (event.key === " ") choose(node, true);
  else if (event.key === "Escape") close(node.key);
  else if (event.key === "Delete") hide([node.key]);
  else if (ways[event.key] && event.shiftKey) {
    note();
    place_(node, node.x + NUDGE * ways[event.key][0], node.y + NUDGE * ways[event.key][1]);
    paint(node.key);
  } else if (ways[event.key]) towards(node, ways[event.key])?.shape.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** The nearest subject that lies rather in a direction than beside it. */
function towards(from, [dx, dy]) {
  let best;
  for (const node of canvas.nodes.values()) {
    const [x, y] = [node.x - from.x, node.y - from.y];
    const along = x * dx + y * dy, beside = Math.abs(x * dy) + Math.abs(y * dx);
    if (node === from || along <= 0 || beside > 2 * along) continue;
    const far = along + 2 * beside;
    if (!best || far < best.far) best = { node, far };
  }
  return best?.node;
}

// the pointer: a subject is dragged, the ground moves the whole

function drag(event) {
  const shape = event.target.closest?.(".node");
  const node = shape && canvas.nodes.get(shape.dataset.key);
  const box = svg.getBoundingClientRect();
  const unit = Math.max(view[2] / box.width, view[3] / box.height);
  const [x, y] = [event.clientX, event.clientY], from = node ? [node.x, node.y] : view.slice(0, 2);
  let moved = false;
  const at = (moving) => {
    const [dx, dy] = [(moving.clientX - x) * unit, (moving.clientY - y) * unit];
    if (!moved && Math.hypot(dx, dy) < 5 * unit) return;
    if (!moved && node) note();
    moved = true;
    if (node) place_(node, from[0] + dx, from[1] + dy);
    else look([from[0] - dx, from[1] - dy, view[2], view[3]]);
  };
  const end = (up) => {
    place.removeEventListener("pointermove", at);
    if (node && moved) paint(node.key);
    else if (node) {
      choose(node, up.shiftKey || up.ctrlKey);
      node.shape.focus({ preventScroll: true });
    }
  };
  place.setPointerCapture(event.pointerId);
  place.addEventListener("pointermove", at);
  place.addEventListener("pointerup", end, { once: true });
}

function look(to) {
  view = to;
  svg.setAttribute("viewBox", view.join(" "));
}

function zoom(by) {
  const [x, y, wide, tall] = view;
  look([x + (wide * (1 - by)) / 2, y + (tall * (1 - by)) / 2, wide * by, tall * by]);
}

function whole() {
  const all = [...canvas.nodes.values()], xs = all.map((node) => node.x), ys = all.map((node) => node.y);
  const [x, y] = [Math.min(...xs) - 80, Math.min(...ys) - 50];
  look([x, y, Math.max(...xs) + 80 - x, Math.max(...ys) + 50 - y]);
}

function download(content, type, file) {
  const link = document.createElement("a");
  link.href = content instanceof Blob ? URL.createObjectURL(content) : `data:${type},${encodeURIComponent(content)}`;
  link.download = file;
  link.click();
}

function export_(as) {
  const text = picture(svg, { title: frame.dataset.picture, marking: frame.dataset.marking });
  if (as === "svg") {
    download(new Blob([text], { type: "image/svg+xml" }), "image/svg+xml", "graph.svg");
    return;
  }
  const image = new Image();
  image.addEventListener("load", () => {
    const sheet = document.createElement("canvas");
    Object.assign(sheet, { width: 2 * image.width, height: 2 * image.height });
    sheet.getContext("2d").drawImage(image, 0, 0, sheet.width, sheet.height);
    sheet.toBlob((blob) => download(blob, "image/png", "graph.png"));
  });
  image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
}

function judge(one, other) {
  const form = $("judge").querySelector("form");
  $("judge").open = true;
  form.elements.lead_id.value = one;
  form.elements.other.value = other;
  form.querySelector("input[name=verdict]").focus();
  form.scrollIntoView({ block: "center" });
}

function begin() {
  for (const one of [frame.querySelector(".tools"), $("as-svg"), $("as-png")]) one.hidden = false;
  read();
  settle();
  times();
  paint();
  place.addEventListener("pointerdown", drag);
  place.addEventListener("dblclick", (event) => {
    const key = event.target.closest(".node")?.dataset.key;
    if (key) open(key);
  });
  place.addEventListener("keydown", press);
  document.addEventListener("keydown", (event) => {
    if (!event.target.closest("input, textarea, select, #graph")) press(event);
  });
  $("undo").addEventListener("click", () => back(past, future));
  $("redo").addEventListener("click", () => back(future, past));
  $("closer").addEventListener("click", () => zoom(0.8));
  $("farther").addEventListener("click", () => zoom(1.25));
  $("whole").addEventListener("click", whole);
  $("layout").addEventListener("change", (event) => {
    note();
    canvas.layout = event.target.value;
    for (const node of canvas.nodes.values()) node.placed = false;
    if (canvas.layout === "force") for (const node of canvas.nodes.values()) if (!node.pinned) node.x = node.y = undefined;
    settle();
    paint();
  });
  $("open-all").addEventListener("click", async () => { for (const one of chosen()) await open(one.key); });
  $("pin").addEventListener("click", () => {
    note();
    const some = chosen(), all = some.every((one) => one.pinned);
    for (const one of some) one.pinned = !all;
    paint();
    say(frame.dataset.pinned, { name: some.filter((one) => one.pinned).map((one) => one.title).join(", ") || "–" });
  });
  $("hide").addEventListener("click", () => hide(chosen().map((one) => one.key)));
  $("times-of").addEventListener("click", () => {
    const keys = chosen().map((one) => one.key);
    change((to) => { to.delete("chosen"); for (const key of keys) to.append("chosen", key); });
  });
  $("as-svg").addEventListener("click", () => export_("svg"));
  $("as-png").addEventListener("click", () => export_("png"));
  $("tables").addEventListener("click", (event) => {
    const link = event.target.closest("a.expand, a.judge");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (link.matches(".judge")) judge(link.dataset.one, link.dataset.other);
    else open(link.closest("tr").dataset.key, link.dataset.open);
  });
}

if (frame) begin();
