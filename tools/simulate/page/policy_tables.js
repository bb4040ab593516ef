// The main table of the policies, which answers the scenario's question, and the tables of all
// other figures by subject.
"use strict";

const kMostMainColumns = 8;

// The columns of the main table by the report's `measure`. Columns without values are left out.
const kMainColumns = {
  stale_memory: ["stale.mean", "stale.peak", "stale.end", "behind", "p99", "cpu.reclamation",
    "cpu.peak"],
  release_time: ["p50", "p99", "p100", "stale.mean", "stale.peak", "cpu.reclamation", "cpu.peak"],
  delay: ["behind", "stale.mean", "stale.peak", "released", "cpu.reclamation", "cpu.peak"],
  client_scan: ["released.client_scan", "released.natural_deletion", "released", "behind",
    "stale.mean", "cpu.reclamation", "cpu.peak"],
  clients: ["misses", "misses.peak", "hits", "delay.p99", "delay.max", "stale.peak", "cpu.peak"],
  goal: ["cpu.reclamation", "stale.mean", "stale.peak", "behind", "cpu.peak"],
  published: ["scan.seconds", "p100", "published.seconds", "cpu.while_reclaiming", "published.cpu",
    "stale.mean", "stale.peak"],
};
const kPublishedColumns = ["published.seconds", "cpu.while_reclaiming", "published.cpu"];

function goalColumns(goal) {
  if (!goal) return [];
  return ["goal", isNumber(goal.stale_bytes_at_most) ? "stale.peak" : null,
    isNumber(goal.cpu_share_at_most) ? "cpu.peak" : null,
    isNumber(goal.delay_p99_us_at_most) ? "delay.p99" : null].filter(Boolean);
}

// The IDs of the main table's columns, those of the goal first.
function mainColumns(report, hasValues) {
  const policies = report.policies ?? [];
  const judged = policies.some((policy) => policy.goal);
  const ofMeasure = kMainColumns[report.measure] ?? kMainColumns[judged ? "goal" : "stale_memory"];
  const hasPublished = policies.some((policy) => policy.published);
  const extra = hasPublished && report.measure !== "published" ? kPublishedColumns : [];
  const ids = new Set([...goalColumns(report.settings?.goal), ...(judged ? ["goal"] : []),
    ...extra, ...ofMeasure]);
  return [...ids].filter(hasValues).slice(0, kMostMainColumns);
}

function policyTable(label, policies, ids) {
  const columns = ids.map((id) => {
    const { value, ...column } = kPolicyColumns.get(id);
    return { ...column, value: ({ policy }) => value(policy) };
  });
  return new FigureTable({
    label,
    headTitle: "Policy",
    columns: columns.length ? columns : [{ title: "State", value: () => null }],
    items: orderedPolicies(policies),
    head: ({ policy, index }) => policyName(policy, index),
    state: ({ policy }) => stateText(policy),
    sortable: columns.length > 0,
  }).box;
}

// Fills `main` and, subject by subject, `more`.
function fillPolicyTables(report, main, more) {
  const policies = report.policies ?? [];
  const hasValues = (id) => policies.some(
    (policy) => isCompleted(policy) && isNumber(kPolicyColumns.get(id).value(policy)));
  const shown = mainColumns(report, hasValues);
  main.append(policyTable("Policies", policies, shown));

  const subjects = new Map();
  for (const [id, { subject }] of kPolicyColumns) {
    if (shown.includes(id) || !hasValues(id)) continue;
    subjects.set(subject, [...(subjects.get(subject) ?? []), id]);
  }
  for (const [subject, ids] of subjects) {
    more.append(element("h3", {}, subject), policyTable(subject, policies, ids));
  }
  more.hidden = subjects.size === 0;
}
