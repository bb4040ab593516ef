// Making elements. What comes from the report goes in as text and never as markup.
"use strict";

// element("td", { className: "text" }, "a", otherElement): properties are the element's;
// children that are null are left out.
function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function byId(id) {
  return document.getElementById(id);
}

// ---- The policies' colours ----------------------------------------------------------------------

const kColours = 7;
// More policies than colours: the same colours again, told apart by their dashes.
const kDashes = [[], [9, 5], [2, 4], [12, 4, 2, 4]];

function colourVariable(index) {
  return `--policy-${index % kColours}`;
}

function dashOf(index) {
  return kDashes[Math.floor(index / kColours) % kDashes.length];
}

// The colour's value in the theme that is shown.
function themeColour(variable) {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}

function swatch(index) {
  const made = element("span", { className: dashOf(index).length ? "swatch dashed" : "swatch" });
  made.style.setProperty("--policy", `var(${colourVariable(index)})`);
  made.setAttribute("aria-hidden", "true");
  return made;
}

function labelOf(policy) {
  return policy.label || policy.name;
}
