// The answer key: a file that is chosen or dropped becomes the text of the form, and is sent with it.
const form = document.getElementById("key");

if (form) {
  const choose = document.getElementById("choose");
  const input = choose.querySelector("input");
  const text = form.elements.key;

  async function take(file) {
    text.value = await file.text();
    form.querySelector(".told").textContent = file.name;
    form.requestSubmit();
  }

  choose.hidden = false;
  form.querySelector("details").open = false;
  input.addEventListener("change", () => input.files.length && take(input.files[0]));
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
}
