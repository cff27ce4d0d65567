"use strict";
// Without this script the page is whole: the tables are in order, and everybody is on it. It adds a search and sorting.
(() => {
  // A body's learners: a row each, with the remarks below it. Who has no score is in a body apart, with a line above it.
  const groups = body => [...body.rows].reduce((all, row) => {
    if (row.classList.contains("remarks")) all.at(-1).push(row); else if (!row.classList.contains("apart")) all.push([row]);
    return all;
  }, []);
  const plain = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
  const name = group => group[0].querySelector("th").textContent;
  const number = text => { const found = parseFloat(text.replace("−", "-")); return Number.isNaN(found) ? -Infinity : found; };
  const tables = [...document.querySelectorAll("table.map, table.class")];
  const learners = [...document.querySelectorAll("article.brief, article.submission")];
  const boxes = [];

  const find = text => {
    const wanted = plain(text);
    let shown = 0, all = 0;
    for (const table of tables) {
      shown = all = 0;
      for (const body of table.tBodies) {
        let here = 0;
        for (const group of groups(body)) {
          const fits = plain(name(group)).includes(wanted);
          for (const row of group) row.hidden = !fits;
          here += fits; all += 1;
        }
        for (const row of body.querySelectorAll(".apart")) row.hidden = !here;
        shown += here;
      }
    }
    for (const one of learners) one.hidden = !plain(one.querySelector("h2, h3").textContent).includes(wanted);
    for (const [input, status] of boxes) {
      if (input.value !== text) input.value = text;
      status.textContent = wanted ? `${shown} of ${all}` : "";
    }
  };

  const sort = (table, head, column) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const words = head.dataset.by === "words";
    const key = group => group[0].cells[column].textContent.trim();
    for (const body of table.tBodies) {
      const made = groups(body).map(group => [words ? key(group) : number(key(group)), group]);
      made.sort(([a], [b]) => (down ? -1 : 1) * (words ? a.localeCompare(b, undefined, { numeric: true }) : a === b ? 0 : a < b ? -1 : 1));
      body.append(...made.flatMap(([, group]) => group));
    }
  };

  for (const table of tables) {
    const label = document.createElement("label"), input = document.createElement("input"), status = document.createElement("span");
    label.className = "find";
    input.type = "search";
    status.setAttribute("role", "status");
    label.append("Find a learner ", input, " ", status);
    input.addEventListener("input", () => find(input.value));
    boxes.push([input, status]);
    (table.closest(".scroll") ?? table).before(label);
    for (const head of table.tHead.querySelectorAll("[data-by]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, head, head.cellIndex));
      head.append(button);
    }
  }
})();
