// The page of the map: what is chosen, which moment is shown, and the lists that follow the map.
import { colour, forget, ground, repaint } from "./map-base.js";
import { fromBase64, head, stale, thing, within } from "./map-frame.js";
import { Labels } from "./map-labels.js";
import { Stream } from "./map-stream.js";
import { Things } from "./map-things.js";
import { Tools, around, inside } from "./map-tools.js";

const $ = (id) => document.getElementById(id);
const box = $("map"), said = box.dataset;
const KINDS = ["signal", "task", "track", "other", "other", "other", "other", "other"];
const FARTHEST = 500_000; // metres that a followed circle has at most
const EVERY = 3_000; // milliseconds between two fetches of the lists, however often the map changes
const map = { things: new Things() };
window.watchfloorMap = map; // for tests and benchmarks

const rgb = (name) => {
  const text = colour(name);
  return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16) / 255);
};

function paint() {
  map.things.colours.set(KINDS.flatMap(rgb));
  Object.assign(map.things, { old: rgb("old"), ring: rgb("chosen"), alarm: rgb("alarm"), halo: rgb("halo") });
}

// The floor as a frame has it

function show(frame, known) {
  map.frame = frame;
  map.things.bright = bright(head(frame).count);
  map.things.set(frame, known);
  map.labels.clusters = map.things.clusters;
  if (map.labels.clusters.length) map.labels.ask();
  name();
  const { listed, moment } = head(frame), key = `${listed} ${stale(frame)}`;
  map.moment = moment;
  if (map.listed !== undefined && map.listed !== key) follow();
  map.listed = key;
}

// Rows of the lead that is chosen or asked for; null: there is none, and all are bright.
function bright(count) {
  if (map.area) return map.area;
  if (!map.lead) return null;
  const rows = [...document.querySelectorAll("#things tr[data-lead]")].filter((row) => row.dataset.lead === map.lead);
  return rows.length ? new Set(rows.map((row) => Number(row.dataset.number)).filter((one) => one < count)) : null;
}

function lit(lead) {
  map.lead = lead;
  map.things.bright = bright(head(map.frame).count);
  marked();
}

// The page's own bits have changed.
function marked() {
  map.things.mark();
  map.labels.clusters = map.things.clusters;
  name();
  map.labels.ask();
}

// What the server knows of trails, as `map-trails.js` takes it.
function trails() {
  const view = new DataView(fromBase64($("things").dataset.trails)), moment = head(map.frame ?? fromBase64($("things").dataset.frame)).moment, found = [];
  for (let at = 0; at < view.byteLength; at += 16) {
    found.push([view.getInt32(at, true), view.getInt32(at + 4, true), view.getInt32(at + 8, true), moment - 1000 * view.getUint32(at + 12, true)]);
  }
  return found;
}

// The shapes of ground that changed, of the rows that are listed and shown.
function grounds() {
  const rows = map.things.shown & 1 ? [...document.querySelectorAll("#things tr[data-shape]:not([hidden])")] : [];
  const shapes = rows.map((row) => row.dataset.shape), drawn = shapes.join();
  if (map.drawn === drawn) return;
  map.drawn = drawn;
  const features = shapes.map((one) => ({ type: "Feature", properties: {}, geometry: JSON.parse(one) }));
  map.map.getSource("ground").setData({ type: "FeatureCollection", features });
}

// Names are written beside things while there are few.
function name() {
  grounds();
  const { count } = head(map.frame), named = map.labels.things.length;
  const rows = count > 300 ? [] : [...document.querySelectorAll("#things tr[data-number]")];
  if (!rows.length && !named) return;
  map.labels.things = rows.flatMap((row) => {
    const number = Number(row.dataset.number);
    if (number >= count) return [];
    const one = thing(map.frame, number);
    if (one.hidden || !((map.things.shown >> one.layer) & 1)) return [];
    return [{ text: row.querySelector(".title").textContent.split(" · ")[0], place: [one.longitude, one.latitude], colour: one.danger ? "alarm" : KINDS[one.layer] }];
  });
  map.labels.ask();
}

// Fetch the lists anew, and soon enough.
function follow() {
  map.due ??= setTimeout(() => {
    map.due = null;
    load(location.pathname + location.search, false);
  }, Math.max(0, EVERY - (Date.now() - (map.fetched ?? 0))));
}

