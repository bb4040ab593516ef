// The figures of a policy that tables can show: what each is called, what it means, where it is in
// report.json.
"use strict";

// Shares of all that expired. With traffic, keys expire until the end and the shares mean nothing.
function releaseMarks(policy) {
  return policy.traffic ? undefined : policy.release_seconds;
}

function releasedKeys(policy) {
  return policy.released?.keys ?? 0;
}

function highestOf(series) {
  return Array.isArray(series) && series.length ? series.reduce((a, b) => Math.max(a, b)) : null;
}

function meanScanSeconds({ scan }) {
  return scan?.ended ? scan.duration_seconds / scan.ended : null;
}

// Causes of release and of work as report.json names them, and what readers call them.
const kCauses = [
  ["commands", "commands", "clients' commands themselves"],
  ["access", "access", "commands that found the key expired"],
  ["overwrite", "overwriting", "clients that wrote a new value over the expired key"],
  ["natural_deletion", "natural deletion", "natural deletion"],
  ["scans", "scans", "the expired key scan"],
  ["fast_sweeps", "fast sweeps", "fast sweeps"],
  ["client_scan", "clients' SCAN", "clients' SCAN commands"],
  ["ideal", "the ideal", "the ideal policy, which costs nothing"],
];

function causeColumns(subject, field, title, hint, text) {
  return kCauses.map(([cause, name, by]) => [`${field}.${cause}`, { subject, text,
    title: `${title} ${name}`, hint: hint(by), value: (p) => p[field]?.[cause] || null }]);
}

function percentile(key, title, hint) {
  return { subject: "Release", text: formatSeconds, title, value: (p) => releaseMarks(p)?.[key],
    hint: `Time from the start of reclamation until ${hint} was released.` };
}

function level(field, figure, title, hint, text = formatBytes) {
  return { subject: "Memory", text, title, hint, value: (p) => p[field]?.[figure] };
}

function commandDelay(key, title, hint) {
  return { subject: "Clients", text: formatMicroseconds, title, hint,
    value: (p) => p.traffic?.delay_us?.[key] };
}

function cpu(key, title, hint) {
  return { subject: "CPU", text: formatShare, title, hint, value: (p) => p.cpu_share?.[key] };
}

function scanCount(key, title, hint) {
  return { subject: "Scans", text: formatCount, title, hint, value: (p) => p.scan?.[key] };
}

function trafficCount(key, title, hint) {
  return { subject: "Clients", text: formatCount, title, hint, value: (p) => p.traffic?.[key] };
}

