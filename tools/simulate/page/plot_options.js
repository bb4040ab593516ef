// How uPlot draws one plot of a PlotGroup: axes, scales, lines.
"use strict";

const kPowersOfTwo = Array.from({ length: 60 }, (_, i) => 2 ** i);
const kAxisFont = '12px system-ui, "DejaVu Sans", sans-serif';

// On a logarithmic axis only whole decades get a grid line; uPlot leaves out nulls.
function wholeDecades(_, values) {
  return values.map((value) => (value > 0 && Math.log10(value) % 1 === 0 ? value : null));
}

function axisStyle() {
  return {
    stroke: () => themeColour("--muted"),
    grid: { stroke: () => themeColour("--line"), width: 1 },
    ticks: { stroke: () => themeColour("--line"), width: 1, size: 5 },
    font: kAxisFont,
  };
}

function timeAxis(group) {
  const { scale } = group;
  return {
    ...axisStyle(),
    size: 34,
    splits: (chart, _, min, max) => {
      const most = Math.max(2, Math.floor(chart.bbox.width / devicePixelRatio / 62));
      return scale.marks(scale.toTime(min), scale.toTime(max), most).map(scale.toPlace);
    },
    values: (_, places) => places.map((place) => formatMark(scale.toTime(place))),
  };
}

function valueAxis(plot) {
  const axis = {
    ...axisStyle(),
    size: 66,
    space: 34,
    values: (_, values) => values.map((value) => (value === null ? "" : plot.axis(value))),
  };
  if (plot.binary) axis.incrs = kPowersOfTwo;
  if (plot.logarithmic) axis.grid.filter = axis.ticks.filter = wholeDecades;
  return axis;
}

function policyLine(group, policy, index, plot) {
  return {
    label: labelOf(policy),
    show: !group.hidden.has(index),
    stroke: () => themeColour(colourVariable(index)),
    width: 2,
    dash: dashOf(index),
    spanGaps: true,
    points: { show: false },
    paths: plot.interval ? uPlot.paths.stepped({ align: -1 }) : uPlot.paths.linear(),
  };
}

function plotOptions(group, { plot, canvas }) {
  const { events, lanes, policies, scale } = group;
  const goal = group.goal[plot.goal];
  const marks = marksHeight(events, lanes);
  return {
    width: Math.max(canvas.clientWidth, 120),
    height: (innerWidth < 640 ? 200 : 240) + marks,
    legend: { show: false },
    padding: [marks, 26, 0, 0],  // room for half of the last time's label
    cursor: {
      y: false,
      drag: { x: true, y: false },
      points: { size: 7 },
      dataIdx: (_, series, index) =>
        (series === 0 || index === null ? index : group.dataIndex(plot, series - 1, index)),
    },
    scales: {
      x: { time: false, distr: 1 },
      y: { distr: plot.logarithmic ? 3 : 1, range: valueRange(plot, goal) },
    },
    axes: [timeAxis(group), valueAxis(plot)],
    series: [{}, ...policies.map((policy, index) => policyLine(group, policy, index, plot))],
    hooks: {
      drawAxes: [(chart) => drawEvents(chart, events, scale)],
      draw: [(chart) => {
        drawLanes(chart, policies, lanes, group.hidden, group.startMs, scale);
        drawGoal(chart, plot, goal);
      }],
      setCursor: [(chart) => group.onCursor(chart)],
      setScale: [(chart, key) => group.onScale(chart, key)],
    },
  };
}
