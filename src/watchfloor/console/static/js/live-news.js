// What a page shows has changed: parts that show nothing of the reader's are replaced, for others a button waits.
//
// `data-live="alerts watch"` on an element with an id names the events after which it is fetched again. Where
// somebody has the cursor in it, or has typed in it, nothing moves until the button is pressed, and what was
// typed is in the new one again. Pages without such parts say that there is something new.

import { page as here, say, state } from "./live.js";

const bar = document.getElementById("news");
const parts = () => [...document.querySelectorAll("[data-live]")];
const PAGES = { queue: queueMoved, lead: leadMoved };
const KEPT = "typed";

let waiting = new Set(); // events of parts that are in use
let later = new Set(); // events that came while the page was being fetched, or was hidden
let fetching = null;

/** Whether a part shows what one of these events is about. */
const concerns = (part, what) => what.has("fresh") || part.dataset.live.split(" ").some((one) => what.has(one));

/** Fetch the page again and replace the parts that these events are about; with `force` those in use too. */
async function refresh(what, force = false) {
  const mine = parts().filter((part) => concerns(part, what));
  const used = force ? [] : mine.filter(busy);
  waiting = used.length ? new Set(what) : new Set();
  if (used.length) show("news_here");
  if (used.length === mine.length) return;
  fetching = swap(mine, force);
  const done = await fetching;
  fetching = null;
  document.dispatchEvent(new CustomEvent("live:drawn"));
  if (done && later.size) came();
  if (!done) later = new Set([...later, ...what]); // for when the connection is there again
}

async function swap(mine, force) {
  const other = await fetched();
  const left = force ? [] : mine.filter(busy);
  if (!other) return false;
  if (left.length && markings(other) !== markings(document)) return true;
  for (const part of mine) if (!left.includes(part)) replace(part, other.getElementById(part.id));
  mark(other);
  return true;
}

/** How the page is marked: where a part stays that another marking covers, all stays until it is asked for. */
const markings = (of) => [...of.querySelectorAll("body > .marking")].map((one) => one.textContent).join();

function mark(other) {
  const news = [...other.querySelectorAll("body > .marking")];
  document.querySelectorAll("body > .marking").forEach((one, at) => one.replaceWith(document.adoptNode(news[at])));
}

/** The page as it is now; null where it cannot be had. */
async function fetched() {
  try {
    const answer = await fetch(here, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}

function busy(part) {
  const inside = part.contains(document.activeElement) && document.activeElement !== document.body;
  return inside || [...part.querySelectorAll("input, textarea, select")].some(changed);
}

function changed(field) {
  if (field.type === "hidden") return false;
  if (field.form?.querySelector(".refused") && field.type !== "checkbox") return field.value !== "";
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return field.value !== chosen(field);
  return field.value !== field.defaultValue;
}

function chosen(list) {
  return ([...list.options].find((one) => one.defaultSelected) ?? list.options[0])?.value;
}

/** What was typed into the forms of an element, by the path that each goes to. */
function typed(within) {
  return [...within.querySelectorAll("[name]")]
    .filter((field) => field.form && field.type !== "password" && changed(field))
    .map((field) => [field.form.getAttribute("action"), field.name, field.value, field.checked]);
}

function type(within, found) {
  for (const [action, name, value, checked] of found) {
    for (const field of within.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.form?.getAttribute("action") !== action) continue;
      const box = field.type === "checkbox" || field.type === "radio";
      if (!box) field.value = value;
      else if (field.value === value) field.checked = checked;
      const fold = field.closest("details");
      if (fold) fold.open = true;
    }
  }
}

/** What a fold is known by: its words, within the nearest element that has an id. */
const foldName = (summary) => `${summary.closest("[id]")?.id} ${summary.textContent}`;

function replace(part, other) {
  if (!other) return;
  const kept = typed(part);
  const open = new Set([...part.querySelectorAll("details[open] > summary")].map(foldName));
  const element = document.adoptNode(other);
  part.replaceWith(element);
  type(element, kept);
  for (const one of element.querySelectorAll("summary")) if (open.has(foldName(one))) one.parentElement.open = true;
}

function show(words) {
  bar.querySelector("span").textContent = say(words);
  bar.querySelector("button").textContent = say("refresh");
  bar.hidden = false;
}

/** Whether the queue that is shown is another than the one that there is. */
function queueMoved({ number }) {
  return number !== Number(document.querySelector("#seen [name=number]")?.value);
}

function leadMoved({ leads, changed: count }) {
  const mine = here.split("?")[0].split("/")[2];
  return count > leads.length || leads.some((one) => one.startsWith(mine));
}

/** After one's own act the page has waited for what that changed: what was missed by then is in it already. */
async function differs() {
  const page = await fetched();
  if (!page) return true;
  const text = (of) => of.getElementById("content").textContent.replace(/\s+/g, " ");
  const heard = [...document.querySelectorAll(".heard")].map((one) => one.textContent).join(" ");
  return text(page).trim() !== text(document).replace(heard, "").trim();
}

async function moved(what, detail) {
  const page = PAGES[document.documentElement.dataset.run];
  if (!page || past()) return;
  if (what === "fresh" ? detail.queue && !page(detail.queue) : !page(detail)) return;
  if (document.querySelector(".heard") && performance.now() < 5000 && !(await differs())) return;
  show("news");
}

const connected = () => state().connected;

/** Whether the page shows a moment of the past, which stays. */
const past = () => new URLSearchParams(here.split("?")[1]).has("at");

function came(what) {
  if (what) later.add(what);
  if (fetching || document.visibilityState === "hidden" || past()) return;
  const all = new Set([...waiting, ...later]);
  later = new Set();
  if (parts().some((part) => concerns(part, all))) refresh(all);
}

for (const what of ["alerts", "watch", "tasks", "feeds", "queue", "fresh"]) {
  document.addEventListener(`live:${what}`, ({ detail }) => {
    came(what);
    if (what === "queue" || what === "fresh") moved(what, detail);
  });
}
for (const what of ["visibilitychange", "live:state"]) {
  document.addEventListener(what, () => {
    if (later.size && connected()) came();
  });
}

bar.querySelector("button").addEventListener("click", async () => {
  bar.hidden = true;
  if (parts().length) {
    await fetching;
    refresh(new Set(["fresh"]), true);
    return;
  }
  const kept = typed(document);
  if (kept.length) sessionStorage.setItem(KEPT, JSON.stringify([here, kept]));
  location.assign(here);
});

const [path, kept] = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
if (path === here) type(document, kept);
sessionStorage.removeItem(KEPT);
