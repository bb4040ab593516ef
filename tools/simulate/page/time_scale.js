// Time axes: where a time is on an even or logarithmic axis, and which times get a mark.
//
// Times are seconds from the start of reclamation. A logarithmic axis shows time 0, which has no
// logarithm, half a decade before the first time after it.
"use strict";

const kHour = 3600;
const kDay = 24 * kHour;
// Distances between marks on an even axis, in seconds.
const kSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, kHour, 2 * kHour,
  3 * kHour, 6 * kHour, 12 * kHour, kDay, 2 * kDay, 7 * kDay];
// Marks on a logarithmic axis; the finer ones are added if there is room.
const kMarks = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 60, 600, kHour, 10 * kHour, 100 * kHour,
  1000 * kHour];
const kFinerMarks = [3e-3, 0.03, 0.3, 3, 30, 180, 1800, 3 * kHour, 30 * kHour];

function formatMark(seconds) {
  const size = Math.abs(seconds);
  const units = [["h", kHour], ["min", 60], ["s", 1], ["ms", 1e-3], ["µs", 1e-6]];
  if (size === 0) return "0";
  for (const [name, unit] of units) {
    if (size >= unit * 0.9999999) return `${trimmed(seconds / unit, 4)} ${name}`;
  }
  return trimmed(seconds, 2);
}

// The least round distance that puts at most `most` marks on `span`.
function stepFor(span, most) {
  const wished = span / Math.max(most, 1);
  if (wished <= 1) {
    const decade = 10 ** Math.floor(Math.log10(wished));
    return [1, 2, 5, 10].map((digit) => digit * decade).find((step) => step >= wished * 0.9999999);
  }
  return kSteps.find((step) => step >= wished) ?? Math.ceil(wished / kDay) * kDay;
}

function evenMarks(from, to, most) {
  if (!(to > from)) return [from];
  const step = stepFor(to - from, most);
  const marks = [];
  for (let i = Math.ceil(from / step); i * step <= to; ++i) marks.push(i * step);
  return marks;
}

function logarithmicMarks(from, to, most) {
  const within = (mark) => mark >= from && mark <= to;
  const coarse = kMarks.filter(within);
  const fine = [...kMarks, ...kFinerMarks].filter(within).sort((a, b) => a - b);
  if (fine.length < 3) return evenMarks(from, to, Math.min(most, 4));
  return fine.length <= most ? fine : coarse;
}

// A scale converts times to places on the axis and back. shows(time): whether the axis has the
// time. marks(from, to, most): at most about `most` times to mark.
function evenTimeScale() {
  return {
    shows: () => true,
    toPlace: (time) => time,
    toTime: (place) => place,
    marks: evenMarks,
  };
}

// A fast sweep has one sample just before and one just after it, 1 ms apart. At the start of
// reclamation both belong to time 0: a millisecond has no decade of its own here, so the sweep is
// drawn as a step.
const kStepSeconds = 0.0015;

// `times` ascend. The last time before 0 is kept at the left edge, so that lines begin before the
// start of reclamation.
function logarithmicTimeScale(times) {
  const least = times.find((time) => time > kStepSeconds) ?? 1;
  const zeroAt = Math.log10(least) - 0.5;
  const before = times.findLast((time) => time < -kStepSeconds) ?? -kStepSeconds;
  return {
    shows: (time) => time >= before,
    toPlace: (time) => {
      if (time < -kStepSeconds) return zeroAt - 0.2;
      return time <= kStepSeconds ? zeroAt + time : Math.log10(time);
    },
    toTime: (place) => (place <= zeroAt + kStepSeconds ? 0 : 10 ** place),
    marks: (from, to, most) => {
      const marks = logarithmicMarks(Math.max(from, least * 0.9999999), to, most);
      return from <= 0 ? [0, ...marks] : marks;
    },
  };
}
