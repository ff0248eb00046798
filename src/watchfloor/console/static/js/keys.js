// Keys on every page, and the field for a search or a command. A letter acts only while nothing is typed in, and
// all letters can be switched off.
const dialog = document.getElementById("keys");
const switched = document.getElementById("keys-on");
const field = document.getElementById("command");
const list = document.getElementById("commands");
const GO = 1500; // milliseconds after g in which a letter names a page
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";

const acts = { "?": () => dialog.showModal(), g: () => { going = Date.now(); } };
let going = 0;

/** Add the keys of a page: what each does, by its letter. */
export function bind(keys) {
  Object.assign(acts, keys);
}

function pressed(event) {
  if ((event.ctrlKey || event.metaKey) && event.key === "k") {
    event.preventDefault();
    field.focus();
    field.select();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  if (!switched.checked || event.target.closest(TYPING)) return;
  const page = Date.now() - going < GO && dialog.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
  const act = page ? () => page.click() : acts[event.key];
  if (event.key !== "g") going = 0;
  if (!act) return;
  event.preventDefault();
  act();
}

// Pages whose name holds what is typed; a search is what Enter does without choosing one.

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const pages = [...dialog.querySelectorAll("td a[href]")].map((one) => {
  const link = one.cloneNode(true);
  link.querySelector("kbd")?.remove();
  return { href: one.getAttribute("href"), name: link.textContent.trim() };
});

function offer() {
  const typed = plain(field.value.trim());
  const found = typed ? pages.filter((one) => plain(one.name).includes(typed)).slice(0, 8) : [];
  list.replaceChildren(...found.map((one) => {
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = one.href;
    link.textContent = one.name;
    item.append(link);
    return item;
  }));
  list.hidden = !found.length;
}

function move(event) {
  const links = [...list.querySelectorAll("a")], step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") {
    list.hidden = true;
    field.focus();
  }
  if (!step || !links.length) return;
  event.preventDefault();
  const at = links.indexOf(document.activeElement) + step;
  (links[at] ?? field).focus();
}

field.addEventListener("input", offer);
field.form.addEventListener("keydown", move);
field.form.addEventListener("focusout", ({ relatedTarget }) => {
  if (!field.form.contains(relatedTarget)) list.hidden = true;
});
addEventListener("keydown", pressed);

switched.checked = localStorage.getItem("keys") !== "off";
switched.addEventListener("change", () => localStorage.setItem("keys", switched.checked ? "on" : "off"));
const shows = document.getElementById("show-keys");
shows.hidden = false;
shows.addEventListener("click", () => dialog.showModal());

// The menu behind one's name closes when something else is touched.
const own = document.querySelector("details.own");
addEventListener("click", ({ target }) => {
  if (!own.contains(target)) own.open = false;
});
own.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  own.open = false;
  own.querySelector("summary").focus();
});
