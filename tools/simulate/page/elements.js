// Creates elements. Text from the report is always inserted as text, never as markup.
"use strict";

// element("td", { className: "text" }, "a", otherElement). `properties` are properties of the DOM
// element. Children that are null or undefined are skipped.
function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function byId(id) {
  return document.getElementById(id);
}
