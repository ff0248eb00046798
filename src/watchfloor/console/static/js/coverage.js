// The line: its strips, the kilometre and hour that are chosen, and the map that follows them.
import { Cells, unpacked } from "./coverage-cells.js";
import { LineMap } from "./coverage-map.js";
import { read, settings } from "./coverage-plan.js";
import { LEFT, Strip, drawGround, kilometre } from "./coverage-strip.js";

const $ = (id) => document.getElementById(id);
const section = $("line"), said = section.dataset;
const hours = Number(said.hours), begun = Number(said.begun), steps = Number(said.steps), start = Date.parse(said.start);
const NEAREST = 60; // kilometres that a strip shows at least
const NEARER = 5; // how much nearer a click goes
const page = { chosen: { km: 0, hour: Number($("hour").value) }, strips: [] };
window.watchfloorLine = page; // for tests

const stretches = [...document.querySelectorAll("#stretches tbody tr")].map((row) => ({
  km: Number(row.dataset.km),
  end: Number(row.dataset.to),
  ground: row.dataset.ground,
  name: row.cells[1].textContent,
  kind: row.cells[2].textContent,
}));
const stretch = (km) => stretches.findLast((one) => one.km <= km);

// An hour by the clock of UTC, and by that of the floor's zone where it has another.
const at = (hour) => new Date(start + hour * 3_600_000);
const utc = (hour) => `${at(hour).toISOString().slice(11, 13)}Z`;
const local = said.local ? said.local.split("|") : [];
const moment = (hour) => `${at(hour).toISOString().slice(0, 16).replace("T", " ")}Z${local.length ? ` (${local[hour]})` : ""}`;

const percent = (chance) => (chance > 0 && chance < 0.01 ? said.less : `${Math.round(100 * chance)}\u00a0%`);

// What is said of a kilometre and an hour.
function sentence({ km, hour }) {
  const where = stretch(km), parts = [`km ${km}, ${where.name}, ${moment(hour)} · ${hour < begun ? said.reported : said.planned}`];
  if (said.noBoats && where.ground === "land") return `${parts[0]} · ${said.noBoats}`;
  const { before, after } = page, names = page.looking.filter((one) => one.cells.has(km * hours + hour)).map((one) => `${one.name} ${percent(one.cells.get(km * hours + hour) / steps)}`);
  if (after) parts.push(said.before.replace("{before}", percent(before.at(km, hour))).replace("{after}", percent(after.at(km, hour))));
  else if (names.length) parts.push(said.seen.replace("{share}", percent(before.at(km, hour))));
  parts.push(names.length ? said.by.replace("{names}", names.join(", ")) : said.nobodyLooks);
  const minutes = page.minutes[km], who = page.responders[page.who[km]];
  if (minutes >= said.nobody) parts.push(said.notReached);
  else parts.push((minutes < 120 ? said.reached : said.reachedH).replace("{who}", who).replace("{minutes}", minutes).replace("{hours}", Math.round(minutes / 60)));
  return parts.join(" · ");
}

function draw() {
  page.asked ??= requestAnimationFrame(() => {
    page.asked = null;
    for (const one of page.strips) one.draw(page.window, page.chosen, begun);
    drawGround($("ground"), stretches, page.window);
  });
}

function tell(cell) {
  $("cell").textContent = sentence(cell);
}

// Choose a kilometre and an hour; the sliders, the strips and the map follow.
function choose(km, hour, { nearer = 1, centre = false } = {}) {
  Object.assign(page.chosen, { km, hour });
  $("km").value = km;
  $("hour").value = hour;
  $("km").setAttribute("aria-valuetext", `km ${km}, ${stretch(km).name}`);
  $("hour").setAttribute("aria-valuetext", moment(hour));
  show(km, (page.window[1] - page.window[0]) / nearer);
  tell(page.chosen);
  page.map.draw(page.after ?? page.before, hour, km, `km ${km}`);
  if (centre) page.map.centre(km, zoomOf());
}

// Show so many kilometres around one, and the whole line where that is more.
function show(km, wide) {
  const whole = page.before.kilometres, width = Math.round(Math.max(Math.min(NEAREST, whole), Math.min(wide, whole)));
  const [from, to] = page.window;
  const first = width === to - from && km >= from && km < to ? from : Math.max(0, Math.min(whole - width, Math.round(km - width / 2)));
  page.window = [first, first + width];
  draw();
}

// About as much of the line in the map as in the strip.
const zoomOf = () => Math.max(3, Math.min(11, Math.log2((40_000 * $("line-map").clientWidth) / 512 / (page.window[1] - page.window[0]) * 0.7)));

function hovered(event) {
  const { offsetX, offsetY, target } = event;
  if (offsetX < LEFT) return;
  tell({ km: kilometre(offsetX, target.clientWidth, page.window), hour: hourOf(offsetY, target) });
}

