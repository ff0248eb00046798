// Forms whose answer a passkey gives: shown where the browser knows passkeys, and sent with what it says.
const known = window.PublicKeyCredential?.parseRequestOptionsFromJSON;

async function answer(form) {
  const asked = await fetch(form.dataset.passkey, { headers: { Accept: "application/json" } });
  const given = await asked.json();
  if (!asked.ok) throw new Error(given.detail);
  const credential = form.dataset.makes
    ? await navigator.credentials.create({
        publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(given.options),
      })
    : await navigator.credentials.get({
        publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(given.options),
      });
  return JSON.stringify(credential.toJSON());
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !known;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [button, said] = [form.querySelector("button"), form.querySelector("[role=alert]")];
    button.disabled = true;
    said.hidden = true;
    try {
      form.elements.credential.value = await answer(form);
      form.submit();
    } catch (error) {
      // Browsers say the same of a person who cancels and of one who has no passkey, so this does too.
      said.textContent = error instanceof DOMException ? form.dataset.failed : error.message;
      said.hidden = false;
      button.disabled = false;
    }
  });
}
