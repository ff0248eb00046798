// The queue by keyboard: j and k move, Enter opens, s marks as seen, / goes to the filters.
const rows = [...document.querySelectorAll("#leads > .lead")];
let at = -1;

function go(to) {
  if (!rows.length) return;
  rows[at]?.classList.remove("current");
  at = Math.max(0, Math.min(rows.length - 1, to));
  rows[at].classList.add("current");
  rows[at].querySelector("a").focus({ preventScroll: true });
  rows[at].scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => go(at + 1),
  k: () => go(at - 1),
  s: () => document.querySelector("#seen button")?.focus(),
  "/": () => document.querySelector("#filters select")?.focus(),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const act = keys[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});
