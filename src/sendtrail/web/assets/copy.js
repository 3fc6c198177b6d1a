// A press on what has `data-copy` puts that text on the clipboard, and says so.
const SAID_FOR = 2000;

// A page that came by plain http may not use the clipboard itself: there a selection is copied.
async function put(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("not copied");
}

function say(control, words) {
  const said = document.createElement("span");
  said.className = "copied";
  said.setAttribute("role", "status");
  control.after(said);
  said.textContent = words;
  setTimeout(() => said.remove(), SAID_FOR);
}

addEventListener("click", (event) => {
  const control = event.target.closest?.("[data-copy]");
  if (!control || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  put(control.dataset.copy).then(
    () => say(control, "Copied"),
    () => say(control, "Select it and copy it by hand"),
  );
});
