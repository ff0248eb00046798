// What has one `data-key` belongs together: pointing at one, or reaching it by keyboard, lights up the others.
const keyOf = (one) => one?.closest?.("[data-key]")?.dataset.key;

export function linked(root) {
  const light = (event) => {
    // A page that moves under a pointer at rest is pointed at too: what has the focus stays lit.
    const key = keyOf(event.target) ?? keyOf(document.activeElement);
    for (const one of root.querySelectorAll(".lit")) one.classList.remove("lit");
    if (!key) return;
    for (const one of root.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)) one.classList.add("lit");
    root.dispatchEvent(new CustomEvent("lit", { detail: key }));
  };
  root.addEventListener("pointerover", light);
  root.addEventListener("focusin", light);
  light({ target: document.activeElement }); // which may have had the focus before this was loaded
}