// `subject` groups the columns that are not in the main table.
const kPolicyColumns = new Map([
  ["goal", { subject: "Goal", title: "Goal", value: (p) => (p.goal ? Number(p.goal.met) : null),
    hint: "Whether the policy kept within every limit of the scenario's goal.",
    text: (met) => (met ? "met" : "not met") }],

  ["p50", percentile("p50", "50 % released after", "half of all that expired")],
  ["p90", percentile("p90", "90 % released after", "90 % of all that expired")],
  ["p99", percentile("p99", "99 % released after", "99 % of all that expired")],
  ["p100", percentile("p100", "All released after", "everything that expired")],
  ["published.seconds", { subject: "Release", text: formatSeconds, title: "Published time",
    hint: "How long the service's documentation says that this policy takes.",
    value: (p) => p.published?.seconds }],
  ["behind", { subject: "Release", text: formatSeconds, title: "Release delay, mean",
    hint: "Average time from a key's deadline until it was released, or until the end of the run.",
    value: (p) => p.mean_delay_seconds }],
  ["expired", { subject: "Release", text: formatCount, title: "Expired keys",
    hint: "Keys whose deadline passed during the run.", value: (p) => p.expired }],
  ["released", { subject: "Release", text: formatCount, title: "Released keys",
    hint: "Expired keys that were removed from memory during the run.",
    value: (p) => p.released?.keys }],
  ["looked_at", { subject: "Release", text: formatCount, title: "Keys looked at per release",
    hint: "Keys that the policy looked at for each expired key that was released by any cause.",
    value: (p) => p.looked_at_per_released }],

  ["stale.mean", level("stale_bytes", "mean", "Stale memory, mean",
    "Memory of expired keys that are not yet released, averaged over the run.")],
  ["stale.p99", level("stale_bytes", "p99", "Stale memory, p99",
    "Memory of expired keys was at most this much during 99 % of the run.")],
  ["stale.peak", level("stale_bytes", "peak", "Stale memory, peak",
    "The most memory that expired keys held at any time.")],
  ["stale.end", level("stale_bytes", "end", "Stale memory, end",
    "Memory that expired keys still held when the run ended.")],
  ["stale_keys.peak", level("stale_keys", "peak", "Stale keys, peak",
    "The most keys that were expired and not yet released at any time.", formatCount)],
  ["used.peak", level("used_bytes", "peak", "Used memory, peak",
    "The most memory that live keys, expired keys and the index used at any time.")],
  ["held.peak", level("held_bytes", "peak", "Held memory, peak",
    "The most memory that the keyspace held from the system at any time.")],
  ["held.end", level("held_bytes", "end", "Held memory, end",
    "Memory that the keyspace still held from the system when the run ended.")],

  ["cpu.peak", cpu("peak", "CPU, peak", "The highest share of the node's one thread that was " +
    'busy between two samples: the highest point of the plot "CPU of the node".')],
  ["cpu.mean", cpu("mean", "CPU, mean",
    "Share of the node's one thread that was busy, from the start of reclamation to the end.")],
  ["cpu.reclamation", cpu("reclamation", "CPU for reclamation", "Share of the node's one thread " +
    "that found and released expired keys, from the start of reclamation to the end.")],
  ["cpu.while_reclaiming", cpu("while_reclaiming", "CPU while reclaiming", "Share of the node's " +
    "one thread that was busy from the start of reclamation until all expired keys were " +
    "released or the scan ended.")],
  ["published.cpu", { subject: "CPU", text: formatShare, title: "CPU, published",
    hint: "CPU share that the service's documentation gives for the time of reclamation.",
    value: (p) => p.published?.cpu_share }],

  ["misses", trafficCount("misses", "Misses", "Reads that found no live key.")],
  ["misses.peak", { subject: "Clients", text: formatCount, title: "Misses a second, peak",
    hint: "Highest rate of misses between two samples: the highest point of the plot " +
      '"Misses a second".',
    value: (p) => highestOf(p.timeline?.misses_per_second) }],
  ["hits", { subject: "Clients", text: formatShare, title: "Hits",
    hint: "Share of the reads that found a live key.",
    value: (p) => (p.traffic?.reads ? p.traffic.hits / p.traffic.reads : null) }],
  ["delay.p50", commandDelay("p50", "Command delay, p50",
    "Half of the clients' commands took at most this long, waiting included.")],
  ["delay.p99", commandDelay("p99", "Command delay, p99",
    "99 % of the clients' commands took at most this long, waiting included.")],
  ["delay.p999", commandDelay("p999", "Command delay, p99.9",
    "99.9 % of the clients' commands took at most this long, waiting included.")],
  ["delay.max", commandDelay("max", "Command delay, longest",
    "The longest time that one of the clients' commands took, waiting included.")],
  ["fills", trafficCount("fills", "Refilled keys",
    "Writes of values that a read had missed and fetched from elsewhere.")],
  ["most_waiting", trafficCount("most_waiting", "Waiting reads, most",
    "The most reads that waited for a value from elsewhere at one time.")],

  ["scan.seconds", { subject: "Scans", text: formatSeconds, title: "Scan time, mean",
    hint: "Average time from the start of a scan to its end.", value: meanScanSeconds }],
  ["scan.ended", scanCount("ended", "Scans ended", "Scans that walked over all keys.")],
  ["scan.failed", scanCount("failed", "Scans failed",
    "Scans that their timeout ended before they had walked over all keys.")],
  ["scan.skipped", scanCount("skipped", "Scans skipped",
    "Scans that did not start because the one before was still running.")],
  ["scan.visited", scanCount("visited", "Keys visited", "Keys that all scans together looked at.")],

  ...causeColumns("Released keys by cause", "released", "By",
    (by) => `Expired keys that were released by ${by}.`, formatCount),
  ...causeColumns("Released memory by cause", "released_bytes", "By",
    (by) => `Memory of the expired keys that were released by ${by}.`, formatBytes),
  ...causeColumns("CPU time by cause", "work_seconds", "For",
    (by) => `CPU time that the cost model charges for ${by}.`, formatSeconds),
]);
