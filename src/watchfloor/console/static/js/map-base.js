// The base map: our own files as sources of MapLibre, in the colours of the page's theme.
let colours = new Map();

export function colour(name) {
  if (!colours.has(name)) {
    colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--map-${name}`).trim());
  }
  return colours.get(name);
}

// The theme has changed: colours are to be read again.
export const forget = () => (colours = new Map());

// A line of whole numbers, the first point and then steps, as points in degrees.
function points(steps, unit) {
  const found = [];
  let x = 0, y = 0;
  for (let n = 0; n < steps.length; n += 2) found.push([(x += steps[n]) / unit, (y += steps[n + 1]) / unit]);
  return found;
}

const source = (type, coordinates) => ({ type: "geojson", data: { type, coordinates } });

function sources(base, border, region) {
  const rings = (polygons) => polygons.map((one) => one.map((ring) => points(ring, base.unit)));
  const own = {
    land: source("MultiPolygon", rings(base.land)),
    lakes: source("MultiPolygon", rings(base.lakes)),
    states: source("MultiLineString", base.lines.map((one) => points(one, base.unit))),
    border: source("MultiLineString", border.lines.map((one) => points(one.line, border.unit))),
    ground: source("MultiPolygon", []), // what changed on it; the page fills it
  };
  if (!region) return own;
  const { tiles, zooms: [minzoom, maxzoom], box: bounds } = region;
  return { ...own, region: { type: "vector", tiles: [location.origin + tiles], minzoom, maxzoom, bounds } };
}

// Rows are: a layer's id, its type and source, its colours, the width of a line, and what else it has.
const BENEATH = [
  ["sea", "background", null, { "background-color": "sea" }],
  ["land", "fill", "land", { "fill-color": "land" }],
  ["lakes", "fill", "lakes", { "fill-color": "lake" }],
  ["coast", "line", "land", { "line-color": "coast" }, 0.7],
  ["shore", "line", "lakes", { "line-color": "coast" }, 0.5],
];
const ABOVE = [
  ["states", "line", "states", { "line-color": "state" }, 0.8],
  ["border", "line", "border", { "line-color": "border" }, ["interpolate", ["linear"], ["zoom"], 3, 1.2, 10, 2.6]],
  ["ground", "line", "ground", { "line-color": "signal" }, 2],
];

// The regional map. Layers have the names of Protomaps' schema (earth, water, roads, boundaries, places) or of
// OpenMapTiles'; of a file that has none of these all layers are drawn, alike.
const is = (...types) => ["in", ["geometry-type"], ["literal", types.flatMap((one) => [one, `Multi${one}`])]];
const kind = ["coalesce", ["get", "kind"], ["get", "pmap:kind"], ["get", "class"], ""];
const wide = (motorway, main, other) => ["match", kind, ["highway", "motorway", "trunk"], motorway, ["major_road", "medium_road", "primary", "secondary"], main, other];
const fill = (of) => ["fill", { "fill-color": of }, undefined, { filter: is("Polygon") }];
const line = (of, width, filter = true) => ["line", { "line-color": of }, width, { filter }];
const inland = ["all", ["!=", kind, "country"], ["!=", ["get", "admin_level"], 2]]; // the border is our own
const ROADS = ["interpolate", ["exponential", 1.5], ["zoom"], 5, wide(0.9, 0.4, 0.2), 10, wide(1.8, 1, 0.5), 17, wide(12, 9, 5)];
const WATER = [fill("lake"), line("shore", ["interpolate", ["exponential", 1.5], ["zoom"], 7, 0.5, 15, 2], is("LineString"))];
const REGION = {
  earth: [fill("land")],
  water: WATER,
  waterway: WATER,
  buildings: [fill("built")],
  building: [fill("built")],
  roads: [line("road", ROADS, is("LineString"))],
  transportation: [line("road", ROADS, is("LineString"))],
  boundaries: [line("state", 0.8, inland)],
  boundary: [line("state", 0.8, inland)],
  places: [line("coast", 0.8, is("Polygon"))],
  place: [line("coast", 0.8, is("Polygon"))],
};
const ANY = [line("coast", 1.2), ["circle", { "circle-color": "coast" }, undefined, { filter: is("Point"), paint: { "circle-radius": 3 } }]];

function regional(names) {
  const some = Object.keys(REGION).filter((one) => names.includes(one));
  const rows = some.length ? some.map((one) => [one, REGION[one]]) : names.map((one) => [one, ANY]);
  return rows.flatMap(([name, of]) => of.map(([type, paint, width, more]) => [`region-${name}-${type}`, type, "region", paint, width, { ...more, "source-layer": name }]));
}

let drawn = [];

const painted = ([id, type, from, paint, width, { paint: own, ...more } = {}]) => {
  const made = Object.fromEntries(Object.entries(paint).map(([name, of]) => [name, colour(of)]));
  if (width) made["line-width"] = width;
  return { id, type, paint: { ...made, ...own }, ...(from ? { source: from } : {}), ...more };
};

// What a page's element names: base map, border and places as they are, and the style of a map of them.
export async function ground({ base: at, border: line_, places: named, region: said }) {
  const [base, border, places] = await Promise.all([at, line_, named].map((one) => fetch(one).then((answer) => answer.json())));
  const region = said ? JSON.parse(said) : null;
  drawn = [...BENEATH, ...(region ? regional(region.layers) : []), ...ABOVE];
  return { base, border, places, style: { version: 8, sources: sources(base, border, region), layers: drawn.map(painted) } };
}

// Paint anew after the theme has changed.
export function repaint(map) {
  for (const [id, , , paint] of drawn) {
    for (const [name, of] of Object.entries(paint)) map.setPaintProperty(id, name, colour(of));
  }
}

// Kilometre posts of the border in a box: a whole step apart, between two points of the line by its kilometres.
export function posts(border, step, [west, south, east, north]) {
  const found = [];
  for (const { chain, line, km } of border.lines) {
    let x = 0, y = 0, at = 0;
    for (let n = 0; n < km.length; n++) {
      const [x0, y0, before] = [x, y, at];
      x += line[2 * n] / border.unit;
      y += line[2 * n + 1] / border.unit;
      at += km[n] / 100;
      if (!n || Math.max(x, x0) < west || Math.min(x, x0) > east || Math.max(y, y0) < south || Math.min(y, y0) > north) continue;
      for (let post = Math.ceil(before / step) * step; post < at; post += step) {
        const share = (post - before) / (at - before);
        found.push({ text: `${chain === "alaska" ? "AK " : ""}km ${post}`, km: post, place: [x0 + share * (x - x0), y0 + share * (y - y0)] });
      }
    }
  }
  return found;
}
