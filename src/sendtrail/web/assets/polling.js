// What looks again by itself rests while nobody sees the page: everything that htmx asks for here is such a look.
addEventListener("htmx:before:request", (event) => {
  if (document.hidden) event.preventDefault();
});

// Nobody is signed in any more: the page stays as it is, and says so until somebody is.
addEventListener("htmx:after:request", (event) => {
  const told = document.querySelector("[data-signed-out]");
  if (!told) return;
  told.hidden = event.detail.ctx.response.status !== 401;
  told.querySelector("a").href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
});

// An open menu loses what cannot be done any more; whoever stood there stands at the menu itself then.
let open = null;
addEventListener("htmx:before:swap", () => {
  open = document.activeElement.closest("details.opens[open]");
});
addEventListener("htmx:after:swap", () => {
  if (open?.isConnected && document.activeElement === document.body) open.querySelector("summary").focus();
  open = null;
});
