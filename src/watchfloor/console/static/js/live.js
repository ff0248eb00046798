// What changed on the floor, told to every open page: one stream for all tabs of a browser.
//
// A browser has six connections to a server, and a stream takes one for good; so one tab holds the stream and
// passes on what comes. When that tab closes, or sleeps, another takes it up where it knows it ended. Every tab
// counts for itself: an id that does not follow the last one it had makes it ask for what is between.
//
// A page hears events on `document`: `live:queue`, `live:watch`, `live:alerts`, `live:tasks`, `live:feeds`, each
// with what it says as `detail`; `live:fresh` where anything may have changed; `live:state` of the connection.

const strip = document.getElementById("live");
const KINDS = ["queue", "watch", "alerts", "tasks", "feeds"];
const SILENCE = 40_000; // ms without a word, of which the server says one each 15 s, that mean it is gone
const LOOK = 5_000;
const ASLEEP = 10_000; // ms between two looks that mean that the machine or the tab was asleep
const AGAIN = [500, 1_000, 2_000, 5_000, 10_000];
const HEAD = "/api/v1/stream/head?after=";
const STREAM = "/api/v1/stream?after=";

let last = strip?.dataset.head ?? "";
let heard = Date.now();
let clock = strip
  ? { reads: Date.parse(strip.dataset.now), at: heard, rate: Number(strip.dataset.rate) }
  : { reads: heard, at: heard, rate: 1 };
let connected = false;
let over = false;
let awake = heard; // when this tab last knew that it has missed nothing
let catching = null;
let wanted = "";
let leading = false;
let source = null;
let again = null;
let tries = 0;
let release = null;

const name = `watchfloor-${strip?.dataset.session}`;
const channel = strip && "BroadcastChannel" in window ? new BroadcastChannel(name) : null;

const reading = (at) => clock.reads + (at - clock.at) * clock.rate;

/** The moment by the clock of the floor, in ms since 1970; an exercise has a clock of its own, see `rate`. */
export const now = () => reading(Date.now());

/** How many times as fast as the browser's the floor's clock runs; 0: it stands. */
export const rate = () => clock.rate;

/** Where the page itself is: a form that was refused shows it under the form's own address. */
export const page = strip?.dataset.page;

/** The connection as `live:state` tells it. */
export const state = () => ({ connected, over, since: reading(heard), silent: Date.now() - heard });

/** Whether this tab slept, and does not know yet what it missed: nothing sounds for what somebody has by now. */
export const slept = () => Date.now() - awake > ASLEEP;

/** Words of the strip in the language of the page. */
export const words = strip ? JSON.parse(strip.dataset.words) : {};

const plurals = new Intl.PluralRules(`${document.documentElement.lang || "en"}-CA`);

/** Words with their parameters put in; `_one` where `n` is singular in the language, as 0 is in French. */
export function say(key, params = {}) {
  const text = (plurals.select(params.n) === "one" && words[`${key}_one`]) || words[key];
  return text.replace(/\{(\w+)\}/g, (_, param) => params[param]);
}

function tell(what, detail) {
  document.dispatchEvent(new CustomEvent(`live:${what}`, { detail }));
}

function hear(said) {
  heard = Date.now();
  if (said) clock = { reads: Date.parse(said.now), at: heard, rate: said.rate };
  if (!connected && !over) {
    connected = true;
    tell("state", state());
  }
}

function lose() {
  connected = false;
  tell("state", state());
}

function end() {
  over = true;
  connected = false;
  leave();
  tell("state", state());
}

function parts(id) {
  const at = id.lastIndexOf("-");
  return [id.slice(0, at), Number(id.slice(at + 1))];
}

/** Whether an id comes after the last that was had, or is of another run. */
function ahead(id) {
  const [run, number] = parts(id);
  const [mine, had] = parts(last);
  return run !== mine || number > had;
}

/** One event: told once and in its place; where one before it is missing, or this tab slept, it asks first. */
function take({ id, what, said }, asked = false) {
  if (!ahead(id)) return;
  const [run, number] = parts(id);
  const [mine, had] = parts(last);
  if (run !== mine || number > had + 1 || (slept() && !asked)) {
    wanted = id;
    catchUp();
    return;
  }
  last = id;
  tell(what, said);
}

/** Everything may have changed: what this page shows is to be fetched again. */
function renew(id, said) {
  last = id;
  if (said.alerts) tell("alerts", said.alerts);
  tell("fresh", said);
}

