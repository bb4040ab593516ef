// Light or dark theme: the system's, or the one that the reader chose last. Runs before the page is
// drawn.
"use strict";

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const kThemeKey = "dcs-sim-theme";

// Some browsers forbid storage to files opened from disk: then nothing is remembered.
function chosenTheme() {
  try {
    return localStorage.getItem(kThemeKey);
  } catch {
    return null;
  }
}

function rememberTheme(theme) {
  try {
    localStorage.setItem(kThemeKey, theme);
  } catch {
    // The choice lasts until the page is closed.
  }
}

function showTheme(theme) {
  document.documentElement.dataset.theme = theme;
  const button = document.getElementById("theme");
  if (button) button.textContent = theme === "dark" ? "Light theme" : "Dark theme";
  document.dispatchEvent(new Event("themechange"));
}

function systemTheme() {
  return systemIsDark.matches ? "dark" : "light";
}

function startTheme() {
  const chosen = chosenTheme();
  showTheme(chosen === "light" || chosen === "dark" ? chosen : systemTheme());
  systemIsDark.addEventListener("change", () => {
    if (!chosenTheme()) showTheme(systemTheme());
  });
  // Prints in the light theme.
  let onScreen = null;
  addEventListener("beforeprint", () => {
    onScreen = document.documentElement.dataset.theme;
    showTheme("light");
  });
  addEventListener("afterprint", () => showTheme(onScreen ?? systemTheme()));
}

function listenToThemeButton() {
  document.getElementById("theme").addEventListener("click", () => {
    const other = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    rememberTheme(other);
    showTheme(other);
  });
  showTheme(document.documentElement.dataset.theme);
}

startTheme();
