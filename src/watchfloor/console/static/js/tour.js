// The tour of the page Now: shown until somebody ends it in this browser; it lies in the page and covers nothing.
const tour = document.getElementById("tour");
const again = document.getElementById("tour-again");
const KEPT = "tour"; // in the browser: that it was ended

if (again) {
  again.hidden = false;
  again.addEventListener("click", () => {
    localStorage.removeItem(KEPT);
    location.assign("/now");
  });
}

if (tour && localStorage.getItem(KEPT) !== "ended") {
  const steps = [...tour.querySelectorAll("li")];
  const [back, next] = [tour.querySelector("[data-back]"), tour.querySelector("[data-next]")];
  let at = 0;

  const outline = (on) => document.querySelector(steps[at].dataset.at)?.classList.toggle("toured", on);
  const show = (to) => {
    outline(false);
    at = to;
    steps.forEach((one, n) => { one.hidden = n !== at; });
    back.disabled = at === 0;
    next.hidden = at === steps.length - 1;
    outline(true);
  };
  const end = () => {
    outline(false);
    tour.hidden = true;
    localStorage.setItem(KEPT, "ended");
  };

  back.addEventListener("click", () => show(at - 1));
  next.addEventListener("click", () => {
    show(at + 1);
    if (next.hidden) tour.querySelector("[data-end]").focus();
  });
  tour.querySelector("[data-end]").addEventListener("click", end);
  tour.addEventListener("keydown", (event) => { if (event.key === "Escape") end(); });
  tour.hidden = false;
  show(0);
}