/** Ask for what was missed: at first, after a sleep, and where an event is missing. True once it is known. */
function catchUp() {
  catching ??= ask().finally(() => {
    const id = wanted;
    catching = null;
    awake = Date.now();
    wanted = "";
    if (id && !over && ahead(id)) catchUp(); // it came while the answer was under way
  });
  return catching;
}

async function ask() {
  let head;
  try {
    const answer = await fetch(HEAD + encodeURIComponent(last), { headers: { Accept: "application/json" } });
    if (answer.status === 401 || answer.status === 403) end();
    if (!answer.ok) return false;
    head = await answer.json();
  } catch {
    lose();
    return false;
  }
  if (leading) clock = { reads: Date.parse(head.now), at: Date.now(), rate: head.rate };
  else hear(head);
  if (head.fresh) {
    renew(head.id, head.last);
    return true;
  }
  const alerts = head.events.findLast((one) => one.what === "alerts"); // the others are over by now
  for (const one of head.events) {
    if (one.what !== "alerts" || one === alerts) take(one, true);
    else if (ahead(one.id)) last = one.id;
  }
  return true;
}

// The stream, in the tab that holds it

function close() {
  clearTimeout(again);
  source?.close();
  source = null;
}

/** Take the stream up where things stand: it would tell each turn of what was missed, an alert that was acknowledged
 * among them, where `ask` tells the last. */
async function resume() {
  const known = await catchUp();
  if (over || !leading || source) return;
  if (known) open();
  else reopen();
}

function open() {
  clearTimeout(again);
  source = new EventSource(STREAM + encodeURIComponent(last));
  for (const what of KINDS) source.addEventListener(what, (event) => pass(what, event));
  source.addEventListener("snapshot", (event) => {
    const said = JSON.parse(event.data);
    channel?.postMessage({ what: "fresh" });
    hear(said);
    renew(event.lastEventId, said.last);
  });
  source.addEventListener("beat", (event) => {
    tries = 0;
    const said = JSON.parse(event.data);
    channel?.postMessage({ what: "beat", said });
    hear(said);
  });
  source.addEventListener("end", (event) => {
    const said = JSON.parse(event.data);
    channel?.postMessage({ what: "end", said });
    ended(said);
  });
  source.addEventListener("error", () => reopen());
}

function pass(what, event) {
  const one = { id: event.lastEventId, what, said: JSON.parse(event.data) };
  channel?.postMessage(one);
  hear();
  take(one);
}

function ended({ why }) {
  if (why === "session") end();
  else if (leading) reopen();
}

/** Come back after a while; the server tells by the id what was missed. */
function reopen() {
  channel?.postMessage({ what: "lost" });
  lose();
  close();
  again = setTimeout(resume, AGAIN[Math.min(tries++, AGAIN.length - 1)]);
}

/** Hold the stream until the page goes or another tab takes it. */
function hold() {
  return new Promise((done) => {
    release = done;
    leading = true;
    tries = 0;
    resume();
  });
}

function leave() {
  leading = false;
  close();
  release?.();
}

function stand(steal = false) {
  if (over) return;
  if (!navigator.locks || !channel) {
    hold();
    return;
  }
  navigator.locks
    .request(name, steal ? { steal } : {}, hold)
    .catch(() => {
      leave(); // another tab took it: this one slept
      stand();
    });
}

if (channel) {
  channel.addEventListener("message", ({ data }) => {
    if (data.what === "beat") hear(data.said);
    else if (data.what === "end") ended(data.said);
    else if (data.what === "lost") lose();
    else if (data.what === "fresh") catchUp();
    else {
      hear();
      take(data);
    }
  });
}

// Sleep and waking

function wake({ type }) {
  if (over || (type === "visibilitychange" && document.visibilityState === "hidden")) return;
  if (leading) resume();
  else catchUp();
}

function look() {
  if (slept() && !over) catchUp().then(() => tell("state", state()));
  else awake = Date.now();
  if (over || Date.now() - heard < SILENCE) return;
  lose();
  if (leading) reopen();
  else if (document.visibilityState === "visible") stand(true);
}

function begin() {
  catchUp();
  stand();
  setInterval(look, LOOK);
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
  addEventListener("offline", catchUp); // a console on this very machine is there all the same
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    catchUp();
    stand();
  });
}

// The page's other scripts have run by then: an event that came before them would be told to nobody.
if (strip) document.addEventListener("DOMContentLoaded", begin);
