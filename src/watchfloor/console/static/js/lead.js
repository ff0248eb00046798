// A lead: the slider of its past, keys, and marks that light up what belongs to them.
import { linked } from "./lead-linked.js";
import { slide } from "./lead-slider.js";

linked(document);
slide(document.getElementById("slider"), document.querySelector("article.one"));

const terms = [...document.querySelectorAll("table.sum tr[data-key]")];
let at = -1;

function to(id) {
  const place = document.getElementById(id);
  place?.focus({ preventScroll: true });
  place?.scrollIntoView({ block: "start" });
}

function step(by) {
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
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select")) return;
  const found = keys[event.key];
  if (found) {
    event.preventDefault();
    found();
  }
});
