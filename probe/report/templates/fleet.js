"use strict";
// Comfort only: sorts the table of organizations by a column.
(function () {
  var collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  function value(row, place) {
    var cell = row.children[place];
    return cell.dataset.value === undefined ? cell.textContent.trim() : cell.dataset.value;
  }

  function sort(table, heading) {
    var place = Array.prototype.indexOf.call(heading.parentNode.children, heading);
    var down = heading.getAttribute("aria-sort") === "ascending";
    var body = table.tBodies[0];
    var rows = Array.prototype.slice.call(body.rows);
    rows.sort(function (a, b) { return collator.compare(value(a, place), value(b, place)) * (down ? -1 : 1); });
    table.querySelectorAll("[aria-sort]").forEach(function (other) { other.removeAttribute("aria-sort"); });
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append.apply(body, rows);
  }

  document.querySelectorAll("table.fleet").forEach(function (table) {
    table.querySelectorAll("th[data-sort]").forEach(function (heading) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent;
      button.addEventListener("click", function () { sort(table, heading); });
      heading.replaceChildren(button);
    });
  });
})();
