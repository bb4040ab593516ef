// What is drawn over and above the lines of a plot: the goal's limit, events of the scenario, and
// each policy's scans and sweeps.
//
// Above the plot area, from the top: the events' labels, then one lane for each policy that has
// scans or sweeps. A lane has a bar for a scan and a tick for a sweep. Units: CSS pixels unless
// named otherwise.
"use strict";

const kMarkFont = '11px system-ui, "DejaVu Sans", sans-serif';
const kLabelHeight = 14;
const kMostLabelRows = 2;
const kLaneHeight = 4;
const kLaneBar = 3;       // of the lane's height
const kLaneMark = 2;      // least width of a bar or tick
const kLaneGap = 2;       // marks closer than this to the one before are left out
const kGoalReach = 3;     // the axis includes a goal of up to this many times the highest value
const kGoalReachLog = 100;

// ---- The marks ----------------------------------------------------------------------------------

// [{ time, text }] in seconds from the start of reclamation, which is an event itself unless the
// run starts with it. Events at one time share a label.
function eventsOf(report) {
  const startMs = (report.settings?.reclamation_starts_seconds ?? 0) * 1000;
  const texts = new Map();
  const add = (atMs, text) => texts.set(atMs, [...(texts.get(atMs) ?? []), text]);
  const markers = report.markers ?? [];
  for (const { at_ms: atMs, text } of markers) add(atMs, text);
  if (startMs > 0 && !texts.has(startMs)) add(startMs, "reclamation starts");
  return [...texts].sort(([a], [b]) => a - b)
    .map(([atMs, all]) => ({ time: (atMs - startMs) / 1000, text: [...new Set(all)].join(", ") }));
}

// The indexes of the policies that have a lane.
function lanesOf(policies) {
  return policies.map((_, index) => index).filter((index) => policies[index].markers?.length);
}

// Bars [{ from, to }] for a lane. `spans` ([from, to] in pixels) ascend. Too narrow ones are
// widened, overlapping ones are joined, and those that would stand too close together to tell apart
// are left out.
function laneBars(spans) {
  const bars = [];
  for (const [from, end] of spans) {
    const to = Math.max(end, from + kLaneMark);
    const last = bars.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, Math.min(end, to));
    else if (!last || from - last.to >= kLaneGap || end - from > kLaneMark) bars.push({ from, to });
  }
  return bars;
}

// Gives each of `labels` ([{ x, width }], ascending) a row and a left end so that no two overlap
// and none leaves [left, right]; row null: there is no room.
function placeLabels(labels, left, right) {
  const ends = Array(kMostLabelRows).fill(-Infinity);
  return labels.map(({ x, width }) => {
    const at = Math.max(left, Math.min(x + 3, right - width));
    const row = ends.findIndex((end) => end + 6 <= at);
    if (row < 0 || width > right - left) return { at, row: null };
    ends[row] = at + width;
    return { at, row };
  });
}

// ---- Room for them ------------------------------------------------------------------------------

function marksHeight(events, lanes) {
  const labels = Math.min(events.length, kMostLabelRows) * kLabelHeight;
  return 6 + labels + (lanes.length ? lanes.length * kLaneHeight + 3 : 0);
}

// The value axis: all values, and the goal unless that would flatten the values.
function valueRange(plot, goal) {
  if (plot.logarithmic) {
    return (_, min, max) => {
      if (!(max > 0)) return [1, 1000];
      const isNear = goal <= max * kGoalReachLog && goal >= min / kGoalReachLog;
      return isNear ? uPlot.rangeLog(Math.min(min, goal), Math.max(max, goal), 10, true)
        : uPlot.rangeLog(min, max, 10, true);
    };
  }
  return (_, min, max) => {
    const top = goal > max && (goal <= max * kGoalReach || !(max > 0)) ? goal : max;
    return [0, top > 0 ? top * 1.05 : 1];
  };
}

// ---- Drawing ------------------------------------------------------------------------------------

// Calls draw(context) with the canvas scaled to CSS pixels.
function withContext({ ctx }, draw) {
  ctx.save();
  ctx.scale(devicePixelRatio, devicePixelRatio);
  draw(ctx);
  ctx.restore();
}

