// Coverage as the page carries it: numbers that are deflated and in base 64; console/pages/coverage.py packs them.
import { fromBase64 } from "./map-frame.js";

export async function unpacked(text, Kind = Uint8Array) {
  const stream = new Blob([fromBase64(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Kind(await new Response(stream).arrayBuffer());
}

// Chances in steps, by kilometre and then hour.
export class Cells {
  constructor(values, hours, steps) {
    Object.assign(this, { values, hours, steps, kilometres: values.length / hours });
  }

  at(km, hour) {
    return this.values[km * this.hours + hour] / this.steps;
  }

  // The mean chance of some kilometres at an hour.
  mean(from, to, hour) {
    let sum = 0;
    for (let km = from; km < to; km++) sum += this.values[km * this.hours + hour];
    return sum / (to - from) / this.steps;
  }
}

// 0: not seen; else by fifths, 1 to 5.
export const band = (chance) => (chance > 0 ? Math.min(1 + Math.floor(chance * 5), 5) : 0);

export const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
