// Mapping: a column is dragged onto a field, or chosen there; each change is tried at once and shown beside.
// The page itself is the answer: its parts are taken from the one that the server makes.

const form = document.getElementById("map");
let asked = 0;

async function attempt() {
  const mine = ++asked;
  const trial = document.getElementById("trial");
  const focused = document.activeElement?.getAttribute("aria-label");
  trial.classList.add("busy");
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== asked) return;
  const next = page.getElementById("map");
  if (!next) return location.reload();
  form.replaceChildren(...[...next.childNodes].map((node) => document.importNode(node, true)));
  for (const id of ["trial", "text"]) {
    const now = document.getElementById(id);
    now.replaceChildren(...[...page.getElementById(id).childNodes].map((node) => document.importNode(node, true)));
    now.classList.remove("busy");
  }
  refusal(page);
  if (focused) form.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
  live();
}

function refusal(page) {
  document.querySelector("main > .refused")?.remove();
  const said = page.querySelector("main > .refused");
  if (said) form.closest(".desk").before(document.importNode(said, true));
}

function live() {
  document.getElementById("at-once").hidden = false;
}

function row(event) {
  return event.target.closest?.("tr[data-field]");
}

// A column goes where its field has room: the first place that is empty, else the last.
function put(field, column) {
  const places = [...field.querySelectorAll("select[data-slot]")];
  const place = places.find((one) => !one.value) ?? places.at(-1);
  const option = [...place.options].find((one) => one.text === column);
  if (!option || places.some((one) => one.selectedOptions[0].text === column)) return;
  place.value = option.value;
  attempt();
}

form.addEventListener("change", () => attempt());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt();
});
form.addEventListener("dragstart", (event) => {
  const column = event.target.closest?.("[data-column]");
  if (column) event.dataTransfer.setData("text/plain", column.dataset.column);
});
for (const what of ["dragenter", "dragover"]) {
  form.addEventListener(what, (event) => {
    if (!row(event)) return;
    event.preventDefault();
    row(event).classList.add("over");
  });
}
form.addEventListener("dragleave", (event) => {
  const left = row(event);
  if (left && !left.contains(event.relatedTarget)) left.classList.remove("over");
});
form.addEventListener("drop", (event) => {
  const field = row(event);
  if (!field) return;
  event.preventDefault();
  field.classList.remove("over");
  put(field, event.dataTransfer.getData("text/plain"));
});
live();
