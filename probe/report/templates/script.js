"use strict";
// Comfort only: filters the findings, copies command lines, opens what a link points into.
(function () {
  var form = document.getElementById("filter");
  var text = document.getElementById("filter-text");
  var verdict = document.getElementById("filter-verdict");
  var shown = document.getElementById("filter-count");
  var items = Array.prototype.slice.call(document.querySelectorAll("details.op"));

  function filter() {
    var wanted = text.value.toLowerCase();
    var left = items.filter(function (item) {
      var fits = (!verdict.value || item.querySelector("summary .b").classList.contains(verdict.value)) &&
        item.textContent.toLowerCase().indexOf(wanted) >= 0;
      item.hidden = !fits;
      return fits;
    });
    items.forEach(function (item) {
      item.parentNode.hidden = !item.parentNode.querySelector("details.op:not([hidden])");
    });
    shown.textContent = left.length + " of " + items.length;
  }

  function copy(button, line) {
    function done() { button.textContent = "Copied"; }
    function fallback() {
      window.getSelection().selectAllChildren(line);
      if (document.execCommand("copy")) { done(); }
    }
    if (navigator.clipboard) { navigator.clipboard.writeText(line.textContent).then(done, fallback); }
    else { fallback(); }
  }

  function addCopyButtons(item) {
    item.querySelectorAll("pre:not([data-copy])").forEach(function (line) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy command";
      button.addEventListener("click", function () { copy(button, line); });
      line.dataset.copy = "";
      line.after(button);
    });
  }

  function openTarget() {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var item = target && target.closest("details");
    if (item) { item.open = true; target.scrollIntoView(); }
  }

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  items.forEach(function (item) {
    item.addEventListener("toggle", function () { if (item.open) { addCopyButtons(item); } });
  });
  window.addEventListener("hashchange", openTarget);
  filter();
  openTarget();
})();
