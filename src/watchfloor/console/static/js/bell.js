// The bell on every page: counted again when something came, once what came was looked at.
const bell = document.getElementById("bell");
const COUNT = "/api/v1/notices/unread?settled=true";
const REST = 1_000; // ms between two counts, however much comes

let counting = false;
let again = false;

async function count() {
  if (counting) {
    again = true;
    return;
  }
  counting = true;
  again = false;
  try {
    const answer = await fetch(COUNT, { headers: { Accept: "application/json" } });
    if (answer.ok) show((await answer.json()).count);
  } catch {
    again = false; // the connection is gone; when it is there again, everything is fetched anew
  }
  setTimeout(() => {
    counting = false;
    if (again) count();
  }, REST);
}

function show(unread) {
  const said = unread > 99 ? "99+" : String(unread);
  const badge = bell.querySelector("b");
  if (badge.textContent === said) return;
  badge.textContent = said;
  bell.classList.toggle("some", unread > 0);
  const words = unread === 1 ? bell.dataset.one : bell.dataset.words;
  bell.setAttribute("aria-label", words.replace("{n}", said));
}

for (const what of ["queue", "watch", "tasks", "feeds", "fresh"]) document.addEventListener(`live:${what}`, count);
