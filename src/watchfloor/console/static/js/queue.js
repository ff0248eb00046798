// The queue by keyboard, and what the chosen lead says beside it.
import { bind } from "./keys.js";

const rows = [...document.querySelectorAll("#leads > .lead")];
const bulk = document.getElementById("bulk");
const ticked = () => document.querySelectorAll(".pick input:checked").length;

let at = -1;

function go(to) {
  if (!rows.length) return;
  choose(Math.max(0, Math.min(rows.length - 1, to)));
  rows[at].querySelector("a.subject").focus({ preventScroll: true });
  rows[at].scrollIntoView({ block: "nearest" });
}

// The first screen of the chosen lead, from its own page. It is looked at only once the choice stays: a lead that
// was passed over is not one that somebody saw.
const preview = document.getElementById("preview");
const wide = matchMedia("(min-width: 1280px)");
const STAYS = 200; // milliseconds
let waits = 0, wanted = "";

function choose(n) {
  rows[at]?.classList.remove("current");
  at = n;
  rows[at].classList.add("current");
  const { href } = rows[at].querySelector("a.subject");
  clearTimeout(waits);
  if (wide.matches && href !== wanted) waits = setTimeout(look, STAYS, href);
}

async function look(href) {
  wanted = href;
  const page = await fetched(href);
  if (wanted !== href) return;
  const top = page?.querySelector("article.one > .top");
  if (!top) {
    wanted = "";
    preview.textContent = preview.dataset.failed;
    return;
  }
  for (const link of top.querySelectorAll("a[href^='#']")) link.setAttribute("href", href + link.getAttribute("href"));
  for (const one of top.querySelectorAll("[name=shown-on]")) one.value = location.pathname;
  for (const one of top.querySelectorAll("[name=back]")) one.value = location.search.slice(1);
  const head = document.createElement("h2"), link = document.createElement("a");
  const title = top.querySelector("h1");
  link.href = href;
  link.append(...title.childNodes);
  head.append(link);
  title.replaceWith(head);
  preview.replaceChildren(page.querySelector("body > .marking"), top);
  preview.scrollTop = 0;
}

async function fetched(href) {
  try {
    const answer = await fetch(href, { headers: { Accept: "text/html" } });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
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
  "/": () => {
    document.getElementById("narrow").open = true;
    document.querySelector("#filters select").focus();
  },
});

for (const [n, row] of rows.entries()) {
  row.addEventListener("focusin", () => choose(n));
  row.addEventListener("click", ({ target }) => {
    if (!target.closest("a, input, label")) choose(n);
  });
}
bulk.addEventListener("change", count);
document.addEventListener("change", (event) => { if (event.target.closest(".pick")) count(); });
addEventListener("pageshow", count);
count();
