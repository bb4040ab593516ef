// Which plots there are, and the policies' timelines laid side by side for them.
"use strict";

// interval: a value holds for the time since the sample before, so the first one means nothing.
// logarithmic: the values' axis. binary: its marks are at powers of two.
const kPlots = [
  { key: "stale_keys", title: "Stale keys", note: "expired and not yet released",
    text: formatCount, axis: formatCompact },
  { key: "stale_bytes", title: "Stale memory", note: "of expired keys", text: formatBytes,
    axis: formatBytes, binary: true },
  { key: "used_bytes", title: "Used memory", note: "by live and expired keys and the index",
    text: formatBytes, axis: formatBytes, binary: true },
  { key: "held_bytes", title: "Held memory", note: "by the keyspace, from the system",
    text: formatBytes, axis: formatBytes, binary: true },
  { key: "released", title: "Released keys", note: "since the start", text: formatCount,
    axis: formatCompact },
  { key: "cpu_share", title: "CPU of the node", note: "between samples", text: formatShare,
    axis: formatShare, interval: true },
  { key: "delay_p99_us", title: "Delay of commands, p99", note: "between samples",
    text: formatMicroseconds, axis: formatMicroseconds, interval: true, logarithmic: true },
  { key: "misses_per_second", title: "Misses a second", note: "reads that found nothing",
    text: formatCount, axis: formatCompact, interval: true },
  { key: "commands_per_second", title: "Commands a second", note: "of clients",
    text: formatCount, axis: formatCompact, interval: true },
];

function hasTimeline(policy, key) {
  return Array.isArray(policy.timeline?.[key]) && policy.timeline[key].length > 0;
}

function plotsWithData(policies) {
  return kPlots.filter((plot) => policies.some((policy) => hasTimeline(policy, plot.key)));
}

// All times at which some policy was sampled: one that was stopped has fewer.
function sampleTimes(policies) {
  const times = new Set(policies.flatMap((policy) => policy.timeline?.t_ms ?? []));
  return [...times].sort((a, b) => a - b);
}

// A policy's values at `times`; null where it has none.
function valuesAt(policy, plot, times) {
  const values = new Map();
  if (hasTimeline(policy, plot.key)) {
    const series = policy.timeline[plot.key];
    policy.timeline.t_ms.forEach((time, i) => {
      const meaningless = (plot.interval && i === 0) || (plot.logarithmic && !(series[i] > 0));
      values.set(time, meaningless ? null : series[i]);
    });
  }
  return times.map((time) => values.get(time) ?? null);
}

// What uPlot draws: places on the time axis, and below them each policy's values.
function plotData(policies, plot, timesMs, startMs, scale) {
  const shown = timesMs.filter((time) => (time - startMs) / 1000 >= scale.first);
  return [shown.map((time) => scale.toPlace((time - startMs) / 1000)),
    ...policies.map((policy) => valuesAt(policy, plot, shown))];
}
