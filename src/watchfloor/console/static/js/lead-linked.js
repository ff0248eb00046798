// What has one `data-key` belongs together: pointing at one, or reaching it by keyboard, lights up the others.
export function linked(root) {
  const light = (event) => {
    const key = event.target.closest?.("[data-key]")?.dataset.key;
    for (const one of root.querySelectorAll(".lit")) one.classList.remove("lit");
    if (!key) return;
    for (const one of root.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)) one.classList.add("lit");
    root.dispatchEvent(new CustomEvent("lit", { detail: key }));
  };
  root.addEventListener("pointerover", light);
  root.addEventListener("focusin", light);
}
