// Formats numbers for readers. Every function accepts null or undefined ("no value") and returns a
// dash for it. A value that is not zero never prints as zero.
"use strict";

const kNone = "–";

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

// `value` with at most `digits` significant digits and no trailing zeros. Digits before the decimal
// point are all kept: 1234 stays 1234. Negative values have a minus sign, not a hyphen.
function trimmed(value, digits) {
  const whole = Math.abs(value) >= 1 ? Math.floor(Math.log10(Math.abs(value))) + 1 : 0;
  return String(Number(value.toPrecision(Math.max(digits, whole)))).replace(/^-/, "−");
}

function formatCount(value) {
  if (!isNumber(value)) return kNone;
  if (Math.abs(value) < 100) return trimmed(value, 3);
  return Math.round(value).toLocaleString("en-US");
}

// For axes: 12 k, 1.5 M.
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
  // 1023.6 would print as 1024: the next unit prints it as 1.
  for (; Math.abs(bytes) >= 1023.5 && unit + 1 < units.length; ++unit) bytes /= 1024;
  return `${trimmed(bytes, 3)} ${units[unit]}`;
}

// A share of 0 to 1 as a percentage. A share below 1 never prints as 100 %.
function formatShare(share) {
  if (!isNumber(share)) return kNone;
  const percent = share * 100;
  if (percent !== 0 && Math.abs(percent) < 1e-4) return "< 0.0001 %";
  for (let digits = 3; digits <= 7; ++digits) {
    const text = trimmed(percent, digits);
    if (text !== "100" || percent >= 100) return `${text} %`;
  }
  return "> 99.999 %";
}

// A relative difference with its sign: +3.2 %, −12 %.
function formatDifference(share) {
  if (!isNumber(share)) return kNone;
  if (share === 0) return "0 %";
  return `${share > 0 ? "+" : ""}${trimmed(share * 100, 3)} %`;
}

// A duration or a time on an axis, in seconds; it may be negative.
function formatSeconds(seconds) {
  if (!isNumber(seconds)) return kNone;
  const size = Math.abs(seconds);
  if (size === 0) return "0 s";
  if (size < 0.9995e-3) return `${trimmed(seconds * 1e6, 3)} µs`;
  if (size < 0.9995) return `${trimmed(seconds * 1000, 3)} ms`;
  if (size < 59.95) return `${trimmed(seconds, 3)} s`;
  if (size >= 7200 && size % 3600 === 0) return `${trimmed(seconds / 3600, 3)} h`;
  if (size < 6000) return `${trimmed(seconds / 60, 3)} min`;
  if (size < 36000) return `${Math.round(seconds / 60)} min`;
  return `${trimmed(seconds / 3600, 3)} h`;
}

function formatMicroseconds(us) {
  return isNumber(us) ? formatSeconds(us / 1e6).replace(/^0 s$/, "0 µs") : kNone;
}

function formatNanoseconds(ns) {
  return isNumber(ns) ? `${trimmed(ns, 3)} ns` : kNone;
}
