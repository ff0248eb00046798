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

export function sources(base, border) {
  const rings = (polygons) => polygons.map((one) => one.map((ring) => points(ring, base.unit)));
  return {
    land: source("MultiPolygon", rings(base.land)),
    lakes: source("MultiPolygon", rings(base.lakes)),
    states: source("MultiLineString", base.lines.map((one) => points(one, base.unit))),
    border: source("MultiLineString", border.lines.map((one) => points(one.line, border.unit))),
    ground: source("MultiPolygon", []), // what changed on it; the page fills it
  };
}

const PAINT = {
  sea: ["background", null, { "background-color": "sea" }],
  land: ["fill", "land", { "fill-color": "land" }],
  lakes: ["fill", "lakes", { "fill-color": "lake" }],
  coast: ["line", "land", { "line-color": "coast" }, 0.7],
  shore: ["line", "lakes", { "line-color": "coast" }, 0.5],
  states: ["line", "states", { "line-color": "state" }, 0.8],
  border: ["line", "border", { "line-color": "border" }, ["interpolate", ["linear"], ["zoom"], 3, 1.2, 10, 2.6]],
  ground: ["line", "ground", { "line-color": "signal" }, 2],
};

export function layers() {
  return Object.entries(PAINT).map(([id, [type, from, paint, width]]) => {
    const painted = Object.fromEntries(Object.entries(paint).map(([name, of]) => [name, colour(of)]));
    if (width) painted["line-width"] = width;
    return { id, type, paint: painted, ...(from ? { source: from } : {}) };
  });
}

// Paint anew after the theme has changed.
export function repaint(map) {
  for (const [id, [, , paint]] of Object.entries(PAINT)) {
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
