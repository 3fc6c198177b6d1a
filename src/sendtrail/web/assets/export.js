// Shows how far an export is. Without this the link and the form work all the same: the browser saves the file itself.
const PIECE = 8 << 20; // bytes that are held here; a browser may put what is in a Blob on disk
const LINGERING = 6_000; // milliseconds until what went well goes away by itself

let stop = null;

async function save(address) {
  if (stop) return;
  const told = document.querySelector("[data-exporting]");
  const said = told.querySelector("[data-said]");
  const outcome = told.querySelector("[role=status]");
  const bar = told.querySelector("progress");
  const button = told.querySelector("button");
  const counted = (n) => Math.max(n, 0).toLocaleString("en-US");
  const about = (header) => (header.endsWith("+") ? `more than ${counted(parseInt(header))}` : counted(Number(header)));

  stop = new AbortController();
  bar.removeAttribute("value");
  said.textContent = "Looking for the sends …";
  outcome.textContent = "";
  button.textContent = "Stop";
  told.hidden = false;
  try {
    const answer = await fetch(address, { signal: stop.signal });
    const all = answer.headers.get("Sendtrail-Sends");
    if (!answer.ok || !all) return location.assign(address); // its page says what is wrong, or asks to sign in
    const parts = [];
    let piece = [];
    let held = 0;
    let lines = -1; // the header is none; a message of several lines counts for more: nearly is enough
    const reader = answer.body.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      for (const byte of next.value) lines += byte === 10;
      piece.push(next.value);
      held += next.value.length;
      if (held > PIECE) {
        parts.push(new Blob(piece));
        piece = [];
        held = 0;
      }
      if (!all.endsWith("+")) bar.value = Math.min(lines / Math.max(Number(all), 1), 1);
      said.textContent = `${counted(lines)} of ${about(all)} sends`;
    }
    const [, name] = answer.headers.get("Content-Disposition").match(/filename="([^"]+)"/);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([...parts, ...piece], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    bar.value = 1;
    outcome.textContent = `${name} is saved.`;
    setTimeout(() => (told.hidden ||= !stop), LINGERING);
  } catch {
    bar.value = 0;
    outcome.textContent = stop.signal.aborted
      ? "Stopped: nothing is saved."
      : "The connection broke off: nothing is saved. Try again.";
  } finally {
    button.textContent = "Close";
    stop = null;
  }
}

addEventListener("click", (event) => {
  if (event.target.closest("[data-exporting] button")) {
    if (stop) stop.abort();
    else event.target.closest("[data-exporting]").hidden = true;
  }
  const link = event.target.closest("a[data-export]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  save(link.href);
});

addEventListener("submit", (event) => {
  if (event.submitter?.value !== "export") return;
  const form = new FormData(event.target);
  const ids = form.getAll("send");
  if (!form.get("all") && !ids.length) return; // the page that comes says so
  event.preventDefault();
  save(`/sends.csv?${form.get("all") ? form.get("list") : `only=${ids.join(",")}`}`);
});

addEventListener("beforeunload", (event) => {
  if (stop) event.preventDefault();
});
