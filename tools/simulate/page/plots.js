// The plots over time. They share the time axis, its zoom, the cursor and the policies shown.
"use strict";

const kPowersOfTwo = Array.from({ length: 60 }, (_, i) => 2 ** i);
const kAxisFont = '12px system-ui, "DejaVu Sans", sans-serif';

// A logarithmic axis has a line for each decade; uPlot asks for null where none shall be.
function wholeDecades(_, values) {
  return values.map((value) => (value > 0 && Math.log10(value) % 1 === 0 ? value : null));
}

class PlotGroup {
  // `startMs`: when reclamation starts; times count from there.
  constructor(parent, policies, startMs) {
    this.policies = policies;
    this.startMs = startMs;
    this.timesMs = sampleTimes(policies);
    this.times = this.timesMs.map((time) => (time - startMs) / 1000);
    this.hidden = new Set();
    this.following = false;  // a plot is being made to do as another did
    this.views = plotsWithData(policies).map((plot) => this.makeView(parent, plot));
    this.resizing = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) this.resize(target, contentRect.width);
    });
    for (const view of this.views) this.resizing.observe(view.canvas);
    document.addEventListener("themechange", () => this.redraw());
  }

  // ---- What a reader may change -----------------------------------------------------------------

  setLogarithmic(logarithmic) {
    this.scale = logarithmic ? logarithmicTimeScale(this.times) : evenTimeScale();
    this.logarithmic = logarithmic;
    for (const view of this.views) this.draw(view);
    this.readAt(null);
  }

  show(index, shown) {
    if (shown) this.hidden.delete(index);
    else this.hidden.add(index);
    for (const view of this.views) {
      view.chart.setSeries(index + 1, { show: shown });
      view.readings[index].item.hidden = !shown;
    }
  }

  // `range`: [from, to] in places on the time axis; null: everything.
  zoom(range) {
    for (const { chart } of this.views) {
      const places = chart.data[0];
      const [min, max] = range ?? [places[0], places.at(-1)];
      chart.setScale("x", { min, max });
    }
  }

  // ---- A plot -----------------------------------------------------------------------------------

  makeView(parent, plot) {
    const at = element("span", { className: "at muted small" });
    const canvas = element("div", { className: "canvas", tabIndex: 0 });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${plot.title} over time; arrow keys move the cursor`);
    const readings = this.policies.map((policy, index) => {
      const value = element("span", { className: "value" });
      const name = element("span", { className: "name", title: labelOf(policy) }, policy.name);
      return { value, item: element("li", {}, swatch(index), name, value) };
    });
    parent.append(element("div", { className: "plot" },
      element("div", { className: "plot-head" },
        element("h3", {}, plot.title, element("span", { className: "muted small" },
          ` ${plot.note}`)), at),
      canvas,
      element("ul", { className: "readout" }, ...readings.map(({ item }) => item))));
    canvas.addEventListener("keydown", (event) => this.onKey(view, event));
    const view = { plot, canvas, at, readings, chart: null };
    return view;
  }

  draw(view) {
    view.chart?.destroy();
    const data = plotData(this.policies, view.plot, this.timesMs, this.startMs, this.scale);
    view.chart = new uPlot(this.optionsOf(view), data, view.canvas);
  }

  optionsOf(view) {
    const { plot } = view;
    return {
      width: Math.max(view.canvas.clientWidth, 120),
      height: innerWidth < 640 ? 210 : 250,
      legend: { show: false },
      padding: [10, 14, 0, 0],
      cursor: { y: false, drag: { x: true, y: false }, points: { size: 7 } },
      scales: {
        x: { time: false, distr: 1 },
        y: plot.logarithmic ? { distr: 3 }
          : { range: (_, min, max) => [0, max > 0 ? max * 1.05 : 1] },
      },
      axes: [this.timeAxis(), this.valueAxis(plot)],
      series: [{}, ...this.policies.map((policy, index) => this.seriesOf(policy, index, plot))],
      hooks: {
        drawClear: [(chart) => this.markStart(chart)],
        setCursor: [(chart) => this.onCursor(chart)],
        setScale: [(chart, key) => this.onScale(chart, key)],
      },
    };
  }

  seriesOf(policy, index, plot) {
    return {
      label: labelOf(policy),
      show: !this.hidden.has(index),
      stroke: () => themeColour(colourVariable(index)),
      width: 2,
      dash: dashOf(index),
      spanGaps: true,
      points: { show: false },
      paths: plot.interval ? uPlot.paths.stepped({ align: -1 }) : uPlot.paths.linear(),
    };
  }

  axisStyle() {
    return {
      stroke: () => themeColour("--muted"),
      grid: { stroke: () => themeColour("--line"), width: 1 },
      ticks: { stroke: () => themeColour("--line"), width: 1, size: 5 },
      font: kAxisFont,
    };
  }

  timeAxis() {
    const { scale } = this;
    return {
      ...this.axisStyle(),
      size: 34,
      splits: (chart, _, min, max) => {
        const most = Math.max(2, Math.floor(chart.bbox.width / devicePixelRatio / 62));
        return scale.marks(scale.toTime(min), scale.toTime(max), most).map(scale.toPlace);
      },
      values: (_, places) => places.map((place) => formatMark(scale.toTime(place))),
    };
  }

  valueAxis(plot) {
    const axis = {
      ...this.axisStyle(),
      size: 66,
      space: 34,
      values: (_, values) => values.map((value) => (value === null ? "" : plot.axis(value))),
    };
    if (plot.binary) axis.incrs = kPowersOfTwo;
    if (plot.logarithmic) axis.grid.filter = axis.ticks.filter = wholeDecades;
    return axis;
  }

  // A line where reclamation starts, unless that is where the plot begins.
  markStart(chart) {
    const { min, max } = chart.scales.x;
    if (this.logarithmic || !(min < 0 && max > 0)) return;
    const { ctx, bbox } = chart;
    const x = Math.round(chart.valToPos(0, "x", true));
    ctx.save();
    ctx.strokeStyle = themeColour("--muted");
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }

  // ---- What the plots do together ---------------------------------------------------------------

  onCursor(chart) {
    const { idx, left } = chart.cursor;
    const index = left >= 0 ? idx : null;
    for (const view of this.views) {
      if (!view.chart || view.chart === chart) continue;
      const place = index === null ? null : chart.data[0][index];
      const to = index === null ? -10 : view.chart.valToPos(place, "x");
      view.chart.setCursor({ left: to, top: index === null ? -10 : 0 }, false);
    }
    this.readAt(index);
  }

  onScale(chart, key) {
    if (key !== "x" || this.following) return;
    const { min, max } = chart.scales.x;
    this.following = true;
    for (const view of this.views) {
      if (view.chart && view.chart !== chart) view.chart.setScale("x", { min, max });
    }
    this.following = false;
  }

  // Shows the values of one sample, or without one the last.
  readAt(index) {
    for (const { plot, chart, at, readings } of this.views) {
      if (!chart) continue;
      const places = chart.data[0];
      const i = index ?? places.length - 1;
      if (i < 0) continue;
      const time = formatSeconds(this.scale.toTime(places[i]));
      at.textContent = index === null ? `at the end, ${time}` : `at ${time}`;
      readings.forEach(({ value }, policy) => {
        value.textContent = plot.text(chart.data[policy + 1][i]);
      });
    }
  }

  onKey({ chart }, event) {
    const act = {
      ArrowLeft: () => this.moveCursor(chart, -1),
      ArrowRight: () => this.moveCursor(chart, 1),
      "+": () => this.zoomBy(chart, 0.5),
      "=": () => this.zoomBy(chart, 0.5),
      "-": () => this.zoomBy(chart, 2),
      0: () => this.zoom(null),
      Escape: () => this.zoom(null),
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  moveCursor(chart, by) {
    const [first, last] = chart.series[0].idxs;
    const from = chart.cursor.left >= 0 ? chart.cursor.idx + by : first;
    const index = Math.min(Math.max(from, first), last);
    chart.setCursor({ left: chart.valToPos(chart.data[0][index], "x"), top: 0 });
  }

  // About the cursor, or else about the middle, and never beyond what there is.
  zoomBy(chart, factor) {
    const { min, max } = chart.scales.x;
    const places = chart.data[0];
    const middle = chart.cursor.left >= 0 ? places[chart.cursor.idx] : (min + max) / 2;
    const from = Math.max(middle - (middle - min) * factor, places[0]);
    const to = Math.min(middle + (max - middle) * factor, places.at(-1));
    if (to > from) this.zoom([from, to]);
  }

  resize(canvas, width) {
    const view = this.views.find((candidate) => candidate.canvas === canvas);
    if (!view.chart || width < 60 || Math.round(width) === view.chart.width) return;
    view.chart.setSize({ width: Math.round(width), height: view.chart.height });
  }

  redraw() {
    for (const { chart } of this.views) chart?.redraw(false, true);
  }
}
