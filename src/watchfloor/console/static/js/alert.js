// The cards of alerts, on any page: how much time is left to answer, and by when a task of now would be done.
import { timer } from "./live-bar.js";
import { now } from "./live.js";

const language = `${document.documentElement.lang || "en"}-CA`;

function local(at, timeZone) {
  const how = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone, timeZoneName: "short" };
  const parts = new Intl.DateTimeFormat(language, how).formatToParts(at);
  const of = (type) => parts.find((one) => one.type === type)?.value;
  return `${of("hour")}:${of("minute")} ${of("timeZoneName")}`;
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tick() {
  for (const one of document.querySelectorAll(".alert .timer")) put(one, timer(one.dataset.due));
  for (const one of document.querySelectorAll("time[data-minutes]")) {
    const at = new Date(now() + one.dataset.minutes * 60_000);
    put(one, `${local(at, one.dataset.zone)} · ${at.toISOString().slice(11, 16)}Z`);
  }
}

document.addEventListener("live:drawn", tick);
setInterval(tick, 1000);
tick();
