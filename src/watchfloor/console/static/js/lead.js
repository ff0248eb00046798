// A lead: its tabs, the slider of its past, keys, and marks that light up what belongs to them.
import { linked } from "./lead-linked.js";
import { slide } from "./lead-slider.js";

linked(document);
slide(document.getElementById("slider"), document.querySelector("article.one"));

// Tabs are anchors: the style sheet shows the part that the address names.
const tabs = [...document.querySelectorAll(".tabs a")];

function current() {
  const named = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  const part = named?.closest(".panels > section")?.id ?? document.querySelector(".panels > section.open")?.id;
  const mine = tabs.find((one) => one.hash === `#${part}`) ?? tabs[0];
  for (const one of tabs) one.removeAttribute("aria-current");
  mine?.setAttribute("aria-current", "true");
}

function to(id) {
  location.hash = id;
  document.getElementById(id)?.focus({ preventScroll: true });
}

let at = -1;

function step(by) {
  const terms = [...document.querySelectorAll(".panels .term")].filter((one) => one.checkVisibility());
  if (!terms.length) return;
  at = Math.max(0, Math.min(terms.length - 1, at + by));
  terms[at].focus({ preventScroll: true });
  terms[at].scrollIntoView({ block: "nearest" });
}

// The form of an act: `acts.js` unfolds the one that the address names.
function act(id) {
  if (!document.getElementById(id)) return;
  history.replaceState(null, "", location.pathname + location.search);
  location.hash = id;
}

const keys = {
  a: () => act("task"),
  d: () => act("decide"),
  e: () => to("evidence"),
  h: () => to("history"),
  j: () => step(1),
  k: () => step(-1),
  m: () => to("method"),
  w: () => to("why"),
};

// A form that hangs over the page goes when something else is touched, and by Escape.
const drops = [...document.querySelectorAll("details.drop")];

addEventListener("click", ({ target }) => {
  for (const one of drops) if (!one.contains(target)) one.open = false;
});
addEventListener("keydown", ({ key }) => {
  const open = drops.find((one) => one.open);
  if (key !== "Escape" || !open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

addEventListener("hashchange", current);
current();
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select")) return;
  const found = keys[event.key];
  if (found) {
    event.preventDefault();
    found();
  }
});
