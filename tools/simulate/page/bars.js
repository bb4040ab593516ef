// How long each policy took to release 50, 90, 99 and 100 % of all that expired: bars on one
// logarithmic scale.
"use strict";

const kReleaseMarks = [["p50", "50 %", 0.45], ["p90", "90 %", 0.65], ["p99", "99 %", 0.82],
  ["p100", "100 %", 1]];

function barValues(policies) {
  return policies.filter(isCompleted).flatMap((policy) =>
    [...kReleaseMarks.map(([key]) => releaseMarks(policy)?.[key]), policy.published?.seconds])
    .filter(isNumber);
}

// From the mark below the least value to a little above the greatest one.
function barScale(values) {
  const positive = values.filter((value) => value > 0);
  if (!positive.length) return null;
  const from = Math.log10(kMarks.findLast((mark) => mark < Math.min(...positive) / 1.3) ?? 1e-7);
  const to = Math.max(Math.log10(Math.max(...positive) * 1.1), from + 1);
  const share = (value) => (value > 0 ? (Math.log10(value) - from) / (to - from) : 0);
  return { share, marks: logarithmicMarks(10 ** from * 0.999, 10 ** to, 6) };
}

function bar(name, seconds, scale, opacity, kind = "") {
  const track = element("div", { className: "track" }, ...scale.marks.map((mark) => {
    const line = element("div", { className: "mark" });
    line.style.left = `${100 * scale.share(mark)}%`;
    return line;
  }));
  if (isNumber(seconds)) {
    const fill = element("div", { className: `fill ${kind}` });
    fill.style.width = `${100 * scale.share(seconds)}%`;
    fill.style.opacity = opacity;
    track.append(fill);
  }
  return element("div", { className: "bar" }, element("span", {}, name), track,
    element("span", {}, isNumber(seconds) ? formatSeconds(seconds) : "not reached"));
}

// The scale under a policy's bars, with at most as many labels as fit.
function barTicks(scale) {
  const ticks = element("div", { className: "ticks" });
  const every = Math.ceil(scale.marks.length / (innerWidth < 640 ? 3 : 5));
  for (const mark of scale.marks.filter((_, i) => i % every === 0)) {
    const tick = element("span", {}, formatMark(mark));
    tick.style.left = `clamp(1.8em, ${100 * scale.share(mark)}%, 100% - 1.8em)`;
    ticks.append(tick);
  }
  return element("div", { className: "scale" }, element("span"), ticks, element("span"));
}

function barsOf(policy, index, scale) {
  const block = element("div", { className: "bars" },
    element("h3", {}, policyName(policy, index)));
  if (!isCompleted(policy)) return block;
  block.style.setProperty("--policy", `var(${colourVariable(index)})`);
  const marks = releaseMarks(policy);
  if (marks) {
    for (const [key, name, opacity] of kReleaseMarks) {
      block.append(bar(name, marks[key], scale, opacity));
    }
  } else {
    block.append(element("p", { className: "muted small" }, releasedKeys(policy) > 0
      ? "Released less than half of what expired." : "Released nothing."));
  }
  if (isNumber(policy.published?.seconds)) {
    block.append(bar("published", policy.published.seconds, scale, 1, "published"));
  }
  if (marks || policy.published) block.append(barTicks(scale));
  return block;
}

// Fills `parent`. Returns false if there is nothing to show.
function fillBars(parent, policies) {
  const scale = barScale(barValues(policies));
  if (!scale) return false;
  parent.append(...orderedPolicies(policies).map(
    ({ policy, index }) => barsOf(policy, index, scale)));
  return true;
}
