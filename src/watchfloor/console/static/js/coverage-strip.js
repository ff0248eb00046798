// A strip of the line: kilometres from left to right, hours from top to bottom.
import { band, css } from "./coverage-cells.js";

export const LEFT = 46; // pixels of the hours' names
const MEANT = 0.01; // a difference below it is none

function sized(canvas) {
  const fine = devicePixelRatio, { clientWidth: wide, clientHeight: tall } = canvas;
  Object.assign(canvas, { width: Math.round(wide * fine), height: Math.round(tall * fine) });
  const pen = canvas.getContext("2d");
  pen.setTransform(fine, 0, 0, fine, 0, 0);
  pen.clearRect(0, 0, wide, tall);
  pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return { pen, wide, tall };
}

// The kilometre under a place of a strip.
export const kilometre = (x, wide, [from, to]) => Math.max(from, Math.min(to - 1, Math.floor(from + ((x - LEFT) / (wide - LEFT)) * (to - from))));

export class Strip {
  // `other` is what `cells` is compared with: then the difference is drawn, gains full and losses hatched.
  constructor(canvas, cells, other, clock) {
    Object.assign(this, { canvas, cells, other, clock });
  }

  draw([from, to], chosen, begun) {
    const { pen, wide, tall } = sized(this.canvas), { hours } = this.cells, high = tall / hours;
    const colours = this.other ? [css("gain"), css("loss"), css("heat-0")] : [0, 1, 2, 3, 4, 5].map((one) => css(`heat-${one}`));
    pen.fillStyle = colours[this.other ? 2 : 0];
    pen.fillRect(LEFT, 0, wide - LEFT, tall);
    const row = (hour) => Math.round(hour * high * devicePixelRatio) / devicePixelRatio; // no seams between hours
    const per = (to - from) / (wide - LEFT);
    for (let x = LEFT; x < wide; x++) {
      const first = Math.min(Math.floor(from + (x - LEFT) * per), to - 1), last = Math.max(first + 1, Math.min(Math.floor(from + (x + 1 - LEFT) * per), to));
      for (let hour = 0; hour < hours; hour++) {
        const mean = this.cells.mean(first, last, hour);
        const colour = this.other ? this.changed(mean - this.other.mean(first, last, hour), x + hour * 3) : band(mean);
        if (colour === null || (!this.other && !colour)) continue;
        pen.fillStyle = colours[colour];
        pen.fillRect(x, row(hour), 1, Math.max(row(hour + 1) - row(hour), 1));
      }
    }
    this.named(pen, high, wide, begun);
    const at = LEFT + ((chosen.km + 0.5 - from) / (to - from)) * (wide - LEFT);
    pen.strokeStyle = css("focus");
    pen.lineWidth = 2;
    if (at >= LEFT && at <= wide) pen.strokeRect(at - 4, chosen.hour * high - 1, 8, high + 2);
  }

  changed(difference, place) {
    if (Math.abs(difference) * 20 < MEANT) return null;
    return difference > 0 ? 0 : place % 4 < 2 ? 1 : null;
  }

  // Hours on the left, and the line between what was reported and what is planned.
  named(pen, high, wide, begun) {
    const every = [1, 2, 3, 6, 12, 24].find((one) => one * high >= 18) ?? 24;
    pen.fillStyle = css("text");
    pen.textBaseline = "middle";
    for (let hour = 0; hour < this.cells.hours; hour += every) pen.fillText(this.clock(hour), 0, Math.max(7, hour * high + high / 2), LEFT - 3);
    if (!begun || begun >= this.cells.hours) return;
    pen.strokeStyle = css("now");
    pen.lineWidth = 1.5;
    pen.setLineDash([5, 3]);
    pen.beginPath();
    pen.moveTo(LEFT, begun * high);
    pen.lineTo(wide, begun * high);
    pen.stroke();
    pen.setLineDash([]);
  }
}

// Stretches below the strips: ground by lightness and by its first letter, and names where there is room.
export function drawGround(canvas, stretches, [from, to]) {
  const { pen, wide, tall } = sized(canvas);
  pen.textBaseline = "middle";
  for (const { km, end, ground, kind, name } of stretches) {
    const place = (one) => LEFT + ((Math.min(Math.max(one, from), to) - from) / (to - from)) * (wide - LEFT);
    const left = place(km), right = place(end);
    if (right <= left) continue;
    pen.fillStyle = css(`${ground}-ground`);
    pen.fillRect(left, 0, right - left, tall);
    pen.fillStyle = css("text");
    pen.fillRect(left, 0, 1, tall);
    for (const text of [`${name} · ${kind}`, name, kind]) {
      if (pen.measureText(text).width > right - left - 6) continue;
      pen.fillText(text, left + 4, tall / 2);
      break;
    }
  }
}
