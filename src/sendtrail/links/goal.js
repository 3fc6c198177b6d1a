// Sendtrail: remembers by which link a visitor came, and tells a goal where the page says that it is one.
// The last link counts. It sets no cookie and sends none. How to use it: docs/goals.md.
(function (parameter, own, days) {
  "use strict";
  var script = document.currentScript;
  var key = "sendtrail";
  var isCode = /^[0-9a-f][0-9a-hj-km-np-tv-z]{12}$/i; // as ours are: a newsletter's "march2026news" is none

  function remembered() {
    try {
      var kept = JSON.parse(localStorage.getItem(key));
      return Date.now() - kept.at < days * 86400000 && isCode.test(kept.code) ? kept.code : "";
    } catch (nothing) {
      return "";
    }
  }

  function remember(code) {
    try {
      localStorage.setItem(key, JSON.stringify({ code: code, at: Date.now() }));
    } catch (refused) {
      // The browser keeps nothing: a goal on this very page is told all the same.
    }
  }

  if (!script) return;
  var given = own || new URLSearchParams(location.search).get(parameter) || "";
  var code = isCode.test(given) ? given : remembered();
  if (code === given && code) remember(code);
  if (!code || !script.hasAttribute("data-goal")) return;
  var goal = new URL(code, script.src);
  ["value", "currency", "reference"].forEach(function (name) {
    var said = script.getAttribute("data-" + name);
    if (said) goal.searchParams.set(name, said);
  });
  fetch(goal, { mode: "no-cors", credentials: "omit", keepalive: true, cache: "no-store", referrerPolicy: "origin" }).catch(
    function () {}
  );
})({parameter}, {code}, {days});
