// A search is logged and told to owners, so none is sent while somebody types, and one is sent once. j and k move.
const form = document.getElementById("search");
const button = form.querySelector("button");

form.addEventListener("submit", (event) => {
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  button.setAttribute("aria-disabled", "true");
  // An empty field says nothing; without it the address stays short enough to be read and kept.
  for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
});

// The page may come back from the browser's cache, and is then to be used again.
addEventListener("pageshow", () => {
  delete form.dataset.sent;
  button.removeAttribute("aria-disabled");
  for (const field of form.elements) field.disabled = false;
});

const rows = [...document.querySelectorAll("#found > .hit")];
let at = -1;

function go(to) {
  if (!rows.length) return;
  rows[at]?.classList.remove("current");
  at = Math.max(0, Math.min(rows.length - 1, to));
  rows[at].classList.add("current");
  rows[at].querySelector("a")?.focus({ preventScroll: true });
  rows[at].scrollIntoView({ block: "nearest" });
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    go(at + (event.key === "j" ? 1 : -1));
  }
});
