// What looks again by itself rests while nobody sees the page: everything that htmx asks for here is such a look.
addEventListener("htmx:before:request", (event) => {
  if (document.hidden) event.preventDefault();
});
