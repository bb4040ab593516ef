// The plots, and the policies' timelines aligned for them.
//
// Policies are sampled at different times. All plots share one list of times, the union of all
// sample times; a policy has null at the times of others, and its line spans them.
"use strict";

// interval: a value belongs to the time since the sample before, so the first value is meaningless.
// logarithmic: the value axis is. binary: axis labels are at powers of two.
// goal: the field of settings.goal that limits this figure.
const kPlots = [
  { key: "stale_keys", title: "Stale keys", note: "expired but not released", text: formatCount,
    axis: formatCompact },
  { key: "stale_bytes", title: "Stale memory", note: "held by expired keys", text: formatBytes,
    axis: formatBytes, binary: true, goal: "stale_bytes_at_most" },
  { key: "used_bytes", title: "Used memory", note: "live keys, expired keys and the index",
    text: formatBytes, axis: formatBytes, binary: true },
  { key: "held_bytes", title: "Held memory", note: "taken from the system", text: formatBytes,
    axis: formatBytes, binary: true },
  { key: "released", title: "Released keys", note: "since the start", text: formatCount,
    axis: formatCompact },
  { key: "cpu_share", title: "CPU of the node", note: "share that was busy, per sample interval",
    text: formatShare, axis: formatShare, interval: true, goal: "cpu_share_at_most" },
  { key: "reclamation_share", title: "CPU for reclamation",
    note: "work that reclamation asked for, per sample interval", text: formatShare,
    axis: formatShare, interval: true },
  { key: "delay_p99_us", title: "Command delay, p99", note: "per sample interval",
    text: formatMicroseconds, axis: formatMicroseconds, interval: true, logarithmic: true,
    goal: "delay_p99_us_at_most" },
  { key: "misses_per_second", title: "Misses a second", note: "reads that found nothing",
    text: formatCount, axis: formatCompact, interval: true },
  { key: "commands_per_second", title: "Commands a second", note: "of all clients",
    text: formatCount, axis: formatCompact, interval: true },
];

function hasTimeline(policy, key) {
  return Array.isArray(policy.timeline?.[key]) && policy.timeline[key].length > 0;
}

function plotsWithData(policies) {
  return kPlots.filter((plot) => policies.some((policy) => hasTimeline(policy, plot.key)));
}

// The union of all sample times, in ms, ascending.
function sampleTimes(policies) {
  const times = new Set(policies.flatMap((policy) => policy.timeline?.t_ms ?? []));
  return [...times].sort((a, b) => a - b);
}

// A policy's values at `times`; null at the times of others and where there is nothing to draw.
function valuesAt(policy, plot, times) {
  const values = new Map();
  if (hasTimeline(policy, plot.key)) {
    const series = policy.timeline[plot.key];
    policy.timeline.t_ms.forEach((time, i) => {
      const undrawable = (plot.interval && i === 0) || (plot.logarithmic && !(series[i] > 0));
      values.set(time, undrawable ? null : series[i]);
    });
  }
  return times.map((time) => values.get(time) ?? null);
}

// For each of `times` the index of the policy's sample that speaks for it; -1: none. That is the
// last sample at or before the time. With `interval` it is the sample that ends the interval around
// the time, as the plot draws it. After its last sample a policy has none.
function sampleIndexes(policy, times, interval) {
  const samples = policy.timeline?.t_ms ?? [];
  const atEnd = isCompleted(policy) ? samples.length - 1 : -1;
  let next = 0;  // the first sample after the time
  return times.map((time) => {
    while (next < samples.length && samples[next] <= time) ++next;
    const isSample = next > 0 && samples[next - 1] === time;
    if (next === samples.length && !isSample) return atEnd;
    return interval && !isSample ? next : next - 1;
  });
}

// What uPlot draws: places on the time axis, then each policy's values.
function plotData(policies, plot, timesMs, startMs, scale) {
  return [timesMs.map((time) => scale.toPlace((time - startMs) / 1000)),
    ...policies.map((policy) => valuesAt(policy, plot, timesMs))];
}
