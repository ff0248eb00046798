// Files that are dropped: sent with their progress shown, then on to the page that tells what came of them.
// Also follows a job on its page. Without this module a form sends the file, and the page of a job is loaded again.

const french = document.documentElement.lang === "fr";

function size(count) {
  let power = 0;
  while (count >= 1000 && power < 3) [count, power] = [count / 1000, power + 1];
  const digits = power ? 1 : 0;
  const number = count.toLocaleString(`${french ? "fr" : "en"}-CA`, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const unit = ["", "k", "M", "G"][power] + (french ? "o" : "B");
  return `${number} ${unit}`;
}

// The words come from the page, with %name and the like where they belong.
function say(words, values) {
  return words.replace(/%(name|done|whole|why)/g, (_, key) => values[key] ?? "");
}

function drop(form) {
  const input = form.querySelector('input[type="file"]');
  const progress = form.querySelector(".progress");
  const bar = progress.querySelector("progress");
  const cancel = progress.querySelector(".cancel");
  const told = form.querySelector(".told");
  const button = form.querySelector("button.main");
  let going = null;

  function tell(text, wrong = false) {
    told.textContent = text;
    told.classList.toggle("wrong", wrong);
  }

  function fail(name, why) {
    going = null;
    progress.hidden = true;
    button.disabled = false;
    tell(say(form.dataset.failed, { name, why }), true);
  }

  function send(file) {
    if (going) return;
    if (file.size > Number(form.dataset.most)) return fail(file.name, form.dataset.large);
    const asked = new URLSearchParams({ name: file.name, lang: document.documentElement.lang });
    for (const [key, value] of new FormData(form)) {
      if (typeof value === "string" && value && !["csrf", "once", "back", "shown-on"].includes(key)) asked.set(key, value);
    }
    const request = (going = new XMLHttpRequest());
    request.open("POST", `${form.dataset.drop}?${asked}`);
    request.setRequestHeader("X-CSRF-Token", form.elements.csrf.value);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      bar.value = event.total ? event.loaded / event.total : 0;
      tell(say(form.dataset.sending, { name: file.name, done: size(event.loaded), whole: size(file.size) }));
    });
    request.addEventListener("load", () => {
      const said = request.response;
      if (request.status === 200 && said) {
        tell(say(form.dataset.sent, { name: file.name }));
        location.assign(said.job ? `/jobs/${said.job}` : `/mapping/${said.table}`);
      } else fail(file.name, said?.detail ?? form.dataset.cut);
    });
    request.addEventListener("error", () => fail(file.name, form.dataset.cut));
    request.addEventListener("abort", () => fail(file.name, form.dataset.cut));
    progress.hidden = false;
    button.disabled = true;
    bar.value = 0;
    request.send(file);
  }

  cancel.addEventListener("click", () => going?.abort());
  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    send(input.files[0]);
  });
  for (const what of ["dragenter", "dragover"]) {
    addEventListener(what, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      form.classList.add("over");
    });
  }
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("over");
  });
  addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    form.classList.remove("over");
    send(event.dataTransfer.files[0]);
  });
  addEventListener("beforeunload", (event) => {
    if (going && going.readyState !== 4) event.preventDefault();
  });
}

// A job: asked for each second while it goes on; the page is fetched anew when its state is another.
async function follow(place) {
  const says = place.querySelector(".says");
  for (;;) {
    await new Promise((next) => setTimeout(next, 700));
    const answer = await fetch(`/api/v1/jobs/${place.dataset.job}`).catch(() => null);
    if (!answer?.ok) continue;
    const { job } = await answer.json();
    if (job.state !== place.dataset.state) return location.reload();
    says.textContent = job.text;
  }
}

for (const form of document.querySelectorAll("form[data-drop]")) drop(form);
const job = document.querySelector("#job[data-state='running'], #job[data-state='waiting']");
if (job) follow(job);
