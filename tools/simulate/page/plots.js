// The plots over time. They share the time axis, its zoom, the cursor and the set of visible
// policies.
"use strict";

class PlotGroup {
  // Times count from the start of reclamation.
  constructor(parent, report) {
    this.policies = report.policies;
    this.goal = report.settings?.goal ?? {};
    this.startMs = (report.settings?.reclamation_starts_seconds ?? 0) * 1000;
    this.events = eventsOf(report);
    this.lanes = lanesOf(this.policies);
    this.allTimesMs = sampleTimes(this.policies);
    this.times = this.allTimesMs.map((time) => (time - this.startMs) / 1000);
    this.hidden = new Set();
    this.following = false;  // a plot is being set to another plot's zoom
    this.views = plotsWithData(this.policies).map((plot) => this.makeView(parent, plot));
    this.resizing = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) this.resize(target, contentRect.width);
    });
    for (const view of this.views) this.resizing.observe(view.canvas);
    document.addEventListener("themechange", () => this.redraw());
  }

  // ---- What a reader may change -----------------------------------------------------------------

  setLogarithmic(logarithmic) {
    this.scale = logarithmic ? logarithmicTimeScale(this.times) : evenTimeScale();
    this.timesMs = this.allTimesMs.filter((time) => this.scale.shows((time - this.startMs) / 1000));
    const indexes = (interval) => this.policies.map(
      (policy) => sampleIndexes(policy, this.timesMs, interval));
    this.levelIndexes = indexes(false);
    this.intervalIndexes = indexes(true);
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
      const name = element("span", { className: "name", title: `ID: ${policy.name}` },
        labelOf(policy));
      return { value, item: element("li", {}, swatch(index), name, value) };
    });
    const items = orderedPolicies(this.policies).map(({ index }) => readings[index].item);
    const goal = this.goal[plot.goal];
    const note = isNumber(goal) ? `${plot.note}; goal: at most ${plot.text(goal)}` : plot.note;
    parent.append(element("div", { className: "plot" },
      element("div", { className: "plot-head" },
        element("h3", {}, plot.title, element("span", { className: "muted small" }, ` ${note}`)),
        at),
      canvas,
      element("ul", { className: "readout" }, ...items)));
    canvas.addEventListener("keydown", (event) => this.onKey(view, event));
    const view = { plot, canvas, at, readings, chart: null };
    return view;
  }

  draw(view) {
    view.chart?.destroy();
    const data = plotData(this.policies, view.plot, this.timesMs, this.startMs, this.scale);
    view.chart = new uPlot(plotOptions(this, view), data, view.canvas);
  }

  indexesOf(plot) {
    return plot.interval ? this.intervalIndexes : this.levelIndexes;
  }

  // The place in uPlot's data of the sample that the readout shows for a policy.
  dataIndex(plot, policy, index) {
    const sample = this.indexesOf(plot)[policy][index];
    if (!(sample >= 0)) return index;
    const time = this.policies[policy].timeline.t_ms[sample];
    let at = index;
    while (this.timesMs[at] > time) --at;
    while (this.timesMs[at] < time) ++at;
    return at;
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

  // Shows the values at one of the times, or at the end.
  readAt(index) {
    const i = index ?? this.timesMs.length - 1;
    if (i < 0) return;
    const time = formatSeconds((this.timesMs[i] - this.startMs) / 1000);
    const text = index === null ? `at the end, ${time}` : `at ${time}`;
    for (const { plot, at, readings } of this.views) {
      at.textContent = text;
      readings.forEach(({ value }, policy) => {
        value.textContent = this.reading(plot, policy, i);
      });
    }
  }

  reading(plot, index, i) {
    const policy = this.policies[index];
    const sample = this.indexesOf(plot)[index][i];
    if (sample < 0) return isCompleted(policy) ? kNone : stateOf(policy);
    if (plot.interval && sample === 0) return kNone;
    return plot.text(policy.timeline[plot.key]?.[sample]);
  }

  // ---- The keyboard -----------------------------------------------------------------------------

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

  // To the next time that is at least a pixel away: uPlot could not tell nearer ones apart.
  moveCursor(chart, by) {
    const [first, last] = chart.series[0].idxs;
    const leftOf = (index) => chart.valToPos(chart.data[0][index], "x");
    const isOn = chart.cursor.left >= 0;
    let index = isOn ? chart.cursor.idx + by : first;
    while (isOn && index > first && index < last &&
      Math.abs(leftOf(index) - chart.cursor.left) < 1) {
      index += by;
    }
    index = Math.min(Math.max(index, first), last);
    chart.setCursor({ left: leftOf(index), top: 0 });
  }

  // Around the cursor, or else around the middle; never beyond the data.
  zoomBy(chart, factor) {
    const { min, max } = chart.scales.x;
    const places = chart.data[0];
    const middle = chart.cursor.left >= 0 ? places[chart.cursor.idx] : (min + max) / 2;
    const from = Math.max(middle - (middle - min) * factor, places[0]);
    const to = Math.min(middle + (max - middle) * factor, places.at(-1));
    if (to > from) this.zoom([from, to]);
  }

  // ---- The window -------------------------------------------------------------------------------

  resize(canvas, width) {
    const view = this.views.find((candidate) => candidate.canvas === canvas);
    if (!view.chart || width < 60 || Math.round(width) === view.chart.width) return;
    view.chart.setSize({ width: Math.round(width), height: view.chart.height });
  }

  redraw() {
    for (const { chart } of this.views) chart?.redraw(false, true);
  }
}
