// The other tables: load, traffic, the fit to the published figures, settings, and what the
// simulation took.
"use strict";

const kLoadColumns = [
  { title: "Type", hint: "The Redis type of the values.", value: (g) => g.type },
  { title: "Keys", hint: "Keys that exist when the run starts.", value: (g) => g.keys,
    text: formatCount },
  { title: "Keys with a deadline", hint: "How many of these keys expire.", text: formatCount,
    value: (g) => g.keys_with_deadline },
  { title: "Key bytes", hint: "Length of all key names together.", text: formatBytes,
    value: (g) => g.key_bytes },
  { title: "Value bytes", hint: "Length of all values together.", text: formatBytes,
    value: (g) => g.value_bytes },
];

const kTrafficColumns = [
  { title: "Keys of", hint: "The group whose keys the clients use.", value: (s) => s.keys_of },
  { title: "Commands a second", hint: "Average rate of the clients' commands.", text: formatCount,
    value: (s) => s.commands_per_second },
  { title: "Reads", hint: "Share of the commands that read; the others write.", text: formatShare,
    value: (s) => s.read_share },
  { title: "Zipf exponent", hint: "How much the clients prefer some keys: 0 is no preference.",
    value: (s) => s.zipf_exponent, text: (value) => trimmed(value, 3) },
  { title: "Writes", hint: "Whether writes replace existing keys or make new ones.",
    value: (s) => s.writes },
  { title: "Refill after", text: formatSeconds, value: (s) => s.fill_after_seconds,
    hint: "Time until a client has fetched a missed value from elsewhere and writes it." },
];

const kFitColumns = [
  { title: "CPU, published", hint: "CPU share that the service's documentation gives.",
    value: (r) => r.published, text: formatShare },
  { title: "CPU, simulated", hint: "CPU share of the same policy in this simulation.",
    value: (r) => r.simulated, text: formatShare },
  { title: "Error", hint: "The simulated share's difference, relative to the published one.",
    value: (r) => r.error, text: formatDifference },
];

const kMeasuredColumns = [
  { title: "Load", hint: "Real time to load the keys.", text: formatSeconds,
    value: (m) => m.load_seconds },
  { title: "Run", hint: "Real time to play the policy.", text: formatSeconds,
    value: (m) => m.run_seconds },
  { title: "Reclamation, CPU", hint: "Real CPU time of finding and releasing expired keys.",
    text: formatSeconds, value: (m) => m.reclamation_cpu_seconds },
  { title: "CPU per released key", hint: "Real CPU time of reclamation for each released key.",
    text: formatNanoseconds, value: (m) => m.reclamation_ns_per_released_key },
];

// A table of `items`, without the columns for which no item has a value.
function plainTable(label, headTitle, columns, items, head, state) {
  const isThere = (value) => value !== null && value !== undefined;
  const filled = columns.filter(({ value }) => items.some((item) => isThere(value(item))));
  return new FigureTable({ label, headTitle, columns: filled, items, head, state }).box;
}

function fillLoad(parent, report) {
  const nameOf = (group) => element("span", {}, group.name);
  parent.append(plainTable("Load", "Group of keys", kLoadColumns, report.load ?? [], nameOf));
  const streams = report.settings?.traffic ?? [];
  if (!streams.length) return;
  parent.append(element("h3", {}, "Traffic"),
    plainTable("Traffic", "Clients", kTrafficColumns, streams, nameOf));
}

// Returns whether the report has a fit.
function fillFit(parent, fit) {
  if (!fit?.rows?.length) return false;
  parent.append(plainTable("Fit to the published CPU shares", "Policy", kFitColumns, fit.rows,
    (row) => element("span", {}, row.label)));
  if (fit.note) parent.append(element("p", { className: "muted small" }, fit.note));
  return true;
}

// The names and values of an object; nested objects are skipped.
function definitions(object) {
  const list = element("dl", { className: "definitions" });
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
  details.append(definitions({ scenario: report.scenario, seed: report.seed,
    measure: report.measure ?? null, ...settings }));
  if (costs) details.append(element("h3", {}, "Cost model"), definitions(costs));
  if (note) details.append(element("p", { className: "muted small" }, note));
}

function fillMeasured(details, report) {
  const { peak_resident_bytes: memory, policies, ...rest } = report.measured ?? {};
  details.append(definitions({ ...rest,
    peak_resident_memory: isNumber(memory) ? formatBytes(memory) : null }));
  if (!policies?.length) return;
  const policyOf = ({ name }) => report.policies?.find((policy) => policy.name === name);
  const head = (item) => element("span", { title: `ID: ${item.name}` },
    labelOf(policyOf(item) ?? item));
  const state = (item) => (policyOf(item) ? stateText(policyOf(item)) : null);
  const finishedFirst = [...policies].sort((a, b) => Boolean(state(a)) - Boolean(state(b)));
  details.append(plainTable("Real time and CPU by policy", "Policy", kMeasuredColumns,
    finishedFirst, head, state));
}
