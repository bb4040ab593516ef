// A policy's label, state and colour: the same in every table, bar, legend and plot.
"use strict";

const kColours = 7;
// The eighth policy has the first colour again, with dashes.
const kDashes = [[], [9, 5], [2, 4], [12, 4, 2, 4]];

function labelOf(policy) {
  return policy.label || policy.name;
}

// "completed", "stopped" (its figures end early) or "not run" (it has none).
function stateOf(policy) {
  if (policy.state) return policy.state;
  if (!policy.timeline?.t_ms?.length) return "not run";
  return policy.completed === false ? "stopped" : "completed";
}

function isCompleted(policy) {
  return stateOf(policy) === "completed";
}

// The state in words; null for a policy that completed.
function stateText(policy) {
  if (isCompleted(policy)) return null;
  if (stateOf(policy) !== "stopped" || !isNumber(policy.ended_at_seconds)) return stateOf(policy);
  return `stopped after ${formatSeconds(policy.ended_at_seconds)}`;
}

// [{ policy, index }]: the policies that completed in the report's order, then the others. `index`
// is the position in the report and decides the colour.
function orderedPolicies(policies) {
  const all = policies.map((policy, index) => ({ policy, index }));
  return [...all.filter(({ policy }) => isCompleted(policy)),
    ...all.filter(({ policy }) => !isCompleted(policy))];
}

function colourVariable(index) {
  return `--policy-${index % kColours}`;
}

function dashOf(index) {
  return kDashes[Math.floor(index / kColours) % kDashes.length];
}

// The colour's value in the current theme.
function themeColour(variable) {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}

function swatch(index) {
  const made = element("span", { className: dashOf(index).length ? "swatch dashed" : "swatch" });
  made.style.setProperty("--policy", `var(${colourVariable(index)})`);
  made.setAttribute("aria-hidden", "true");
  return made;
}

// The policy's swatch and label, its state if it did not complete, and its ID as the tooltip.
function policyName(policy, index) {
  const state = stateText(policy);
  return element("span", { className: "policy", title: `ID: ${policy.name}` }, swatch(index),
    element("span", {}, labelOf(policy),
      state && element("small", { className: "state" }, ` ${state}`)));
}
