// Opens report.html in Chromium, as written by the program or with changed figures, and reads the
// rendered page.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';
import { runDcsSim } from './dcs_sim_process.mjs';

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .find((path) => existsSync(path));
export const skip = chromium ? false
  : 'Chromium is not installed: tools/install-dependencies test, or apt-get install chromium';

export const kHostile = '</script><script>document.title = "broken"</script><b>bold</b>';
export const kScenario = {
  name: 'small',
  title: `A small one ${kHostile}`,
  description: 'Some keys expire, some stay.',
  duration_s: 60,
  reclamation_starts_s: 10,
  samples: { count: 60 },
  load: [
    { name: 'lasting', keys: 2000 },
    { name: 'expiring', keys: 1000, expires_in_s: { uniform: [1, 10] } },
  ],
  policies: [
    { name: 'on-access', label: 'on access only' },
    { name: 'natural', label: `natural ${kHostile}`, natural_deletion: { model: 'dcs' } },
    { name: 'scan-10', manual_scan: { keys_per_step: 10 }, published: { seconds: 2 } },
  ],
};

let directory;
let browser;
let changes = 0;
before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dcs-sim-report-'));
  await simulate(kScenario, directory);
  if (skip) return;
  browser = await puppeteer.launch({
    executablePath: chromium,
    userDataDir: join(directory, 'profile'),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
});
after(async () => {
  await browser?.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

async function simulate(scenario, out) {
  const file = join(directory, `${scenario.name}.scenario.json`);
  writeFileSync(file, JSON.stringify(scenario));
  const { code, stderr } = await runDcsSim('simulate', file, '--out', out);
  assert.equal(code, 0, stderr);
}

// Runs a scenario; returns the URL of its report.html.
export async function urlOfRun(scenario) {
  const out = join(directory, scenario.name);
  await simulate(scenario, out);
  return pathToFileURL(join(out, 'report.html')).href;
}

// The report of kScenario, as the program wrote it.
export const smallReport = () => JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8'));

// Writes a page that holds `report`; returns its URL.
export function urlOfReport(report) {
  const html = readFileSync(join(directory, 'report.html'), 'utf8').replace(
    /(<script type="application\/json" id="report">).*?(<\/script>)/s,
    (_, open, close) => open + JSON.stringify(report).replaceAll('<', '\\u003c') + close);
  const file = join(directory, `changed-${++changes}.html`);
  writeFileSync(file, html);
  return pathToFileURL(file).href;
}

// One plot for each series that some policy has, except the number of keys.
export function plotsOf({ policies }) {
  const series = policies.flatMap(({ timeline }) => Object.entries(timeline ?? {}))
    .filter(([name, values]) => !['t_ms', 'keys'].includes(name) && values.length > 0);
  return new Set(series.map(([name]) => name)).size;
}

// Reads a copy of each plot's canvas: Chromium warns if a visible canvas is read more than once.
const readPixels = () => {
  window.pixelsOfPlots = () => [...document.querySelectorAll('#plots canvas')].map((canvas) => {
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    return { width, height, data: copy.getImageData(0, 0, width, height).data };
  });
};

// The number of canvases that are not blank.
export const drawnCanvases = (page) => page.evaluate(() =>
  window.pixelsOfPlots().filter(({ data }) => data.some((value) => value !== 0)).length);

// Pixels of a plot close to the colour [red, green, blue]: [[x, y], ...] from the canvas's top
// left.
export const pixelsOf = (page, plot, colour) => page.evaluate((number, [red, green, blue]) => {
  const { width, data } = window.pixelsOfPlots()[number];
  const found = [];
  for (let i = 0; i < data.length; i += 4) {
    const distance = Math.abs(data[i] - red) + Math.abs(data[i + 1] - green) +
      Math.abs(data[i + 2] - blue);
    if (data[i + 3] <= 200 || distance >= 12) continue;
    found.push([(i / 4) % width, Math.floor(i / 4 / width)]);
  }
  return found;
}, plot, colour);

// A colour of the page's theme: "--policy-0", "--goal".
export const themeColour = (page, variable) => page.evaluate((name) => {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}, variable);

export const textsOf = (page, selector) =>
  page.$$eval(selector, (all) => all.map((one) => one.textContent));

// Opens a report, passes the page to `look`, and fails if the page logged or requested anything.
// given: report (changed figures) or url; default: the report of kScenario.
export async function withReport(given, look) {
  const { theme = 'light', width = 1280, touch = false, report } = given;
  const url = report ? urlOfReport(report)
    : given.url ?? pathToFileURL(join(directory, 'report.html')).href;
  const page = await browser.newPage();
  const complaints = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.stack}`));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) {
      complaints.push(`request: ${request.url()}`);
    }
  });
  try {
    await page.evaluateOnNewDocument(readPixels);
    await page.setViewport({ width, height: 800, hasTouch: touch });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
    await page.goto(url);
    const held = await page.$eval('#report', (one) => JSON.parse(one.textContent));
    await page.waitForFunction((wanted) =>
      document.querySelectorAll('#plots canvas').length === wanted, {}, plotsOf(held));
    await look(page, held);
    assert.deepEqual(complaints, []);
  } finally {
    await page.close();
  }
}
