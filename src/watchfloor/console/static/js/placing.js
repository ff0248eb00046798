// Tables of the form: a file that is chosen becomes the text beside it, and is sent with the form.
for (const input of document.querySelectorAll("input[data-for]")) {
  input.closest("label").hidden = false;
  input.addEventListener("change", async () => {
    if (input.files.length) input.form.elements[input.dataset.for].value = await input.files[0].text();
  });
}
