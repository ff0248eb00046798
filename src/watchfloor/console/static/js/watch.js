// The watch: how much time is left to answer each alert, and printing a report.
import { timer } from "./live-bar.js";

function tick() {
  for (const one of document.querySelectorAll(".alert .timer")) one.textContent = timer(one.dataset.due);
}

document.addEventListener("live:drawn", tick);
setInterval(tick, 1000);
tick();

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
