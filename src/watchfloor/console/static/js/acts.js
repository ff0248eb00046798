// Forms of acts: the one that the address names opens; authorities are those of the unit and the form chosen.
function show() {
  const named = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  const fold = named?.closest("details.act");
  if (!fold) return;
  fold.open = true;
  fold.scrollIntoView({ block: "start" });
  const first = named.querySelector("input:not([type=hidden]), select, textarea") ?? named;
  first.focus({ preventScroll: true });
}

function narrow(form) {
  const unit = form.elements.unit?.value;
  const kind = form.elements.form?.value;
  const authority = form.elements.authority;
  for (const group of authority.querySelectorAll("optgroup")) {
    group.hidden = group.disabled = Boolean(unit) && group.dataset.unit !== unit;
    for (const option of group.children) option.hidden = option.disabled = option.dataset.form !== kind;
  }
  const chosen = authority.selectedOptions[0];
  const gone = chosen?.disabled || chosen?.parentElement.disabled;
  if (gone) authority.value = "";
}

for (const powers of document.querySelectorAll(".powers")) {
  const form = powers.closest("form");
  form.addEventListener("change", (event) => {
    if (event.target.name === "unit" || event.target.name === "form") narrow(form);
  });
  narrow(form);
}

addEventListener("hashchange", show);
if (!document.querySelector(".refused")) show();
