// The page of the map: what is chosen, which moment is shown, and the lists that follow the map.
import { colour, forget, layers, repaint, sources } from "./map-base.js";
import { fromBase64, head, stale, thing, within } from "./map-frame.js";
import { Labels } from "./map-labels.js";
import { Stream } from "./map-stream.js";
import { Things } from "./map-things.js";

const $ = (id) => document.getElementById(id);
const box = $("map"), said = box.dataset;
const KINDS = ["signal", "task", "track", "other", "other", "other", "other", "other"];
const EVERY = 3_000; // milliseconds between two fetches of the lists, however often the map changes
const map = { things: new Things() };
window.watchfloorMap = map; // for tests and benchmarks

const rgb = (name) => {
  const text = colour(name);
  return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16) / 255);
};

function paint() {
  map.things.colours.set(KINDS.flatMap(rgb));
  Object.assign(map.things, { old: rgb("old"), ring: rgb("chosen") });
}

// The floor as a frame has it

function show(frame) {
  map.frame = frame;
  map.things.set(frame);
  name();
  const { listed, moment } = head(frame), key = `${listed} ${stale(frame)}`;
  map.moment = moment;
  if (map.listed !== undefined && map.listed !== key) follow();
  map.listed = key;
}

// Names are written beside things while there are few.
function name() {
  const { count } = head(map.frame), named = map.labels.things.length;
  const rows = count > 300 ? [] : [...document.querySelectorAll("#things tr[data-number]")];
  if (!rows.length && !named) return;
  map.labels.things = rows.flatMap((row) => {
    const number = Number(row.dataset.number);
    if (number >= count) return [];
    const one = thing(map.frame, number);
    if (!((map.things.shown >> one.layer) & 1)) return [];
    return [{ text: row.querySelector(".title").textContent.split(" · ")[0], place: [one.longitude, one.latitude], colour: KINDS[one.layer] }];
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
  listed();
  if (whole) show(fromBase64($("things").dataset.frame));
  else name();
}

function tell(text) {
  $("state").textContent = text;
  $("state").hidden = !text;
}

const clock = (moment) => `${new Date(moment).toISOString().slice(0, 19).replace("T", " ")}Z`;
const lost = () => said.lost.replace("{at}", clock(map.moment));

function live() {
  if (map.stream || $("things").dataset.at) return;
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
  if ($("things").dataset.at || Date.now() - (map.aged ?? 0) < 20_000) return;
  map.aged = Date.now();
  const [now, minutes, hours, days] = said.ages.split("|");
  for (const one of document.querySelectorAll(".age")) {
    const age = (map.moment - Date.parse(one.dataset.at)) / 1000;
    const [text, n] = age < 60 ? [now, 0] : age < 3600 ? [minutes, age / 60] : age < 86_400 ? [hours, age / 3600] : [days, age / 86_400];
    one.textContent = text.replace("{n}", Math.floor(n));
  }
}

// Moments

const stops = () => $("things").dataset.moments.trim().split(" ").filter(Boolean);

function listed() {
  const all = stops(), at = $("things").dataset.at;
  $("scrub").max = all.length;
  for (const id of ["scrub", "earlier", "later"]) $(id).hidden = !all.length;
  const shown = at ? all.filter((one) => Date.parse(one) <= Date.parse(at)).length - 1 : all.length;
  if (document.activeElement !== $("scrub")) $("scrub").value = Math.max(shown, 0);
  if (document.activeElement !== $("at")) $("at").value = at;
  for (const one of document.querySelectorAll(".locate")) one.hidden = false;
}

function go(at) {
  const address = at ? `/map?at=${encodeURIComponent(at)}` : "/map";
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
  map.things.chosen = rows.length ? thing(map.frame, rows[0]).number : -1;
  map.map.triggerRepaint();
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
  const [a, b] = [map.map.unproject([point.x - 12, point.y + 12]), map.map.unproject([point.x + 12, point.y - 12])];
  const far = (row) => {
    const one = thing(map.frame, row), at = map.map.project([one.longitude, one.latitude]);
    return Math.hypot(at.x - point.x, at.y - point.y);
  };
  const seen = (row) => (map.things.shown >> thing(map.frame, row).layer) & 1;
  const rows = within(map.frame, a.lng, a.lat, b.lng, b.lat, 500).filter(seen).sort((one, other) => far(one) - far(other));
  if (rows.length) return choose(rows.slice(0, 20));
  const under = map.labels.under(point.x, point.y);
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
    name();
  } else map.labels.shown[input.checked ? "add" : "delete"](input.value);
  map.labels.ask();
  map.map.triggerRepaint();
}

async function begin() {
  const fetched = ["base", "border", "places"].map((one) => fetch(said[one]).then((answer) => answer.json()));
  const [base, border, places] = await Promise.all(fetched);
  const [west, south, east, north] = base.bounds, first = $("things").dataset.box;
  const bounds = first ? first.split(",").map(Number) : [-128, 41.5, -62, 53];
  map.map = new maplibregl.Map({
    container: box,
    style: { version: 8, sources: sources(base, border), layers: layers() },
    bounds: [bounds.slice(0, 2), bounds.slice(2)],
    fitBoundsOptions: { maxZoom: 11 },
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
  await new Promise((done) => map.map.once("load", done));
  paint();
  map.map.addLayer(map.things);
  listed();
  show(fromBase64($("things").dataset.frame));
  here();
  map.map.on("moveend", here);
  map.map.on("click", clicked);
  document.documentElement.addEventListener("themed", () => {
    forget();
    paint();
    repaint(map.map);
    map.labels.ask();
  });
  live();
  box.dataset.ready = "true";
}

$("scrub").addEventListener("input", moved);
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
