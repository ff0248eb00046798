// The line on a map, a kilometre a piece, in the steps of the strip: fainter and thinner where less is seen.
import { colour, forget, ground, repaint } from "./map-base.js";
import { Labels } from "./map-labels.js";
import { band, css } from "./coverage-cells.js";

const BANDS = [0, 1, 2, 3, 4, 5];
const empty = () => ({ type: "FeatureCollection", features: [] });

// Each whole kilometre of the line without Alaska as points in degrees: its ends, and what lies between.
function pieces({ lines, unit }) {
  const found = [];
  for (const { chain, line, km } of lines) {
    if (chain !== "main") continue;
    let x = 0, y = 0, at = 0;
    for (let n = 0; n < km.length; n++) {
      const [x0, y0, before] = [x, y, at];
      x += line[2 * n] / unit;
      y += line[2 * n + 1] / unit;
      at += km[n] / 100;
      if (!n) continue;
      for (let from = before; from < at; ) {
        const to = Math.min(Math.floor(from) + 1, at), point = (one) => [x0 + ((one - before) / (at - before)) * (x - x0), y0 + ((one - before) / (at - before)) * (y - y0)];
        (found[Math.floor(from)] ??= [point(from)]).push(point(to));
        from = to;
      }
    }
  }
  return found;
}

export class LineMap {
  constructor(box, said) {
    Object.assign(this, { box, said });
  }

  async begin() {
    const { base, border, places, style } = await ground(this.said);
    this.pieces = pieces(border);
    const [west, south, east, north] = base.bounds;
    this.map = new maplibregl.Map({
      container: this.box,
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
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
    this.map.addControl(new maplibregl.ScaleControl());
    this.labels = new Labels(this.map, places, border, this.said.lang === "fr");
    await new Promise((done) => this.map.once("load", done));
    for (const one of ["coverage", "chosen", "plan"]) this.map.addSource(one, { type: "geojson", data: empty(), tolerance: 0 }); // short runs stay when far away
    this.map.addLayer({ id: "coverage-edge", type: "line", source: "coverage", paint: { "line-width": ["+", 6, ["*", 1.5, ["get", "band"]]] }, layout: { "line-cap": "round" } });
    this.map.addLayer({ id: "coverage", type: "line", source: "coverage", paint: { "line-width": ["+", 3, ["*", 1.5, ["get", "band"]]] }, layout: { "line-cap": "round" } });
    this.map.addLayer({ id: "chosen", type: "circle", source: "chosen", paint: { "circle-radius": 9, "circle-opacity": 0, "circle-stroke-width": 3 } });
    this.map.addLayer({ id: "plan", type: "circle", source: "plan", paint: { "circle-radius": 6, "circle-stroke-width": 2.5 } });
    this.painted();
    document.documentElement.addEventListener("themed", () => {
      forget();
      repaint(this.map);
      this.painted();
      this.labels.ask();
    });
    this.map.on("click", ({ lngLat }) => this.clicked?.(this.nearest(lngLat)));
    if (this.drawn) this.draw(...this.drawn);
    this.box.dataset.ready = "true";
  }

  painted() {
    this.map.setPaintProperty("coverage", "line-color", ["match", ["get", "band"], ...BANDS.slice(1).flatMap((one) => [one, css(`heat-${one}`)]), css("heat-0")]);
    this.map.setPaintProperty("coverage-edge", "line-color", colour("chosen"));
    this.map.setPaintProperty("chosen", "circle-stroke-color", css("focus"));
    this.map.setPaintProperty("plan", "circle-color", colour("signal"));
    this.map.setPaintProperty("plan", "circle-stroke-color", colour("halo"));
  }

  // Draw an hour: pieces of a band are one feature. What is not seen stays the border's own line.
  draw(cells, hour, km, name) {
    this.drawn = [cells, hour, km, name];
    const source = this.map?.getSource("coverage");
    if (!source) return;
    const lines = BANDS.map(() => []);
    for (let at = 0, before = -1; at < Math.min(cells.kilometres, this.pieces.length); at++) {
      const here = band(cells.at(at, hour));
      if (here === before) lines[here].at(-1).push(...this.pieces[at].slice(1));
      else lines[here].push([...this.pieces[at]]);
      before = here;
    }
    const features = BANDS.slice(1).map((one) => ({ type: "Feature", properties: { band: one }, geometry: { type: "MultiLineString", coordinates: lines[one] } }));
    source.setData({ type: "FeatureCollection", features });
    this.map.getSource("chosen").setData({ type: "Point", coordinates: this.place(km) });
    this.labels.things = [{ text: name, place: this.place(km), colour: "chosen" }, ...(this.sites ?? [])];
    this.labels.ask();
  }

  // Draw the sites of a plan of towers, and go where they are.
  plan(sites) {
    const places = sites.map(({ longitude, latitude }) => [longitude, latitude]);
    this.sites = sites.map(({ name }, at) => ({ text: name, place: places[at], colour: "signal" }));
    this.map.getSource("plan").setData({ type: "MultiPoint", coordinates: places });
    this.draw(...this.drawn);
    const [x, y] = [0, 1].map((axis) => places.map((one) => one[axis]));
    if (places.length) this.map.fitBounds([[Math.min(...x), Math.min(...y)], [Math.max(...x), Math.max(...y)]], { padding: 50, maxZoom: 10, animate: false });
  }

  place(km) {
    const one = this.pieces[Math.min(km, this.pieces.length - 1)];
    return one[Math.floor(one.length / 2)];
  }

  centre(km, zoom) {
    this.map?.jumpTo({ center: this.place(km), zoom: zoom ?? this.map.getZoom() });
  }

  nearest({ lng, lat }) {
    let best = 0, least = Infinity;
    this.pieces.forEach(([[x, y]], km) => {
      const far = ((x - lng) * Math.cos((lat * Math.PI) / 180)) ** 2 + (y - lat) ** 2;
      if (far < least) [best, least] = [km, far];
    });
    return best;
  }
}
