// The strip on every page: how many alerts are open and late, by when the next goes on, the connection, the sound.
import { now, rate, say, slept, state } from "./live.js";
import * as sound from "./live-sound.js";

const strip = document.getElementById("live");
const part = (name) => strip.querySelector(`.${name}`);
const REPEAT = 20_000; // ms between two soundings for what nobody has answered
const TOLD = "alerts-told";
const RUNG = "sound-rung";
const title = document.title;

const ask = document.getElementById("sound-ask");

let alerts = JSON.parse(strip.dataset.alerts);
let known = before();
let mark = "";

/** Alerts that a page of this session has told of; one that came while pages changed is told by the next. */
function before() {
  const { session, told } = JSON.parse(localStorage.getItem(TOLD) ?? "{}");
  return new Map(session === strip.dataset.session ? told : []);
}

function remember() {
  known = new Map(alerts.alerts.map((one) => [one.entry, one]));
  localStorage.setItem(TOLD, JSON.stringify({ session: strip.dataset.session, told: [...known] }));
}

/** A span of time as a clock shows it: 1:05, or 2:01:05. */
export function clock(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const two = (value) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** What a timer says of a moment by which something is due. */
export function timer(due) {
  const left = (Date.parse(due) - now()) / (rate() || 1); // of the time of who looks
  return left > 0 ? say("left", { time: clock(left) }) : say("over", { time: clock(-left) });
}

const minute = (at) => `${new Date(at).toISOString().slice(11, 16)}Z`;

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function counts() {
  if (!alerts.open) return say("none");
  const late = alerts.late ? ` · ${say("late", { n: alerts.late })}` : "";
  return say("open", { n: alerts.open }) + late;
}

function draw() {
  strip.classList.toggle("open", alerts.open > 0);
  strip.classList.toggle("late", alerts.late > 0);
  put(part("alerts"), counts());
  const first = alerts.alerts[0];
  part("have").hidden = !first;
  if (first) part("have").action = `/watch/alerts/${first.entry}/acknowledged`;
  part("nobody").hidden = !alerts.nobody;
  strip.classList.toggle("unheld", alerts.nobody);
  const dangers = new Set(alerts.alerts.flatMap((one) => one.flags));
  put(part("danger"), [...dangers].map((flag) => say(flag)).join(" · "));
  tick();
}

function tick() {
  const next = alerts.alerts.map((one) => one.due).sort()[0];
  put(part("timer"), next ? timer(next) : "");
  connection();
  control();
  exercise();
  document.title = alerts.open ? `(${alerts.open}${alerts.late ? "!" : ""}) ${mark}${title}` : title;
  const urgent = alerts.late || alerts.alerts.some((one) => one.flags.includes("life-at-risk"));
  if (urgent && !slept() && Date.now() - Number(localStorage.getItem(RUNG)) >= REPEAT) ring(alerts.late ? "late" : "new");
}

/** The clock of an exercise, in the banner. */
function exercise() {
  const place = document.getElementById("exercise-clock");
  if (!place) return;
  put(place.querySelector("time"), `${new Date(now()).toISOString().slice(11, 19)}Z`);
  put(place.querySelector(".rate"), rate() ? `×${rate()}` : place.dataset.stands);
}

function connection() {
  const { connected, over, since, silent } = state();
  strip.classList.toggle("lost", !connected && (over || silent > 2000));
  const lost = strip.classList.contains("lost");
  const place = part("wire");
  place.hidden = false;
  place.classList.toggle("connecting", !connected);
  const words = over ? say("ended", { at: minute(since) }) : say("lost", { at: minute(since) });
  put(place, connected ? say("connected") : lost ? words : say("connecting"));
  part("again").hidden = !over;
}

function control() {
  const how = sound.state();
  const button = part("sound");
  button.hidden = false;
  button.setAttribute("aria-pressed", String(sound.wanted()));
  strip.classList.toggle("mute", how !== "on");
  ask.hidden = sound.asked();
  button.hidden = !ask.hidden;
  put(button, say({ on: "sound_on", off: "sound_off", waits: "sound_waits" }[how]));
  const quiet = part("silence");
  const silent = Date.now() < sound.quietUntil();
  quiet.hidden = how !== "on" || !alerts.open;
  quiet.disabled = silent;
  put(quiet, silent ? say("silent", { at: minute(sound.quietUntil()) }) : say("silence"));
}

function ring(why) {
  localStorage.setItem(RUNG, String(Date.now()));
  sound.ring(why).then(control);
}

/** Say aloud, in words and by a sound, that an alert is new, or that somebody has let one pass. */
function announce(fresh, late) {
  mark = fresh.length ? `${say("new")} · ` : `${say("gone_late")} · `;
  const flags = [...new Set([...fresh, ...late].flatMap((one) => one.flags))].map((flag) => say(flag));
  const head = [fresh.length ? say("new") : "", late.length ? say("gone_late") : ""].filter(Boolean);
  put(part("said"), [...head, ...flags, counts()].join(". "));
  sound.speak();
  ring(late.length ? "late" : "new");
}

function turned(one) {
  const before = known.get(one.entry);
  return before && one.late && (!before.late || before.due !== one.due);
}

function told() {
  const fresh = alerts.alerts.filter((one) => !known.has(one.entry));
  const late = alerts.alerts.filter(turned);
  remember();
  if (!alerts.open) mark = "";
  if (fresh.length || late.length) announce(fresh, late);
  draw();
}

document.addEventListener("live:alerts", ({ detail }) => {
  alerts = detail;
  told();
});
document.addEventListener("live:state", tick);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") mark = "";
});

ask.addEventListener("click", ({ target }) => {
  if (target.value) sound.turn(target.value === "on").then(control);
});
part("sound").addEventListener("click", () => sound.turn(!(sound.state() === "on")).then(control));
part("silence").addEventListener("click", () => {
  sound.silence();
  control();
});
for (const gesture of ["pointerdown", "keydown"]) {
  addEventListener(gesture, () => sound.ready().then(control), { capture: true, passive: true });
}

sound.ready().then(told);
setInterval(tick, 1000);