// Take the parts of another answer of this page into this one.
async function load(address, whole = true) {
  const asked = (map.asking = Symbol());
  map.fetched = Date.now();
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (asked !== map.asking) return;
  if (!answer) return tell(lost());
  const made = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!made.getElementById("things")) return tell(made.querySelector("main")?.textContent.trim().slice(0, 300) ?? said.over);
  tell("");
  const unticked = [...document.querySelectorAll("#legend input:not(:checked)")].map((one) => one.value);
  for (const part of document.querySelectorAll("[data-part]")) part.replaceWith(document.adoptNode(made.getElementById(part.id)));
  for (const one of document.querySelectorAll("#legend input")) one.checked = !unticked.includes(one.value);
  document.querySelector("body > p.marking").replaceWith(document.adoptNode(made.querySelector("body > p.marking")));
  document.querySelector("p.marking.foot").replaceWith(document.adoptNode(made.querySelector("p.marking.foot")));
  brush();
  if (whole) {
    map.frame = fromBase64($("things").dataset.frame);
    show(map.frame, trails());
  } else name();
  listed();
}

function tell(text) {
  $("state").textContent = text;
  $("state").hidden = !text;
}

const clock = (moment) => `${new Date(moment).toISOString().slice(0, 19).replace("T", " ")}Z`;
const lost = () => said.lost.replace("{at}", clock(map.moment));

function live() {
  if (map.stream || $("things").dataset.at || $("things").dataset.happened) return;
  map.stream = new Stream({
    frame: show,
    alive: ({ moment }) => {
      map.moment = moment;
      tell("");
      ages();
    },
    lost: () => tell(lost()),
    over: () => tell(said.over),
  });
}

// Ages in words, by the server's clock.
function ages() {
  if ($("things").dataset.at || $("things").dataset.happened || Date.now() - (map.aged ?? 0) < 20_000) return;
  map.aged = Date.now();
  const [now, minutes, hours, days] = said.ages.split("|");
  for (const one of document.querySelectorAll(".age")) {
    const age = (map.moment - Date.parse(one.dataset.at)) / 1000;
    const [text, n] = age < 60 ? [now, 0] : age < 3600 ? [minutes, age / 60] : age < 86_400 ? [hours, age / 3600] : [days, age / 86_400];
    one.textContent = text.replace("{n}", Math.floor(n));
  }
}

// Moments

// As it was known, the slider goes through the moments at which something changed; as it happened, through the
// intervals of the strip, with which it is aligned.
const clocked = () => document.querySelector("#clock input:checked").value;
const intervals = () => ({ since: Date.parse($("strip").dataset.since), step: 1000 * $("strip").dataset.step, count: Number($("strip").dataset.count) });

function stops() {
  if (clocked() === "at") return $("things").dataset.moments.trim().split(" ").filter(Boolean);
  const { since, step, count } = intervals();
  return Array.from({ length: Math.max(count - 1, 0) }, (_, n) => new Date(since + (n + 1) * step).toISOString());
}

// Where the shown moment is on the strip.
function stripped() {
  const { since, step, count } = intervals(), line = $("strip-now");
  if (!line) return;
  const { at, happened } = $("things").dataset, shown = at || happened;
  line.setAttribute("x", shown ? Math.max(-1, Math.min((Date.parse(shown) - since) / step, count - 0.3)) : count - 0.3);
  brushed();
}

// What is outside of the brushed time is hidden in the table and on the map.
function brushed() {
  const { since, step } = intervals(), own = map.brush;
  $("strip-brush").setAttribute("x", own ? own[0] : 0);
  $("strip-brush").setAttribute("width", own ? own[1] - own[0] : 0);
  $("strip-clear").hidden = !own;
  const [from, to] = own ? own.map((one) => since + one * step) : [];
  $("strip-said").textContent = own ? `${clock(from)} – ${clock(to)}` : ($("strip-said").dataset.hint ??= $("strip-said").textContent);
  document.querySelectorAll("#strip-ends input").forEach((one, n) => {
    one.value = own ? own[n] : n * one.max;
    one.setAttribute("aria-valuetext", clock(since + one.value * step));
  });
  for (const row of document.querySelectorAll("#things tbody tr")) {
    const at = Date.parse(row.querySelector(".age").dataset.at);
    row.hidden = Boolean(own) && (at < from || at > to);
  }
  map.things.brush = own ? [from, to] : null;
  if (map.frame) marked();
}

