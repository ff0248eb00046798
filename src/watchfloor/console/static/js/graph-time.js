// The strip of time below a graph: what happened when, and a brush that shows of the rest only what is within it.
import { make } from "./graph-draw.js";

const WIDE = 1000, TALL = 92, FLOOR = 70;

const clock = (seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")}Z`;

/** Draw the strip and its brush; `brushed` is called with the first and the last slice, or null for all of them. */
export function strip(place, events, brushed) {
  const { since, until, label, from, to, all } = place.dataset;
  const [first, last] = [since, until].map((one) => Date.parse(one) / 1000);
  const counts = place.dataset.counts.split(" ").map(Number), slices = counts.length;
  const svg = make("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, preserveAspectRatio: "none", role: "img", "aria-label": label });
  const most = Math.max(...counts, 1), wide = WIDE / slices;
  counts.forEach((count, i) => {
    const tall = count ? 4 + 40 * (count / most) : 0;
    if (count) svg.append(make("rect", { class: "bar", x: i * wide, y: FLOOR - tall, width: wide * 0.9, height: tall }));
  });
  for (const { at, kind } of events) {
    const x = last > first ? WIDE * ((at - first) / (last - first)) : WIDE / 2;
    svg.append(make("rect", { class: `mark${kind === "signal" ? " signal" : ""}`, x: Math.min(WIDE - 2, x), y: kind === "signal" ? 4 : FLOOR + 4, width: 2, height: 14 }));
  }
  const shade = make("rect", { class: "brush", y: 0, height: TALL, width: 0, x: 0 });
  svg.append(shade);
  const ends = document.createElement("div");
  ends.className = "ends";
  const inputs = [from, to].map((text, i) => {
    const line = document.createElement("label"), input = document.createElement("input");
    Object.assign(input, { type: "range", min: 0, max: slices - 1, value: i ? slices - 1 : 0 });
    line.append(text, input, document.createElement("output"));
    ends.append(line);
    return input;
  });
  const clear = document.createElement("button");
  Object.assign(clear, { type: "button", textContent: all });
  ends.append(clear);
  place.replaceChildren(svg, ends);
  const moment = (slice) => clock(first + (slice * (last - first)) / slices);

  function show() {
    const [a, b] = inputs.map((one) => Number(one.value));
    const whole = a === 0 && b === slices - 1;
    shade.setAttribute("x", a * wide);
    shade.setAttribute("width", whole ? 0 : (b - a + 1) * wide);
    [a, b + 1].forEach((slice_, i) => {
      inputs[i].setAttribute("aria-valuetext", moment(slice_));
      inputs[i].nextSibling.textContent = moment(slice_);
    });
    const stretch = first + (a * (last - first)) / slices, end = first + ((b + 1) * (last - first)) / slices;
    brushed(whole ? null : { from: a, to: b, since: stretch, until: end, words: [moment(a), moment(b + 1)] });
  }

  inputs.forEach((one, i) => one.addEventListener("input", () => {
    const other = inputs[1 - i];
    if (Number(inputs[0].value) > Number(inputs[1].value)) other.value = one.value; // an end pushes the other
    show();
  }));
  clear.addEventListener("click", () => { [inputs[0].value, inputs[1].value] = [0, slices - 1]; show(); });
  const slice = (event) => {
    const box = svg.getBoundingClientRect();
    return Math.max(0, Math.min(slices - 1, Math.floor(((event.clientX - box.left) / box.width) * slices)));
  };
  let began = null;
  svg.addEventListener("pointerdown", (event) => { began = slice(event); svg.setPointerCapture(event.pointerId); });
  svg.addEventListener("pointermove", (event) => {
    if (began === null) return;
    const here = slice(event);
    [inputs[0].value, inputs[1].value] = [Math.min(began, here), Math.max(began, here)];
    show();
  });
  svg.addEventListener("pointerup", () => { began = null; });
  return () => show();
}
