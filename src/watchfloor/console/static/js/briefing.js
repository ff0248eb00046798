// Printing needs a script; without one the browser's own command does it.
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => print());