function brush() {
  const strip = document.querySelector("#strip svg");
  if (!strip) return;
  let from = null;
  const at = ({ clientX }) => {
    const { left, width } = strip.getBoundingClientRect(), { count } = intervals();
    return Math.max(0, Math.min(count, ((clientX - left) / width) * count));
  };
  strip.addEventListener("pointerdown", (event) => {
    from = at(event);
    strip.setPointerCapture(event.pointerId);
  });
  strip.addEventListener("pointerup", (event) => {
    const to = at(event);
    map.brush = from === null || Math.abs(to - from) < 0.2 ? null : [Math.floor(Math.min(from, to)), Math.ceil(Math.max(from, to))];
    from = null;
    brushed();
  });
  const ends = [...document.querySelectorAll("#strip-ends input")];
  $("strip-ends").hidden = false;
  ends.forEach((one, n) => one.addEventListener("input", () => { // the same by keyboard; an end pushes the other
    const other = ends[1 - n], [from_, to_] = ends.map((each) => Number(each.value));
    if (from_ >= to_) other.value = Number(one.value) + (n ? -1 : 1);
    const own = ends.map((each) => Number(each.value));
    map.brush = own[0] >= own[1] || (own[0] === 0 && own[1] === intervals().count) ? null : own;
    brushed();
  }));
  $("strip-clear").addEventListener("click", () => {
    map.brush = null;
    brushed();
  });
}

// Show one moment after the other, each when the one before it is there.
async function play() {
  map.playing = !map.playing;
  const button = $("play"), playing = (map.play = Symbol());
  button.setAttribute("aria-pressed", map.playing);
  button.textContent = map.playing ? `❚❚ ${button.dataset.pause}` : `▶ ${button.dataset.play}`;
  if (!map.playing) return;
  const all = stops(), shown = Number($("scrub").value);
  for (let at = shown >= all.length ? 0 : shown + 1; at <= all.length; at++) {
    const due = new Promise((done) => setTimeout(done, 1000 / $("rate").value));
    $("scrub").value = at;
    await go(all[at] ?? "");
    await due;
    if (!map.playing || map.play !== playing) return;
  }
  play();
}

function listed() {
  const { at: known, happened } = $("things").dataset, at = known || happened;
  if (at && map.clocked !== at) document.querySelector(`#clock input[value="${known ? "at" : "happened"}"]`).checked = true;
  map.clocked = at;
  const all = stops();
  $("clock").hidden = false;
  $("at").name = clocked();
  $("scrub").max = all.length;
  for (const id of ["scrub", "earlier", "later", "play"]) $(id).hidden = !all.length;
  const shown = at ? all.filter((one) => Date.parse(one) <= Date.parse(at)).length - 1 : all.length;
  if (document.activeElement !== $("scrub")) $("scrub").value = Math.max(shown, 0);
  if (document.activeElement !== $("at")) $("at").value = at;
  for (const one of document.querySelectorAll(".locate")) one.hidden = false;
  stripped();
}

function go(at) {
  const address = at ? `/map?${clocked()}=${encodeURIComponent(at)}` : "/map";
  history.replaceState(null, "", address);
  if (at) {
    map.stream?.stop();
    map.stream = null;
  }
  choose([]);
  return load(address).then(() => at || live());
}

function moved() {
  const at = stops()[$("scrub").value] ?? "";
  $("scrub").setAttribute("aria-valuetext", at || box.dataset.lang);
  $("at").value = at;
  clearTimeout(map.wait);
  map.wait = setTimeout(() => go(at), 150);
}

// What is chosen

function choose(rows, nothing) {
  map.area = null;
  $("follow-area").hidden = true;
  map.things.chosen = rows.length ? thing(map.frame, rows[0]).number : -1;
  lit(document.querySelector(`#things tr[data-number="${map.things.chosen}"]`)?.dataset.lead ?? "");
  for (const one of document.querySelectorAll("#things tr.current")) one.classList.remove("current");
  if (!rows.length && !nothing) return;
  $("chosen").replaceChildren(...(rows.length ? rows.map(card) : [nothing]));
}

