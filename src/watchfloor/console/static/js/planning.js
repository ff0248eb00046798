// Tours on a map: those by risk, those that explore, and one that is chosen in the table or on the map.
import { colour, forget, ground, repaint } from "./map-base.js";
import { Labels } from "./map-labels.js";

const $ = (id) => document.getElementById(id);
const section = $("tours-map"), said = section?.dataset;
const rows = [...document.querySelectorAll("#tours tbody tr")];
const tours = rows.map((row, number) => ({
  row,
  number,
  explores: row.classList.contains("explores"),
  route: row.dataset.route.trim().split(" ").map((one) => one.split(",").map(Number)),
  name: `${row.querySelector(".to").textContent} · ${row.cells[1].textContent}`,
}));
const page = { chosen: null };
window.watchfloorPlan = page; // for tests

const shown = () => (page.chosen === null ? tours : [tours[page.chosen]]);

function bounds(some) {
  const [x, y] = [0, 1].map((axis) => some.flatMap(({ route }) => route.map((one) => one[axis])));
  return [[Math.min(...x), Math.min(...y)], [Math.max(...x), Math.max(...y)]];
}

function draw() {
  const source = page.map?.getSource("tours");
  if (!source) return;
  const features = shown().map(({ route, explores, number }) => ({ type: "Feature", properties: { explores, number }, geometry: { type: "LineString", coordinates: route } }));
  source.setData({ type: "FeatureCollection", features });
  page.labels.things = shown().slice(0, 40).map(({ route, name, explores }) => ({ text: name, place: route[Math.floor(route.length / 2)], colour: explores ? "signal" : "task" }));
  page.labels.ask();
}

// Show one tour alone, or all again; the table and the map say the same.
function choose(number, near = true) {
  page.chosen = number;
  for (const one of tours) {
    one.row.classList.toggle("chosen", one.number === number);
    one.row.querySelector(".to").setAttribute("aria-pressed", String(one.number === number));
  }
  $("all-tours").hidden = number === null;
  draw();
  if (near && tours.length) page.map?.fitBounds(bounds(shown()), { padding: 60, maxZoom: 11, animate: false });
}

function painted(map) {
  map.setPaintProperty("tours", "line-color", colour("task"));
  map.setPaintProperty("exploring", "line-color", colour("signal"));
  map.setPaintProperty("tours-edge", "line-color", colour("halo"));
}

async function begin() {
  const { base, border, places, style } = await ground(said);
  const [west, south, east, north] = base.bounds;
  const map = new maplibregl.Map({
    container: $("plan-map"),
    style,
    bounds: [[-128, 41.5], [-62, 53]],
    maxBounds: [[west, south], [east, north]],
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    maxPitch: 0,
    fadeDuration: 0,
    maxZoom: 15,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
  map.addControl(new maplibregl.ScaleControl());
  page.labels = new Labels(map, places, border, said.lang === "fr");
  await new Promise((done) => map.once("load", done));
  map.addSource("tours", { type: "geojson", data: { type: "FeatureCollection", features: [] }, tolerance: 0 });
  const layout = { "line-cap": "round", "line-join": "round" };
  map.addLayer({ id: "tours-edge", type: "line", source: "tours", paint: { "line-width": 6 }, layout });
  map.addLayer({ id: "tours", type: "line", source: "tours", filter: ["!", ["get", "explores"]], paint: { "line-width": 3 }, layout });
  map.addLayer({ id: "exploring", type: "line", source: "tours", filter: ["get", "explores"], paint: { "line-width": 3, "line-dasharray": [2, 1.5] } });
  page.map = map;
  painted(map);
  document.documentElement.addEventListener("themed", () => {
    forget();
    repaint(map);
    painted(map);
    page.labels.ask();
  });
  map.on("click", ({ point: { x, y } }) => {
    const [found] = map.queryRenderedFeatures([[x - 8, y - 8], [x + 8, y + 8]], { layers: ["tours-edge"] });
    if (found) choose(found.properties.number, false);
  });
  choose(page.chosen);
  $("plan-map").dataset.ready = "true";
}

if (section) {
  for (const { row, number } of tours) row.querySelector(".to").addEventListener("click", () => choose(page.chosen === number ? null : number));
  $("all-tours").addEventListener("click", () => choose(null));
  begin().catch((error) => {
    $("state").textContent = said.noWebgl;
    $("state").hidden = false;
    throw error;
  });
}
