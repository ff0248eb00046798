// What every page does: the switch of light and dark, and the first refusal into view.
const root = document.documentElement;

document.getElementById("theme")?.addEventListener("click", () => {
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
  root.dispatchEvent(new CustomEvent("themed"));
});

document.querySelector(".refused")?.scrollIntoView({ block: "center" });
