// Shows how far an upload is. Without this the form works all the same: the browser sends it and shows the answer.
import htmx from "htmx.org";

let sending = false;

function send(form) {
  const progress = form.querySelector("[data-progress]");
  const bar = progress.querySelector("progress");
  const said = progress.querySelector("[role=status]");
  const request = new XMLHttpRequest(); // fetch does not tell how much was sent
  const over = () => {
    sending = false;
    form.querySelector("button").disabled = false;
  };

  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value"); // nobody knows how long the rest takes
    said.textContent = "All of it has arrived and is being read.";
  });
  request.addEventListener("load", () => {
    over();
    const { pathname } = new URL(request.responseURL);
    if (pathname !== new URL(form.action).pathname) return location.assign(request.responseURL);
    const answer = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main");
    document.querySelector("main").replaceWith(answer);
    htmx.process(answer);
    answer.querySelector("[role=alert], [role=status]")?.scrollIntoView({ block: "center" });
  });
  request.addEventListener("error", () => {
    over();
    bar.value = 0;
    said.textContent = "The connection broke off. Files that had not arrived were not taken: upload them again.";
  });

  sending = true;
  form.querySelector("button").disabled = true;
  progress.hidden = false;
  said.textContent = "Uploading. Keep this page open until all of it has arrived.";
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "text/html");
  request.send(new FormData(form)); // its fields go in their order, the token first
}

addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-upload]")) return;
  event.preventDefault();
  send(event.target);
});
addEventListener("beforeunload", (event) => {
  if (sending) event.preventDefault();
});
