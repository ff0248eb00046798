// Tools of the map: distance and bearing between two clicks, rings around what is chosen, and an area drawn by hand
// that selects what is in it.
import { colour } from "./map-base.js";
import { thing, within } from "./map-frame.js";

const EARTH = 6_371_008.8, TURN = Math.PI / 180;
const RINGS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200];

// Metres and degrees clockwise from north between two places, on a sphere.
export function between([a, b], [c, d]) {
  const [x, y, u, v] = [a, b, c, d].map((one) => one * TURN);
  const half = Math.sin((v - y) / 2) ** 2 + Math.cos(y) * Math.cos(v) * Math.sin((u - x) / 2) ** 2;
  const turn = Math.atan2(Math.sin(u - x) * Math.cos(v), Math.cos(y) * Math.sin(v) - Math.sin(y) * Math.cos(v) * Math.cos(u - x));
  return { metres: 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(half))), bearing: (turn / TURN + 360) % 360 };
}

// The place so many metres away in a direction.
export function away([longitude, latitude], metres, bearing) {
  const far = metres / EARTH, y = latitude * TURN, turn = bearing * TURN;
  const v = Math.asin(Math.sin(y) * Math.cos(far) + Math.cos(y) * Math.sin(far) * Math.cos(turn));
  const u = longitude * TURN + Math.atan2(Math.sin(turn) * Math.sin(far) * Math.cos(y), Math.cos(far) - Math.sin(y) * Math.sin(v));
  return [u / TURN, v / TURN];
}

// The circle around an area: its middle, and metres to what is farthest from it.
export function around(area) {
  const [x, y] = [0, 1].map((axis) => area.map((one) => one[axis]));
  const middle = [x, y].map((each) => (Math.min(...each) + Math.max(...each)) / 2);
  return { middle, metres: Math.ceil(Math.max(...area.map((one) => between(middle, one).metres), 1)) };
}

// Rows of a frame in an area of places.
export function inside(frame, area, most) {
  const [x, y] = [0, 1].map((axis) => area.map((one) => one[axis]));
  const box = within(frame, Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y), most);
  return box.filter((row) => {
    const { longitude, latitude } = thing(frame, row);
    let odd = false;
    for (let n = 0, m = area.length - 1; n < area.length; m = n++) {
      const [a, b] = area[n], [c, d] = area[m];
      if (b > latitude !== d > latitude && longitude < ((c - a) * (latitude - b)) / (d - b) + a) odd = !odd;
    }
    return odd;
  });
}

const told = (metres) => (metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(metres < 10_000 ? 2 : 1)} km`);

export class Tools {
  mode = "";
  points = [];
  ringed = false;

  constructor(map, labels, chosen, selected) {
    Object.assign(this, { map, labels, chosen, selected });
    labels.over = () => this.draw();
    const canvas = map.getCanvasContainer();
    canvas.addEventListener("pointerdown", (event) => this.begun(event), true);
    canvas.addEventListener("pointermove", (event) => this.moved(event), true);
    canvas.addEventListener("pointerup", (event) => this.ended(event), true);
  }

  // Begin with a tool, or leave it.
  use(mode) {
    this.mode = this.mode === mode ? "" : mode;
    this.points = [];
    this.map.dragPan[this.mode === "area" ? "disable" : "enable"]();
    this.map.getCanvas().style.cursor = this.mode ? "crosshair" : "";
    this.labels.ask();
  }

  // A click with the tape in hand; whether it was meant for it.
  clicked(place) {
    if (this.mode === "area") return true;
    if (this.mode !== "measure") return false;
    if (this.points.length > 1) this.points = [];
    this.points.push(place);
    this.labels.ask();
    return true;
  }

  place(event) {
    const { left, top } = this.map.getCanvas().getBoundingClientRect();
    return this.map.unproject([event.clientX - left, event.clientY - top]).toArray();
  }

  begun(event) {
    if (this.mode !== "area") return;
    this.drawing = true;
    this.points = [this.place(event)];
  }

  moved(event) {
    if (this.mode === "measure" && this.points.length === 1) this.hover = this.place(event);
    else if (this.drawing) this.points.push(this.place(event));
    else return;
    this.labels.ask();
  }

  ended() {
    if (!this.drawing) return;
    this.drawing = false;
    const area = this.points;
    if (area.length > 2) this.selected(area);
  }

  draw() {
    const pen = this.labels.ink, at = (place) => this.labels.at(place), ends = this.points.length === 1 && this.hover ? [...this.points, this.hover] : this.points;
    pen.strokeStyle = pen.fillStyle = colour("chosen");
    pen.lineWidth = 1.5;
    if (this.mode === "measure" && ends.length === 2) {
      this.line(ends.map(at));
      const { metres, bearing } = between(...ends);
      this.said = `${told(metres)} · ${Math.round(bearing)}°`;
      this.labels.text(ends[1], this.said, { font: "600 13px", ink: "text", up: 12 });
    }
    if (this.mode === "area" && ends.length > 1) this.line([...ends, ends[0]].map(at));
    const centre = this.ringed && this.chosen();
    if (!centre) return;
    const view = this.map.getBounds(), wide = between([view.getWest(), centre[1]], [view.getEast(), centre[1]]).metres;
    for (const km of RINGS.filter((one) => one * 1000 > wide / 30 && one * 1000 < wide / 2)) {
      this.line(Array.from({ length: 73 }, (_, n) => at(away(centre, 1000 * km, 5 * n))), [4, 4]);
      this.labels.text(away(centre, 1000 * km, 0), told(1000 * km), { font: "11px", ink: "text", up: 3 });
    }
  }

  line(points, dashes = []) {
    const pen = this.labels.ink;
    pen.strokeStyle = colour("chosen");
    pen.lineWidth = 1.5;
    pen.setLineDash(dashes);
    pen.beginPath();
    for (const [n, [x, y]] of points.entries()) n ? pen.lineTo(x, y) : pen.moveTo(x, y);
    pen.stroke();
    pen.setLineDash([]);
  }
}
