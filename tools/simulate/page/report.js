// Fills the page from the report, which the page holds as JSON.
"use strict";

function fillHeader(report) {
  const policies = report.policies ?? [];
  const sum = (name) => (report.load ?? []).reduce((total, group) => total + (group[name] ?? 0), 0);
  const count = (state) => policies.filter((policy) => stateOf(policy) === state).length;
  const incomplete = ["stopped", "not run"].filter(count)
    .map((state) => `, ${count(state)} ${state}`);
  document.title = `${report.title || report.scenario} – dcs-sim`;
  byId("title").textContent = report.title || report.scenario;
  byId("description").textContent = report.description ?? "";
  byId("partial").hidden = !report.partial;
  byId("facts").textContent = [
    `${formatCount(sum("keys"))} keys, ${formatCount(sum("keys_with_deadline"))} with a deadline`,
    `${policies.length} policies${incomplete.join("")}`,
    `${formatSeconds(report.settings?.duration_seconds)} of virtual time`,
    `seed ${report.seed}`,
  ].join(" · ");
}

// The first sentence of the conclusion answers the question.
function fillAnswer({ question, conclusion }) {
  const [answer, ...findings] = conclusion ?? [];
  byId("answer").hidden = !question && !answer;
  byId("question").hidden = !question;
  byId("question").textContent = question ?? "";
  byId("answer-text").hidden = !answer;
  byId("answer-text").textContent = answer ?? "";
  byId("findings").hidden = !findings.length;
  byId("findings").append(...findings.map((finding) => element("li", {}, finding)));
}

function verdictOf(policy) {
  if (!isCompleted(policy)) {
    return element("span", { className: "state" }, `${stateText(policy)}, not judged`);
  }
  const { met, why } = policy.goal;
  const verdict = element("strong", { className: met ? "good" : "bad" }, met ? "met" : "not met");
  return element("span", {}, verdict, why ? `: ${why}` : null);
}

function fillGoal(report) {
  const policies = report.policies ?? [];
  const goal = report.settings?.goal;
  byId("goal").hidden = !goal && !policies.some((policy) => policy.goal);
  const limits = [];
  if (isNumber(goal?.stale_bytes_at_most)) {
    limits.push(`stale memory of ${formatBytes(goal.stale_bytes_at_most)}`);
  }
  if (isNumber(goal?.cpu_share_at_most)) {
    limits.push(`${formatShare(goal.cpu_share_at_most)} of the CPU`);
  }
  if (isNumber(goal?.delay_p99_us_at_most)) {
    limits.push(`a p99 command delay of ${formatMicroseconds(goal.delay_p99_us_at_most)}`);
  }
  if (limits.length) byId("goal-text").textContent = `At most ${limits.join(" and ")}.`;
  for (const { policy, index } of orderedPolicies(policies)) {
    if (isCompleted(policy) && !policy.goal) continue;
    byId("goal-list").append(element("li", {}, swatch(index),
      element("span", {}, `${labelOf(policy)}: `, verdictOf(policy))));
  }
}

// Scans of one minute and of two hours are unreadable side by side on an even axis.
function wantsLogarithmicTime(policies) {
  const times = policies.map((policy) => releaseMarks(policy)?.p99).filter((time) => time > 0);
  return times.length > 1 && Math.max(...times) > 20 * Math.min(...times);
}

// If the release takes a small part of the run, the plots open on it, and on at least a dozen
// samples: [from, to] in seconds from the start of reclamation. null: open on the whole run.
function openingRange(policies, times) {
  const ends = policies.map((policy) => releaseMarks(policy)?.p100 ?? releaseMarks(policy)?.p99);
  const longest = Math.max(0, ...ends.filter(isNumber));
  const to = Math.max(2 * longest, times.filter((time) => time > 0)[11] ?? 0);
  const [first, last] = [times[0], times.at(-1)];
  if (!(longest > 0) || last - first < 4 * to) return null;
  return [Math.max(first, -to / 8), to];
}

function legendButton(policy, index, plots) {
  const button = element("button", { type: "button" }, policyName(policy, index));
  button.show = (shown) => {
    button.setAttribute("aria-pressed", String(shown));
    plots.show(index, shown);
  };
  button.setAttribute("aria-pressed", "true");
  button.disabled = stateOf(policy) === "not run";
  button.addEventListener("click", () => button.show(plots.hidden.has(index)));
  return button;
}

function fillPlots(report) {
  const policies = report.policies ?? [];
  if (!plotsWithData(policies).length) {
    byId("timelines").hidden = true;
    return;
  }
  const plots = new PlotGroup(byId("plots"), report);
  const events = plots.events.map(({ time, text }) => `${text} (${formatSeconds(time)})`);
  byId("events").hidden = !events.length;
  byId("events").textContent = `Events: ${events.join(", ")}.`;
  byId("lanes").hidden = !plots.lanes.length;

  const logTime = byId("log-time");
  logTime.checked = wantsLogarithmicTime(policies);
  plots.setLogarithmic(logTime.checked);
  const opening = logTime.checked ? null : openingRange(policies, plots.times);
  if (opening) plots.zoom(opening);
  byId("opening").hidden = !opening;
  logTime.addEventListener("change", () => plots.setLogarithmic(logTime.checked));

  const buttons = orderedPolicies(policies).map(
    ({ policy, index }) => legendButton(policy, index, plots));
  byId("legend").append(...buttons);
  const showEach = (shown) => () => buttons.filter((button) => !button.disabled)
    .forEach((button) => button.show(shown));
  byId("show-all").addEventListener("click", showEach(true));
  byId("show-none").addEventListener("click", showEach(false));
  byId("reset-zoom").addEventListener("click", () => plots.zoom(null));
}

function fillPage(report) {
  listenToThemeButton();
  fillHeader(report);
  fillAnswer(report);
  fillGoal(report);
  fillPolicyTables(report, byId("policies"), byId("more"));
  byId("fit").hidden = !fillFit(byId("fit"), report.settings?.published_fit);
  byId("release").hidden = !fillBars(byId("bars"), report.policies ?? []);
  fillPlots(report);
  fillLoad(byId("load"), report);
  fillSettings(byId("settings"), report);
  fillMeasured(byId("measured"), report);
}

fillPage(JSON.parse(byId("report").textContent));
