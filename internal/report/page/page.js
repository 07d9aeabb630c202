"use strict";
// Search and sorting of the table of orders. Without it the page shows all of its rows.
(() => {
  const step = 100, printed = 1000;
  const table = document.getElementById("table"), find = document.getElementById("find");
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  const found = document.getElementById("found"), more = document.querySelector("p.more");
  const body = table.tBodies[0];
  for (const rest of [...table.tBodies].slice(1)) rest.remove();
  let matches = rows, shown = step, texts = null;

  const cell = (row, column) => row.cells[column]?.textContent ?? "";
  const show = (n) => {
    body.replaceChildren(...matches.slice(0, n));
    const count = (n) => n.toLocaleString("en");
    found.textContent = matches.length === rows.length ? `${count(rows.length)} orders`
      : `${count(matches.length)} of ${count(rows.length)} orders`;
    more.hidden = matches.length <= n;
    more.firstChild.textContent = `Show ${count(Math.min(step, matches.length - n))} more`;
  };
  const search = () => {
    texts ??= new Map(rows.map((row) => [row, [...row.cells].map((c) => c.textContent).join("\n").toLowerCase()]));
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    matches = rows.filter((row) => words.every((word) => texts.get(row).includes(word)));
    show(shown = step);
  };

  const collator = new Intl.Collator("en", { numeric: true });
  const number = (text) => parseFloat(text.replace(/,/g, "")) || 0;
  const sort = (heading, column) => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = heading.classList.contains("n") ? number : (text) => text;
    const keys = new Map(rows.map((row) => [row, key(cell(row, column))]));
    const compare = heading.classList.contains("n") ? (a, b) => a - b : collator.compare;
    const turn = down ? -1 : 1;
    rows.sort((a, b) => turn * compare(keys.get(a), keys.get(b)));
    find.value ? search() : (matches = rows, show(shown));
  };
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(heading, column));
    heading.append(button);
  });

  let waiting = 0;
  find.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 120); });
  document.getElementById("some").addEventListener("click", () => show(shown += step));
  document.getElementById("all").addEventListener("click", () => show(shown = matches.length));
  find.parentNode.hidden = false;
  show(shown);

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const d of closed) d.open = true;
    show(Math.max(shown, printed));
    if (matches.length > printed) found.textContent += `, the first ${Math.max(shown, printed).toLocaleString("en")} of them printed`;
  });
  addEventListener("afterprint", () => {
    for (const d of closed) d.open = false;
    show(shown);
  });
})();
