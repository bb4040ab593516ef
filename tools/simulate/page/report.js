// Puts the report, which the page holds as JSON, into the page.
"use strict";

function fillHeader(report) {
  const policies = report.policies ?? [];
  const load = report.load ?? [];
  const sum = (name) => load.reduce((total, group) => total + (group[name] ?? 0), 0);
  document.title = `${report.title || report.scenario} – dcs-sim`;
  byId("title").textContent = report.title || report.scenario;
  byId("description").textContent = report.description ?? "";
  byId("partial").hidden = !report.partial;
  byId("facts").textContent = [
    `${formatCount(sum("keys"))} keys, ${formatCount(sum("keys_with_deadline"))} with a deadline`,
    `${policies.length} policies`,
    `${formatSeconds(report.settings?.duration_seconds)} of virtual time`,
    `seed ${report.seed}`,
  ].join(" · ");
}

function fillConclusion(sentences) {
  byId("conclusion").hidden = !sentences?.length;
  for (const sentence of sentences ?? []) byId("conclusion").append(element("p", {}, sentence));
}

function fillGoal(report) {
  const judged = (report.policies ?? []).filter((policy) => policy.goal);
  const goal = report.settings?.goal;
  byId("goal").hidden = !judged.length && !goal;
  const wishes = [];
  if (isNumber(goal?.stale_bytes_at_most)) {
    wishes.push(`stale memory of ${formatBytes(goal.stale_bytes_at_most)}`);
  }
  if (isNumber(goal?.cpu_share_at_most)) {
    wishes.push(`${formatShare(goal.cpu_share_at_most)} of the CPU`);
  }
  if (isNumber(goal?.delay_p99_us_at_most)) {
    wishes.push(`a p99 delay of ${formatMicroseconds(goal.delay_p99_us_at_most)}`);
  }
  if (wishes.length) byId("goal-text").textContent = `At most ${wishes.join(" and ")}.`;
  for (const policy of judged) {
    const verdict = element("strong", { className: policy.goal.met ? "good" : "bad" },
      policy.goal.met ? "met" : "not met");
    const why = policy.goal.why ? `: ${policy.goal.why}` : "";
    byId("goal-list").append(element("li", {}, `${labelOf(policy)}: `, verdict, why));
  }
}

// Policies whose scans take a minute and two hours are unreadable side by side on an even axis.
function wantsLogarithmicTime(policies) {
  const times = policies.map((policy) => releaseMarks(policy)?.p99).filter((time) => time > 0);
  return times.length > 1 && Math.max(...times) > 20 * Math.min(...times);
}

// Where the release takes a small part of the time, the plots open on it, and on a dozen samples at
// least: [from, to] in seconds from the start of reclamation; null: on everything.
function openingRange(policies, times) {
  const ends = policies.map((policy) => releaseMarks(policy)?.p100 ?? releaseMarks(policy)?.p99);
  const longest = Math.max(0, ...ends.filter(isNumber));
  const to = Math.max(2 * longest, times.filter((time) => time > 0)[11] ?? 0);
  const [first, last] = [times[0], times.at(-1)];
  if (!(longest > 0) || last - first < 4 * to) return null;
  return [Math.max(first, -to / 8), to];
}

function legendButton(policy, index, plots) {
  const button = element("button", { type: "button", title: policy.name }, swatch(index),
    element("span", {}, labelOf(policy)));
  button.show = (shown) => {
    button.setAttribute("aria-pressed", String(shown));
    plots.show(index, shown);
  };
  button.setAttribute("aria-pressed", "true");
  button.addEventListener("click", () => button.show(plots.hidden.has(index)));
  return button;
}

function fillPlots(report) {
  const policies = report.policies ?? [];
  if (!plotsWithData(policies).length) {
    byId("timelines").hidden = true;
    return;
  }
  const startMs = (report.settings?.reclamation_starts_seconds ?? 0) * 1000;
  const plots = new PlotGroup(byId("plots"), policies, startMs);
  const logTime = byId("log-time");
  logTime.checked = wantsLogarithmicTime(policies);
  plots.setLogarithmic(logTime.checked);
  const opening = logTime.checked ? null : openingRange(policies, plots.times);
  if (opening) plots.zoom(opening);
  byId("opening").hidden = !opening;
  logTime.addEventListener("change", () => plots.setLogarithmic(logTime.checked));
  const buttons = policies.map((policy, index) => legendButton(policy, index, plots));
  byId("legend").append(...buttons);
  const showEach = (shown) => () => buttons.forEach((button) => button.show(shown));
  byId("show-all").addEventListener("click", showEach(true));
  byId("show-none").addEventListener("click", showEach(false));
  byId("reset-zoom").addEventListener("click", () => plots.zoom(null));
}

function fillPage(report) {
  listenToThemeButton();
  fillHeader(report);
  fillConclusion(report.conclusion);
  fillGoal(report);
  byId("policies").append(policyTable(report.policies ?? []));
  byId("release").hidden = !fillBars(byId("bars"), report.policies ?? []);
  fillPlots(report);
  byId("load").append(loadTable(report.load ?? []));
  fillSettings(byId("settings"), report);
  fillMeasured(byId("measured"), report.measured ?? {});
}

fillPage(JSON.parse(byId("report").textContent));
