// A check that is under way: what it looks at now; when it ends, the page is fetched anew.
const checks = document.getElementById("checks");
const EVERY = 1000;

async function look() {
  const answer = await fetch("/api/v1/audit/checks").catch(() => null);
  if (!answer?.ok) return;
  const said = await answer.json();
  for (const one of said.checks) {
    const part = checks.querySelector(`[data-check="${CSS.escape(one.id)}"]`);
    if (!part || part.dataset.state !== one.state) location.reload();
    const doing = part?.querySelector("[data-doing]");
    if (doing && one.rows) doing.textContent = `${one.doing} (${one.rows})`;
  }
}

if (checks.dataset.running) {
  const timer = setInterval(look, EVERY);
  addEventListener("pagehide", () => clearInterval(timer));
}
