// Ticked rows: how many there are, and all of the page at once. Ticking "all that match" needs no single one.
addEventListener("change", (event) => {
  const form = event.target.closest("[data-selection]");
  if (!form) return;
  const rows = [...form.querySelectorAll("input[name=send], input[name=entry]")];
  const all = form.querySelector("input[name=all]");
  const head = form.querySelector("[data-all]");
  if (head && event.target === head) rows.forEach((row) => (row.checked = head.checked));
  const ticked = rows.filter((row) => row.checked).length;
  if (head) {
    head.checked = ticked === rows.length;
    head.indeterminate = ticked > 0 && !head.checked;
  }
  form.querySelector("[data-selected]").textContent = all?.checked || !ticked ? "" : `${ticked} selected`;
});
