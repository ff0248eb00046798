// Words on the map, drawn with the page's own fonts on a canvas above it: places, ports, kilometres, names of
// things. What would overlap is left out, in the order of what matters.
import { colour, posts } from "./map-base.js";

const STEPS = [[4, 500], [5.5, 250], [7, 100], [8.5, 25], [10, 10], [11.5, 5], [Infinity, 1]];
const TOWNS = new Set(["locality", "city", "town", "village"]);

export class Labels {
  constructor(map, places, border, french) {
    Object.assign(this, { map, places, border, french, shown: new Set(["port", "post"]), things: [], clusters: [], hits: [], regional: [] });
    this.canvas = document.createElement("canvas");
    this.canvas.className = "labels";
    this.canvas.setAttribute("aria-hidden", "true");
    map.getCanvasContainer().append(this.canvas);
    this.ink = this.canvas.getContext("2d");
    map.on("move", () => this.ask());
    map.on("resize", () => this.ask());
    map.on("idle", () => this.gather());
    this.ask();
  }

  // Draw before the next picture, once however often it is asked for.
  ask() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      this.draw();
    });
  }

  draw() {
    const { map, ink, canvas } = this, { clientWidth: wide, clientHeight: tall } = map.getContainer();
    const fine = devicePixelRatio;
    if (canvas.width !== wide * fine || canvas.height !== tall * fine) {
      Object.assign(canvas, { width: wide * fine, height: tall * fine });
      Object.assign(canvas.style, { width: `${wide}px`, height: `${tall}px` });
    }
    ink.setTransform(fine, 0, 0, fine, 0, 0);
    ink.clearRect(0, 0, wide, tall);
    Object.assign(this, { taken: [], hits: [], wide, tall, zoom: map.getZoom() });
    this.over?.();
    this.drawClusters();
    this.drawThings();
    this.drawPlaces((kind) => kind === "city");
    if (this.shown.has("port")) this.drawPorts();
    if (this.shown.has("post")) this.drawPosts();
    this.drawPlaces((kind) => kind !== "city");
    for (const { text, place } of this.regional) this.text(place, text, { font: "11px", ink: "text", right: 6, dot: 1.5 });
  }

  // Take the names of towns that the regional map has in view, the largest first; not those that are written already.
  gather() {
    if (!this.map.getSource("region")) return;
    const found = ["places", "place"].flatMap((sourceLayer) => this.map.querySourceFeatures("region", { sourceLayer }));
    const own = (text, [x, y]) => this.places.places.some(([, english, french, latitude, longitude]) => (text === english || text === french) && Math.hypot(x - longitude, y - latitude) < 0.3);
    const named = found.flatMap(({ geometry: { type, coordinates: place }, properties: of }) => {
      const text = (this.french ? of["name:fr"] : of["name:en"]) ?? of.name;
      if (type !== "Point" || !text || !TOWNS.has(of.kind ?? of.class) || (of.min_zoom ?? 0) > this.map.getZoom() + 1 || own(text, place)) return [];
      return [{ text: String(text).slice(0, 40), place, size: of.population_rank ?? -(of.rank ?? 0) }];
    });
    this.regional = [...new Map(named.map((one) => [[one.text, ...one.place.map((side) => side.toFixed(2))].join(), one])).values()].sort((one, other) => other.size - one.size);
    this.ask();
  }

  // A disc where many things are, with their number; a click goes nearer.
  drawClusters() {
    const pen = this.ink;
    for (const { count, place } of this.clusters) {
      const [x, y] = this.at(place);
      if (!this.isIn(x, y)) continue;
      const text = count < 1000 ? `${count}` : `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)}k`, r = 11 + 2 * Math.log2(count / 4);
      pen.beginPath();
      pen.arc(x, y, Math.min(r, 26), 0, 2 * Math.PI);
      pen.fillStyle = colour("halo");
      pen.globalAlpha = 0.85;
      pen.fill();
      pen.globalAlpha = 1;
      pen.lineWidth = 2;
      pen.strokeStyle = pen.fillStyle = colour("track");
      pen.stroke();
      pen.font = `600 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif`;
      pen.fillText(text, x - pen.measureText(text).width / 2, y + 4);
      this.taken.push([x - r, y - r, x + r, y + r]);
      this.hits.push({ x, y, count, place });
    }
  }

  drawThings() {
    if (this.zoom < 5) return;
    for (const { text, place, colour: of } of this.things) {
      this.text(place, text.length > 32 ? `${text.slice(0, 31)}…` : text, { font: "600 12px", ink: of, right: 11 });
    }
  }

  drawPlaces(wanted) {
    for (const [kind, english, french, latitude, longitude, from] of this.places.places) {
      if (!wanted(kind) || this.zoom < from - 0.6 || (kind === "area" && this.zoom > 8)) continue;
      const text = this.french ? french : english;
      if (kind === "city") this.text([longitude, latitude], text, { font: "12px", ink: "text", right: 6, dot: 2 });
      else if (kind === "water") this.text([longitude, latitude], text, { font: "italic 12px", ink: "water-text" });
      else this.text([longitude, latitude], text.toUpperCase(), { font: "600 11px", ink: "text", soft: 0.7 });
    }
  }

  drawPorts() {
    if (this.zoom < 4.5) return;
    for (const [code, name, latitude, longitude] of this.places.ports) {
      const [x, y] = this.at([longitude, latitude]);
      if (!this.isIn(x, y)) continue;
      this.ink.fillStyle = colour("port");
      this.ink.fillRect(x - 3, y - 3, 6, 6);
      this.hits.push({ x, y, text: `${name} (${code})`, place: [longitude, latitude] });
      if (this.zoom >= 7) this.text([longitude, latitude], name, { font: "11px", ink: "port", right: 6 });
    }
  }

  drawPosts() {
    const step = STEPS.find(([below]) => this.zoom < below)[1], box = this.map.getBounds();
    const found = posts(this.border, step, [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]);
    for (const { text, place } of found) {
      const [x, y] = this.at(place);
      if (!this.isIn(x, y)) continue;
      this.ink.fillStyle = colour("post");
      this.ink.fillRect(x - 1.5, y - 5, 3, 10);
      this.hits.push({ x, y, text, place });
      this.text(place, text, { font: "11px", ink: "post", up: 12 });
    }
  }

  text(place, text, { font, ink, right = 0, up = 0, dot = 0, soft = 1 }) {
    const [x, y] = this.at(place), pen = this.ink;
    if (!this.isIn(x, y)) return;
    pen.font = `${font} system-ui, "Segoe UI", "DejaVu Sans", sans-serif`;
    const long = pen.measureText(text).width, left = right ? x + right : x - long / 2, base = y + 4 - up;
    const box = [left - 3, base - 13, left + long + 3, base + 4];
    if (this.taken.some((one) => box[0] < one[2] && box[2] > one[0] && box[1] < one[3] && box[3] > one[1])) return;
    this.taken.push(box);
    pen.globalAlpha = soft;
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.strokeStyle = colour("halo");
    pen.strokeText(text, left, base);
    pen.fillStyle = colour(ink);
    pen.fillText(text, left, base);
    if (dot) pen.fillRect(x - dot, y - dot, 2 * dot, 2 * dot);
    pen.globalAlpha = 1;
  }

  at(place) {
    const { x, y } = this.map.project(place);
    return [x, y];
  }

  isIn(x, y) {
    return x > -40 && y > -20 && x < this.wide + 40 && y < this.tall + 20;
  }

  // The port or post under a point of the screen.
  under(x, y) {
    const far = (one) => Math.hypot(one.x - x, one.y - y);
    return this.hits.filter((one) => far(one) < (one.count ? 24 : 12)).sort((one, other) => far(one) - far(other))[0];
  }
}