function card(row) {
  const one = thing(map.frame, row), made = document.createElement("div");
  made.className = "one";
  const listed_ = document.querySelector(`#things tr[data-number="${one.number}"]`);
  if (listed_) {
    listed_.classList.add("current");
    for (const cell of listed_.cells) {
      const part = document.createElement("div");
      part.append(...[...cell.cloneNode(true).childNodes].filter((node) => !node.classList?.contains("locate")));
      made.append(part);
    }
  } else {
    const course = one.course === null ? "" : ` · ${said.course.replace("{n}", Math.round(one.course))}`;
    made.textContent = `${one.number} · ${one.latitude.toFixed(4)}, ${one.longitude.toFixed(4)}${course}${one.stale ? ` · ${said.stale}` : ""}`;
  }
  return made;
}

// What is chosen now, as a place; rings are drawn around it.
function centre() {
  const row = map.things.chosen;
  if (row < 0 || row >= head(map.frame).count) return null;
  const { longitude, latitude } = thing(map.frame, row);
  return [longitude, latitude];
}

// What is in an area: how much, its leads, and the first of it.
function selected(area) {
  const seen = (row) => !thing(map.frame, row).hidden && (map.things.shown >> thing(map.frame, row).layer) & 1;
  const rows = inside(map.frame, area, 100_000).filter(seen);
  choose([]);
  map.area = map.things.bright = new Set(rows);
  marked();
  const leads = new Map(), heading = document.createElement("p"), list = document.createElement("ul");
  for (const row of rows) {
    const line = document.querySelector(`#things tr[data-number="${row}"]`);
    if (line?.dataset.lead && !leads.has(line.dataset.lead)) leads.set(line.dataset.lead, line.querySelector(".title").textContent);
  }
  heading.textContent = said.selected.replace("{n}", rows.length).replace("{leads}", leads.size);
  list.append(...[...leads].map(([lead, title]) => {
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = `/leads/${lead}`;
    link.textContent = title;
    item.append(link);
    return item;
  }));
  $("chosen").replaceChildren(heading, list, ...rows.slice(0, 20).map(card));
  const { middle: [longitude, latitude], metres } = around(area), form = $("follow-area");
  form.elements.place.value = `${latitude.toFixed(5)},${longitude.toFixed(5)},${metres}`;
  form.hidden = metres > FARTHEST;
}

function tool(button) {
  if (button.value === "rings") map.tools.ringed = !map.tools.ringed;
  else map.tools.use(button.value);
  for (const one of document.querySelectorAll("#tools button")) {
    one.setAttribute("aria-pressed", one.value === "rings" ? map.tools.ringed : one.value === map.tools.mode);
  }
  map.area = null;
  lit(map.lead);
  map.labels.ask();
}

// A point where nothing is: where along the border it lies.
async function along([longitude, latitude], text) {
  const answer = await fetch(`/api/v1/border?lat=${latitude}&lon=${longitude}&lang=${said.lang}`).catch(() => null);
  if (!answer?.ok) return;
  const it = await answer.json(), made = document.createElement("div"), line = document.createElement("p"), link = document.createElement("a");
  const far = it.metres < 1000 ? said.off.replace("{n}", Math.round(it.metres)) : said.offKm.replace("{n}", Math.round(it.metres / 1000));
  line.textContent = `${text ?? said.nothing} ${it.post} · ${it.said} · ${far} · ${latitude.toFixed(4)}, ${longitude.toFixed(4)}`;
  link.textContent = said.near;
  link.href = queueOf([longitude - 0.07, latitude - 0.05, longitude + 0.07, latitude + 0.05]);
  made.append(line, link);
  choose([], made);
}

function clicked({ point, lngLat }) {
  if (map.tools.clicked(lngLat.toArray())) return;
  const [a, b] = [map.map.unproject([point.x - 12, point.y + 12]), map.map.unproject([point.x + 12, point.y - 12])];
  const far = (row) => {
    const one = thing(map.frame, row), at = map.map.project([one.longitude, one.latitude]);
    return Math.hypot(at.x - point.x, at.y - point.y);
  };
  const seen = (row) => !thing(map.frame, row).hidden && (map.things.shown >> thing(map.frame, row).layer) & 1;
  const rows = within(map.frame, a.lng, a.lat, b.lng, b.lat, 500).filter(seen).sort((one, other) => far(one) - far(other));
  if (rows.length) return choose(rows.slice(0, 20));
  const under = map.labels.under(point.x, point.y);
  if (under?.count) return map.map.jumpTo({ center: under.place, zoom: Math.min(map.map.getZoom() + 2, 9.5) });
  return along(under?.place ?? lngLat.toArray(), under?.text);
}