const hourOf = (y, { clientHeight }) => Math.max(0, Math.min(hours - 1, Math.floor((y / clientHeight) * hours)));

async function begin() {
  document.querySelector(".strips").hidden = false;
  const cells = async (of) => {
    const packed = document.querySelector(`[data-of="${of}"]`)?.dataset.cells;
    return packed ? new Cells(await unpacked(packed), hours, steps) : null;
  };
  [page.before, page.after, page.minutes, page.who] = await Promise.all([cells("before"), cells("after"), unpacked(said.minutes, Uint16Array), unpacked(said.who, Uint16Array)]);
  page.responders = [...$("responders").children].map((one) => one.textContent);
  page.looking = await Promise.all([...$("looking").children].map(async (one) => {
    const values = await unpacked(one.dataset.cells, Uint16Array), found = new Map();
    for (let n = 0; n < values.length; n += 3) found.set(values[n] * hours + values[n + 1], values[n + 2]);
    return { name: one.textContent, cells: found };
  }));
  page.window = [0, page.before.kilometres];
  const kinds = { before: [page.before], after: [page.after], difference: [page.after, page.before] };
  for (const canvas of document.querySelectorAll(".strip-of")) {
    page.strips.push(new Strip(canvas, ...kinds[canvas.dataset.of], ...(canvas.dataset.of === "difference" ? [] : [null]), utc));
    canvas.addEventListener("pointermove", hovered);
    canvas.addEventListener("pointerleave", () => tell(page.chosen));
    canvas.addEventListener("click", ({ offsetX, offsetY }) => {
      if (offsetX >= LEFT) choose(kilometre(offsetX, canvas.clientWidth, page.window), hourOf(offsetY, canvas), { nearer: NEARER, centre: true });
    });
  }
  page.map = new LineMap($("line-map"), said);
  page.map.clicked = (km) => choose(km, page.chosen.hour);
  choose(...first());
  section.dataset.ready = "true";
  await page.map.begin();
}

// Where to begin: where something looks at the chosen hour, else at any; else at the first kilometre.
function first() {
  const seen = page.after ?? page.before, { hour } = page.chosen;
  for (let km = 0; km < seen.kilometres; km++) if (seen.at(km, hour)) return [km, hour];
  const found = seen.values.findIndex((one) => one);
  return found < 0 ? [0, hour] : [Math.floor(found / hours), found % hours];
}

$("km").addEventListener("input", () => choose(Number($("km").value), page.chosen.hour));
$("km").addEventListener("change", () => page.map.centre(page.chosen.km));
$("hour").addEventListener("input", () => choose(page.chosen.km, Number($("hour").value)));
$("nearer").addEventListener("click", () => choose(page.chosen.km, page.chosen.hour, { nearer: 2, centre: true }));
$("farther").addEventListener("click", () => choose(page.chosen.km, page.chosen.hour, { nearer: 0.5, centre: true }));
$("whole").addEventListener("click", () => choose(page.chosen.km, page.chosen.hour, { nearer: 1e-6, centre: true }));
for (const button of document.querySelectorAll("button.to")) {
  button.addEventListener("click", () => {
    const one = stretches.find(({ km, end }) => button.dataset.km >= km && button.dataset.km < end), row = button.closest("tr");
    const wide = row.dataset.to ? one.end - one.km : NEAREST;
    show(Number(button.dataset.km), 1.2 * wide);
    choose(Number(button.dataset.km), page.chosen.hour, { centre: true });
    section.scrollIntoView({ block: "start" });
    $("km").focus({ preventScroll: true });
  });
}
$("plan").addEventListener("change", async ({ target }) => {
  if (!target.files.length) return;
  const plan = read(await target.files[0].text()), list = $("plan-sites");
  $("plan-said").textContent = plan ? said.plan.replace("{n}", plan.sites.length).replace("{gap}", `${(100 * plan.gap).toFixed(2)}\u00a0%`) : said.noPlan;
  $("plan-add").hidden = list.hidden = !plan;
  list.replaceChildren(...(plan?.sites ?? []).map((one) => {
    const item = document.createElement("li");
    item.textContent = `${one.name} · ${one.latitude.toFixed(4)}, ${one.longitude.toFixed(4)}`;
    return item;
  }));
  page.plan = plan;
  page.map.plan(plan?.sites ?? []);
});
$("plan-add").addEventListener("click", () => {
  $("whatif").open = true;
  const text = $("ask").elements.add;
  text.value = settings(page.plan);
  text.focus();
});
addEventListener("resize", draw);
document.documentElement.addEventListener("themed", draw);
begin().catch((error) => {
  $("state").textContent = said.noWebgl;
  $("state").hidden = false;
  throw error;
});
