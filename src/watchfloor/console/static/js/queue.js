// The queue by keyboard. A letter acts only while nothing is typed in, and all of them can be switched off.
const rows = [...document.querySelectorAll("#leads > .lead")];
const dialog = document.getElementById("keys");
const switched = document.getElementById("keys-on");
const bulk = document.getElementById("bulk");
const ticked = () => document.querySelectorAll(".pick input:checked").length;
const GO = 1500; // milliseconds after g in which a letter names a page

let at = -1;
let going = 0;

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

const keys = {
  j: () => go(at + 1),
  k: () => go(at - 1),
  o: () => open(""),
  x: tick,
  a: () => open("task"),
  d: () => open("decide"),
  s: () => document.querySelector("#seen button")?.click(),
  "/": () => document.querySelector("#filters select")?.focus(),
  "?": () => dialog.showModal(),
  g: () => { going = Date.now(); },
};

const typing = "input:not([type=checkbox]), textarea, select, [contenteditable]";

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  if (!switched.checked || event.target.closest(typing)) return;
  const page = Date.now() - going < GO && dialog.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
  const act = page ? () => page.click() : keys[event.key];
  if (event.key !== "g") going = 0;
  if (!act) return;
  event.preventDefault();
  act();
});

switched.checked = localStorage.getItem("keys") !== "off";
switched.addEventListener("change", () => localStorage.setItem("keys", switched.checked ? "on" : "off"));
const button = document.getElementById("show-keys");
button.hidden = false;
button.addEventListener("click", () => dialog.showModal());
for (const [n, row] of rows.entries()) row.addEventListener("focusin", () => {
  rows[at]?.classList.remove("current");
  at = n;
  row.classList.add("current");
});
bulk.addEventListener("change", count);
document.addEventListener("change", (event) => { if (event.target.closest(".pick")) count(); });
addEventListener("pageshow", count);
count();
