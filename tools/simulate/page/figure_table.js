// A table of figures that never scrolls sideways: a box too narrow for the table shows the same
// figures as one card a row.
//
// A column is { title, hint, value(item), text(value) }: `value` is what a cell holds and is sorted
// by, `text` formats it (by default as it is). A missing value prints as a dash. A row whose
// state(item) is not null has that text in place of its figures and sorts last.
"use strict";

function cellText(column, item) {
  const value = column.value(item);
  if (value === null || value === undefined || Number.isNaN(value)) return kNone;
  return column.text ? column.text(value) : String(value);
}

class FigureTable {
  // label: for screen readers. items: one a row. head(item): the row's heading, a new node each
  // time.
  constructor({ label, headTitle, columns, items, head, state = () => null, sortable = false }) {
    Object.assign(this, { columns, items, head, state });
    this.rows = items.map((item) => this.makeRow(item));
    this.cards = items.map((item, i) => this.makeCard(item, i === 0));
    this.heads = columns.map((column) => this.makeHead(column, sortable));
    this.body = element("tbody", {}, ...this.rows);
    const first = element("th", { scope: "col" }, headTitle);
    this.table = element("table", {},
      element("thead", {}, element("tr", {}, first, ...this.heads)), this.body);
    this.table.setAttribute("aria-label", label);
    this.deck = element("div", { className: "cards" }, ...this.cards);
    this.sorter = sortable && items.length > 2 && columns.length ? this.makeSorter() : null;
    this.box = element("div", { className: "figures" }, this.sorter, this.table, this.deck);
    this.width = -1;
    new ResizeObserver(() => this.fit()).observe(this.box);
  }

  makeRow(item) {
    const row = element("tr", {}, element("th", { scope: "row" }, this.head(item)));
    const state = this.state(item);
    if (state) {
      row.append(element("td", { className: "state", colSpan: Math.max(1, this.columns.length) },
        state));
    } else {
      row.append(...this.columns.map((column) => element("td", {}, cellText(column, item))));
    }
    return row;
  }

  // Only the first card's labels are tab stops: a keyboard meets each explanation once.
  makeCard(item, isTabStop) {
    const card = element("div", { className: "card" },
      element("div", { className: "card-head" }, this.head(item)));
    const state = this.state(item);
    if (state) {
      card.append(element("p", { className: "state" }, state));
      return card;
    }
    const list = element("dl");
    for (const column of this.columns) {
      const label = hintLabel(column.title, column.hint);
      if (!isTabStop) label.tabIndex = -1;
      list.append(element("div", {}, element("dt", {}, label),
        element("dd", {}, cellText(column, item))));
    }
    card.append(list);
    return card;
  }

  makeHead(column, sortable) {
    const content = element("div", { className: "head" });
    const head = element("th", { scope: "col" }, content);
    const title = sortable
      ? element("button", { type: "button", className: "sort" }, column.title)
      : element("span", {}, column.title);
    if (sortable) {
      title.addEventListener("click", () => this.sort(column, head.ariaSort === "ascending"));
    }
    content.append(title);
    if (column.hint) content.append(hintButton(column.title, column.hint, head));
    return head;
  }

  // Cards have no headings to sort by: a choice of columns takes their place.
  makeSorter() {
    const choice = element("select", {}, element("option", { value: "" }, "the scenario's order"),
      ...this.columns.map(({ title }, i) => element("option", { value: i }, title)));
    const descending = element("input", { type: "checkbox" });
    const sort = () => this.sort(this.columns[choice.value], descending.checked);
    choice.addEventListener("change", sort);
    descending.addEventListener("change", sort);
    return element("div", { className: "sorter" }, element("label", {}, "Sort by ", choice),
      element("label", {}, descending, " highest first"));
  }

  // Rows without a value come last in both directions; equal rows keep the report's order. Without
  // a column: the report's order.
  sort(column, descending) {
    const sign = descending ? -1 : 1;
    const valueOf = (item) => (this.state(item) || !column ? null : column.value(item));
    const order = this.items.map((item, i) => ({ i, value: valueOf(item) })).sort((a, b) => {
      if (!isNumber(a.value) || !isNumber(b.value)) return isNumber(b.value) - isNumber(a.value);
      return sign * (a.value - b.value);
    });
    this.body.append(...order.map(({ i }) => this.rows[i]));
    this.deck.append(...order.map(({ i }) => this.cards[i]));
    this.heads.forEach((head, i) => {
      if (this.columns[i] !== column) head.removeAttribute("aria-sort");
      else head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    });
  }

  // Shows the table if it fits the box, else the cards.
  fit() {
    const width = this.box.clientWidth;
    if (width === 0 || width === this.width) return;
    this.width = width;
    this.box.classList.remove("narrow");
    this.box.classList.toggle("narrow", this.table.offsetWidth > width);
  }
}
