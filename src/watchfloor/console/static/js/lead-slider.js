// A slider over the moments at which a lead changed. It is fetched when it comes into view: most never look.
export function slide(place, lead) {
  if (!place || !lead) return;
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((one) => one.isIntersecting)) return;
    seen.disconnect();
    load(place, lead);
  });
  seen.observe(place);
}

async function load(place, lead) {
  const id = encodeURIComponent(lead.dataset.lead);
  const language = document.documentElement.lang;
  const answer = await fetch(`/api/v1/leads/${id}/history?lang=${language}`);
  if (!answer.ok) return;
  const { turns } = await answer.json();
  if (!turns.length) return;
  draw(place, id, turns, lead.dataset.at);
}

function draw(place, id, turns, shown) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  const output = document.createElement("output");
  label.textContent = place.dataset.label;
  Object.assign(input, { type: "range", min: 0, max: turns.length, step: 1, id: "moment" });
  label.htmlFor = "moment";
  input.value = shown ? turns.findLastIndex((one) => Date.parse(one.at) <= Date.parse(shown)) : turns.length;
  const say = () => {
    const turn = turns[input.value];
    const text = turn ? `${turn.at.slice(0, 16).replace("T", " ")}Z · ${turn.said}` : place.dataset.now;
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  input.addEventListener("input", say);
  input.addEventListener("change", () => {
    const turn = turns[input.value];
    location.assign(`/leads/${id}${turn ? `?at=${encodeURIComponent(turn.at)}` : ""}#history`);
  });
  say();
  place.replaceChildren(label, input, output);
}
