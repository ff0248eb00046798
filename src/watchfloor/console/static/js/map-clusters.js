// Clusters: far out, things that would lie over each other become one disc with their number. The few stay as they
// are, and so does every thing where a life is at risk and the one that is chosen.
import { DANGER, FLAGS, HEAD, HIDDEN, THING } from "./map-frame.js";

export const BELOW = 9;
const CELL = 56, FEW = 5, WEST = -170, EAST = -45, SOUTH = 35, NORTH = 75;
let cells = new Int32Array(0); // of each thing, kept between the two passes
const counts = new Int32Array(1 << 19), sums = [new Float64Array(1 << 19), new Float64Array(1 << 19)];

// Hide what is clustered at a zoom, and tell the clusters. A cell is as wide as it would be at latitude 49: no
// logarithm for each of 50,000 things.
export function cluster(frame, zoom, shown, chosen) {
  const words = new Int32Array(frame, HEAD), bytes = new Uint8Array(frame, HEAD), step = THING / 4, count = bytes.length / THING;
  if (zoom >= BELOW) return [];
  const wide = (CELL * 360) / (512 * 2 ** Math.floor(zoom)), tall = wide * 0.656, across = Math.ceil((EAST - WEST) / wide);
  const rows = Math.ceil((NORTH - SOUTH) / tall);
  if (across * rows > counts.length) return [];
  counts.fill(0, 0, across * rows);
  for (const one of sums) one.fill(0, 0, across * rows);
  if (cells.length < count) cells = new Int32Array(count);
  const cell = (at) => {
    const y = Math.floor((words[at + 2] / 1e7 - SOUTH) / tall), x = Math.floor((words[at + 1] / 1e7 - WEST) / wide);
    return y < 0 || y >= rows || x < 0 || x >= across ? -1 : y * across + x;
  };
  const joins = (row) => !(bytes[row * THING + FLAGS] & (DANGER | HIDDEN)) && (shown >> bytes[row * THING + 14]) & 1 && words[row * step] !== chosen;
  for (let row = 0, at = 0; row < count; row++, at += step) {
    const here = (cells[row] = joins(row) ? cell(at) : -1);
    if (here < 0) continue;
    counts[here]++;
    sums[0][here] += words[at + 1];
    sums[1][here] += words[at + 2];
  }
  for (let row = 0; row < count; row++) {
    if (cells[row] >= 0 && counts[cells[row]] >= FEW) bytes[row * THING + FLAGS] |= HIDDEN;
  }
  const found = [];
  for (let here = 0; here < across * rows; here++) {
    if (counts[here] >= FEW) found.push({ count: counts[here], place: [sums[0][here] / counts[here] / 1e7, sums[1][here] / counts[here] / 1e7] });
  }
  return found;
}
