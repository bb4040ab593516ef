// Numbers as people read them. Each takes a number, or null or undefined for "there is none".
"use strict";

const kNone = "–";

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

// At most `digits` significant digits, with no zeros at the end.
function trimmed(value, digits) {
  return String(Number(value.toPrecision(digits)));
}

function formatCount(value) {
  if (!isNumber(value)) return kNone;
  return value.toLocaleString("en-US", { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 });
}

// For axes and narrow places: 12 k, 1.5 M.
function formatCompact(value) {
  if (!isNumber(value)) return kNone;
  for (const [unit, name] of [[1e9, " G"], [1e6, " M"], [1e3, " k"]]) {
    if (Math.abs(value) >= unit) return trimmed(value / unit, 4) + name;
  }
  return trimmed(value, 4);
}

function formatBytes(bytes) {
  if (!isNumber(bytes)) return kNone;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; Math.abs(bytes) >= 1024 && unit + 1 < units.length; ++unit) bytes /= 1024;
  return `${unit === 0 ? Math.round(bytes) : Number(bytes.toFixed(1))} ${units[unit]}`;
}

function formatShare(share) {
  return isNumber(share) ? `${Number((share * 100).toFixed(1))} %` : kNone;
}

// A duration, or a time on an axis: it may be negative.
function formatSeconds(seconds) {
  if (!isNumber(seconds)) return kNone;
  const size = Math.abs(seconds);
  if (size === 0) return "0 s";
  if (size < 1) return `${trimmed(seconds * 1000, 3)} ms`;
  if (size < 60) return `${trimmed(seconds, 3)} s`;
  if (size < 6000) return `${trimmed(seconds / 60, 3)} min`;
  if (size < 36000) return `${Math.round(seconds / 60)} min`;
  return `${trimmed(seconds / 3600, 3)} h`;
}

function formatMicroseconds(us) {
  if (!isNumber(us)) return kNone;
  return us < 1000 ? `${trimmed(us, 3)} µs` : formatSeconds(us / 1e6);
}