const queueOf = (sides) => `/leads?box=${encodeURIComponent(sides.map((side) => side.toFixed(4)).join(","))}`;

function here() {
  const view = map.map.getBounds();
  const turn = (longitude) => ((((longitude + 180) % 360) + 360) % 360) - 180;
  $("here").href = queueOf([turn(view.getWest()), Math.max(view.getSouth(), -90), turn(view.getEast()), Math.min(view.getNorth(), 90)]);
  $("here").hidden = false;
}

function find(button) {
  const row = Number(button.closest("tr").dataset.number), one = thing(map.frame, row);
  map.map.jumpTo({ center: [one.longitude, one.latitude], zoom: Math.max(map.map.getZoom(), 9) });
  choose([row]);
  $("chosen").focus();
  box.scrollIntoView({ block: "nearest" });
}

function ticked(input) {
  if (/^\d+$/.test(input.value)) {
    const bit = 1 << Number(input.value);
    map.things.shown = input.checked ? map.things.shown | bit : map.things.shown & ~bit;
    marked();
  } else if (input.value === "trail") map.things.trailed = input.checked;
  else map.labels.shown[input.checked ? "add" : "delete"](input.value);
  map.labels.ask();
  map.map.triggerRepaint();
}

async function begin() {
  const { base, border, places, style } = await ground(said);
  const [west, south, east, north] = base.bounds, first = $("things").dataset.box;
  const bounds = first ? first.split(",").map(Number) : [-128, 41.5, -62, 53];
  map.map = new maplibregl.Map({
    container: box,
    style,
    bounds: [bounds.slice(0, 2), bounds.slice(2)],
    fitBoundsOptions: { maxZoom: new URLSearchParams(location.search).has("lead") ? 15 : 13, padding: 40 },
    maxBounds: [[west, south], [east, north]],
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    maxPitch: 0,
    fadeDuration: 0,
    maxZoom: 17,
  });
  map.map.touchZoomRotate.disableRotation();
  map.map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
  map.map.addControl(new maplibregl.ScaleControl());
  map.labels = new Labels(map.map, places, border, said.lang === "fr");
  map.tools = new Tools(map.map, map.labels, centre, selected);
  await new Promise((done) => map.map.once("load", done));
  paint();
  map.map.addLayer(map.things);
  map.lead = new URLSearchParams(location.search).get("lead") ?? "";
  map.frame = fromBase64($("things").dataset.frame);
  show(map.frame, trails());
  brush();
  listed();
  here();
  map.map.on("moveend", here);
  map.map.on("zoom", () => {
    if (!map.things.zoomed()) return;
    map.labels.clusters = map.things.clusters;
    name();
  });
  map.map.on("click", clicked);
  document.documentElement.addEventListener("themed", () => {
    forget();
    paint();
    repaint(map.map);
    map.labels.ask();
  });
  live();
  $("tools").hidden = false;
  box.dataset.ready = "true";
}

$("scrub").addEventListener("input", moved);
$("tools").addEventListener("click", ({ target }) => target.closest("button") && tool(target.closest("button")));
$("play").addEventListener("click", play);
$("clock").addEventListener("change", ({ target }) => target.name === "clock" && listed());
for (const [id, step] of [["earlier", -1], ["later", 1]]) {
  $(id).addEventListener("click", () => {
    $("scrub").value = Number($("scrub").value) + step;
    moved();
  });
}
$("time").addEventListener("submit", (event) => {
  event.preventDefault();
  go($("at").value.trim());
});
document.addEventListener("click", ({ target }) => target.closest(".locate") && find(target.closest(".locate")));
document.addEventListener("change", ({ target }) => target.closest("#legend") && ticked(target));
begin().catch((error) => {
  tell(said.noWebgl);
  throw error;
});
