// The tables: policies, load, settings, and what the simulation took.
"use strict";

function released(policy) {
  return policy.released?.keys ?? 0;
}

// When shares of all that expired were released. Where traffic makes keys to the end they say nothing.
function releaseMarks(policy) {
  return policy.traffic ? undefined : policy.release_seconds;
}

// text: what a cell shows; value: what it is sorted by. A column that has no value is left out.
const kPolicyColumns = [
  { title: "Goal", value: (p) => (p.goal ? Number(p.goal.met) : null),
    text: (value) => (value ? "met" : "not met") },
  { title: "A scan takes", text: formatSeconds,
    value: (p) => (p.scan?.ended ? p.scan.duration_seconds / p.scan.ended || null : null) },
  { title: "50 % released", value: (p) => releaseMarks(p)?.p50, text: formatSeconds },
  { title: "99 %", value: (p) => releaseMarks(p)?.p99, text: formatSeconds },
  { title: "100 %", value: (p) => releaseMarks(p)?.p100, text: formatSeconds },
  { title: "Published", value: (p) => p.published?.seconds, text: formatSeconds },
  { title: "Stale memory, mean", value: (p) => p.stale_bytes?.mean, text: formatBytes },
  { title: "peak", value: (p) => p.stale_bytes?.peak, text: formatBytes },
  { title: "at the end", value: (p) => p.stale_bytes?.end, text: formatBytes },
  { title: "Behind, mean", value: (p) => p.mean_delay_seconds, text: formatSeconds },
  { title: "Released keys", value: (p) => p.released?.keys, text: formatCount },
  { title: "Looked at a key", value: (p) => p.looked_at_per_released,
    text: (value) => (isNumber(value) ? value.toFixed(1) : kNone) },
  { title: "CPU, peak", value: (p) => p.cpu_share?.peak, text: formatShare },
  { title: "Published CPU", value: (p) => p.published?.cpu_share, text: formatShare },
  { title: "CPU for reclamation", value: (p) => p.cpu_share?.reclamation, text: formatShare },
  { title: "Delay, p50", value: (p) => p.traffic?.delay_us?.p50, text: formatMicroseconds },
  { title: "Delay, p99", value: (p) => p.traffic?.delay_us?.p99, text: formatMicroseconds },
  { title: "Delay, p99.9", value: (p) => p.traffic?.delay_us?.p999, text: formatMicroseconds },
  { title: "Delay, most", value: (p) => p.traffic?.delay_us?.max, text: formatMicroseconds },
  { title: "Hits", value: (p) => (p.traffic?.reads ? p.traffic.hits / p.traffic.reads : null),
    text: formatShare },
  { title: "Filled later", value: (p) => p.traffic?.fills || null, text: formatCount },
];

function policyHead(policy, index) {
  const label = labelOf(policy);
  const notes = [label === policy.name ? null : policy.name,
    policy.completed === false ? "partial" : null].filter(Boolean);
  const text = element("span", {}, label);
  if (notes.length) text.append(element("small", {}, notes.join(", ")));
  return element("th", { scope: "row" },
    element("div", { className: "policy" }, swatch(index), text));
}

function policyRow(policy, index, columns) {
  const row = element("tr", {}, policyHead(policy, index));
  for (const column of columns) {
    const value = column.value(policy);
    row.append(element("td", {}, isNumber(value) ? column.text(value) : kNone));
  }
  return row;
}

// Puts the rows in the order of a column; what has no value comes last, equals stay as they are.
function sortRows(body, rows, valueOf, descending) {
  const sign = descending ? -1 : 1;
  const sorted = rows.map((row, i) => ({ row, value: valueOf(i) })).sort((a, b) => {
    if (!isNumber(a.value) || !isNumber(b.value)) return isNumber(b.value) - isNumber(a.value);
    return sign * (a.value - b.value);
  });
  body.append(...sorted.map(({ row }) => row));
}

function sortableHead(column, sort) {
  const button = element("button", { type: "button" }, column.title);
  const head = element("th", { scope: "col" }, button);
  button.addEventListener("click", () => {
    const descending = head.ariaSort === "ascending";
    for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    sort(column, descending);
  });
  return head;
}

function policyTable(policies) {
  const columns = kPolicyColumns.filter(
    (column) => policies.some((policy) => isNumber(column.value(policy))));
  const rows = policies.map((policy, index) => policyRow(policy, index, columns));
  const body = element("tbody", {}, ...rows);
  const sort = (column, descending) =>
    sortRows(body, rows, (i) => column.value(policies[i]), descending);
  const heads = columns.map((column) => sortableHead(column, sort));
  return element("table", {},
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Policy"), ...heads)),
    body);
}

// rows of cells that are text already; the first is the row's head.
function plainTable(titles, rows) {
  const head = titles.map((title) => element("th", { scope: "col" }, title));
  const body = rows.map(([first, ...cells]) => element("tr", {},
    element("th", { scope: "row" }, first), ...cells.map((cell) => element("td", {}, cell))));
  return element("table", {},
    element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body));
}

function loadTable(load) {
  const titles = ["Keys of", "Type", "Keys", "with a deadline", "Keys' bytes", "Values' bytes"];
  return plainTable(titles, load.map((group) => [group.name, group.type, formatCount(group.keys),
    formatCount(group.keys_with_deadline), formatBytes(group.key_bytes),
    formatBytes(group.value_bytes)]));
}

// An object as names and values; objects within it are left to others.
function definitions(object) {
  const list = element("dl");
  for (const [name, value] of Object.entries(object)) {
    if (value === null || typeof value === "object") continue;
    const text = isNumber(value) ? value.toLocaleString("en-US", { maximumSignificantDigits: 6 })
      : String(value);
    list.append(element("dt", {}, name.replaceAll("_", " ")), element("dd", {}, text));
  }
  return list;
}

function fillSettings(details, report) {
  const { cost_model_note: note, cost_model: costs, ...settings } = report.settings ?? {};
  details.append(definitions({ scenario: report.scenario, seed: report.seed, ...settings }));
  if (costs) details.append(element("h3", {}, "Cost model"), definitions(costs));
  if (note) details.append(element("p", { className: "muted small" }, note));
}

function fillMeasured(details, measured) {
  const { peak_resident_bytes: memory, ...rest } = measured;
  details.append(definitions({ ...rest, peak_resident_memory: formatBytes(memory) }));
  if (!measured.policies?.length) return;
  const titles = ["Policy", "Load", "Run", "Reclamation, CPU", "a released key"];
  const nanoseconds = (value) => (isNumber(value) ? `${Math.round(value)} ns` : kNone);
  const rows = measured.policies.map((policy) => [policy.name, formatSeconds(policy.load_seconds),
    formatSeconds(policy.run_seconds), formatSeconds(policy.reclamation_cpu_seconds),
    nanoseconds(policy.reclamation_ns_per_released_key)]);
  details.append(element("div", { className: "scroll", tabIndex: 0 }, plainTable(titles, rows)));
}