// The plot area in CSS pixels.
function areaOf({ bbox }) {
  const [left, top, width, height] = [bbox.left, bbox.top, bbox.width, bbox.height]
    .map((size) => size / devicePixelRatio);
  return { left, top, right: left + width, bottom: top + height };
}

function xOf(chart, place) {
  return chart.valToPos(place, "x", true) / devicePixelRatio;
}

function strokeLine(ctx, colour, dash, fromX, fromY, toX, toY) {
  ctx.strokeStyle = colour;
  ctx.setLineDash(dash);
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}

function startText(ctx, colour) {
  ctx.font = kMarkFont;
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  ctx.fillStyle = themeColour(colour);
}

// Vertical lines with labels. Drawn over the grid and under the policies' lines.
function drawEvents(chart, events, scale) {
  const area = areaOf(chart);
  const { min, max } = chart.scales.x;
  const visible = events.filter(({ time }) => scale.shows(time) && scale.toPlace(time) >= min &&
    scale.toPlace(time) <= max);
  withContext(chart, (ctx) => {
    startText(ctx, "--muted");
    const labels = visible.map(({ time, text }) => ({ x: xOf(chart, scale.toPlace(time)), text,
      width: ctx.measureText(text).width }));
    placeLabels(labels, area.left, area.right).forEach(({ at, row }, i) => {
      const top = row === null ? area.top : 2 + row * kLabelHeight;
      const x = Math.round(labels[i].x) + 0.5;
      strokeLine(ctx, themeColour("--event"), [4, 3], x, top, x, area.bottom);
      if (row !== null) ctx.fillText(labels[i].text, at, top);
    });
  });
}

// Scans and sweeps of the policies in `lanes`; those in `hidden` keep an empty lane.
function drawLanes(chart, policies, lanes, hidden, startMs, scale) {
  const area = areaOf(chart);
  const toX = (ms) => xOf(chart, scale.toPlace((ms - startMs) / 1000));
  withContext(chart, (ctx) => {
    lanes.forEach((index, lane) => {
      if (hidden.has(index)) return;
      const { markers, timeline } = policies[index];
      const endMs = timeline?.t_ms?.at(-1) ?? 0;
      const endOf = ({ at_ms: at, until_ms: until, text }) =>
        (until ?? (text === "scan" ? Math.max(at, endMs) : at));
      const spans = markers
        .filter((marker) => scale.shows((endOf(marker) - startMs) / 1000))
        .map((marker) => [toX(marker.at_ms), toX(endOf(marker))])
        .filter(([from, to]) => to >= area.left && from <= area.right)
        .map(([from, to]) => [Math.max(from, area.left), Math.min(to, area.right)]);
      const y = area.top - 3 - (lanes.length - lane) * kLaneHeight;
      ctx.fillStyle = themeColour(colourVariable(index));
      for (const { from, to } of laneBars(spans)) ctx.fillRect(from, y, to - from, kLaneBar);
    });
  });
}

// A horizontal line at the goal with a label; a goal above the axis has its label at the top only.
function drawGoal(chart, plot, goal) {
  if (!isNumber(goal)) return;
  const area = areaOf(chart);
  const { min, max } = chart.scales.y;
  if (goal < min) return;
  const text = `goal: at most ${plot.text(goal)}${goal > max ? " ↑" : ""}`;
  const y = goal > max ? area.top
    : Math.round(chart.valToPos(goal, "y", true) / devicePixelRatio) + 0.5;
  withContext(chart, (ctx) => {
    startText(ctx, "--goal");
    const width = ctx.measureText(text).width;
    const top = y - area.top < kLabelHeight + 4 ? y + 3 : y - kLabelHeight;
    if (goal <= max) {
      strokeLine(ctx, themeColour("--goal"), [8, 4], area.left, y, area.right, y);
    }
    ctx.fillStyle = themeColour("--page");
    ctx.globalAlpha = 0.8;
    ctx.fillRect(area.right - width - 6, top - 1, width + 4, kLabelHeight);
    ctx.globalAlpha = 1;
    ctx.fillStyle = themeColour("--goal");
    ctx.fillText(text, area.right - width - 4, top);
  });
}
