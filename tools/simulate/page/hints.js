// Explanations of figures. Each is one sentence, shown in a small box when the reader points to a
// heading, focuses its button, or taps it. Screen readers get the same sentence as the button's
// description.
"use strict";

// Time to move the pointer from the heading to the box without closing it.
const kHintLingersMs = 200;

class Hints {
  constructor() {
    this.texts = new Map();  // sentence -> ID of the hidden element that holds it
    this.shown = null;       // the button whose hint is open
    this.pinned = false;     // by a click: stays open when the pointer leaves
    this.box = element("div", { id: "hint", hidden: true });
    this.box.setAttribute("role", "tooltip");
    this.box.addEventListener("pointerenter", () => clearTimeout(this.closing));
    this.box.addEventListener("pointerleave", () => this.closeSoon());
    this.store = element("div", { hidden: true });
    document.body.append(this.box, this.store);
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.close());
    document.addEventListener("pointerdown", ({ target }) => {
      if (this.shown && !this.shown.contains(target) && !this.box.contains(target)) this.close();
    });
    addEventListener("resize", () => this.shown && this.place(this.shown));
  }

  // Makes `button` open `hint`. Pointing to `area`, which holds the button, opens it as well.
  attach(button, area, hint) {
    button.setAttribute("aria-describedby", this.idOf(hint));
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => {
      if (this.shown === button && this.pinned) return this.close();
      this.open(button, hint);
      this.pinned = true;
    });
    button.addEventListener("focus", () => {
      if (button.matches(":focus-visible")) this.open(button, hint);
    });
    button.addEventListener("blur", () => this.shown === button && this.close());
    area.addEventListener("pointerenter", ({ pointerType }) => {
      if (pointerType === "mouse" && !this.pinned) this.open(button, hint);
    });
    area.addEventListener("pointerleave", () => this.closeSoon());
  }

  idOf(hint) {
    if (!this.texts.has(hint)) {
      const id = `hint-${this.texts.size}`;
      this.store.append(element("p", { id }, hint));
      this.texts.set(hint, id);
    }
    return this.texts.get(hint);
  }

  open(button, hint) {
    if (this.shown !== button) this.close();
    clearTimeout(this.closing);
    this.shown = button;
    button.setAttribute("aria-expanded", "true");
    this.box.textContent = hint;
    this.box.hidden = false;
    this.place(button);
  }

  // Below the button, or above it where the window ends; never beyond the window's sides.
  place(button) {
    const { left, top, bottom } = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const most = document.documentElement.clientWidth - width - 8;
    const below = bottom + 6 + height <= innerHeight || top < height + 6;
    this.box.style.left = `${scrollX + Math.max(8, Math.min(left - 12, most))}px`;
    this.box.style.top = `${scrollY + (below ? bottom + 6 : top - height - 6)}px`;
  }

  closeSoon() {
    clearTimeout(this.closing);
    if (this.shown && !this.pinned) this.closing = setTimeout(() => this.close(), kHintLingersMs);
  }

  close() {
    clearTimeout(this.closing);
    this.shown?.setAttribute("aria-expanded", "false");
    this.shown = null;
    this.pinned = false;
    this.box.hidden = true;
  }
}

const hints = new Hints();

// A small button that explains `title`; `area` is the heading that holds both.
function hintButton(title, hint, area) {
  const button = element("button", { type: "button", className: "hint" }, "?");
  button.setAttribute("aria-label", `What is "${title}"?`);
  hints.attach(button, area, hint);
  return button;
}

// The title itself as the button that explains it: larger to tap.
function hintLabel(title, hint) {
  if (!hint) return element("span", {}, title);
  const button = element("button", { type: "button", className: "hint-label" }, title);
  hints.attach(button, button, hint);
  return button;
}
