// Runs before the page is drawn, so that a dark floor does not flash: light or dark as chosen, else as the system.
"use strict";
{
  const chosen = localStorage.getItem("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = chosen || (dark ? "dark" : "light");
}
