// The queue by keyboard.
import { bind } from "./keys.js";

const rows = [...document.querySelectorAll("#leads > .lead")];
const bulk = document.getElementById("bulk");
const ticked = () => document.querySelectorAll(".pick input:checked").length;

let at = -1;

function go(to) {
  if (!rows.length) return;
  rows[at]?.classList.remove("current");
  at = Math.max(0, Math.min(rows.length - 1, to));
  rows[at].classList.add("current");
  rows[at].querySelector("a.subject").focus({ preventScroll: true });
  rows[at].scrollIntoView({ block: "nearest" });
}

function count() {
  document.getElementById("ticked").textContent = ticked();
  bulk.classList.toggle("some", ticked() > 0);
  for (const button of bulk.querySelectorAll("button")) button.disabled = !ticked();
}

function tick() {
  const box = rows[at]?.querySelector(".pick input");
  if (!box) return;
  box.checked = !box.checked;
  count();
}

function open(what) {
  if (what && ticked()) bulk.querySelector(`button[value=${what}]`).click();
  else if (rows[at]) location.href = rows[at].querySelector("a.subject").href + (what ? `#${what}` : "");
}

bind({
  j: () => go(at + 1),
  k: () => go(at - 1),
  o: () => open(""),
  x: tick,
  a: () => open("task"),
  d: () => open("decide"),
  s: () => document.querySelector("#seen button")?.click(),
  "/": () => document.querySelector("#filters select")?.focus(),
});

for (const [n, row] of rows.entries()) row.addEventListener("focusin", () => {
  rows[at]?.classList.remove("current");
  at = n;
  row.classList.add("current");
});
bulk.addEventListener("change", count);
document.addEventListener("change", (event) => { if (event.target.closest(".pick")) count(); });
addEventListener("pageshow", count);
count();
