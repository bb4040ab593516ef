// report.html in a browser, from disk: it draws its plots, asks for nothing and fits a phone.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';
import { runDcsSim } from './dcs_sim_process.mjs';

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .find((path) => existsSync(path));
const skip = chromium ? false
  : 'Chromium is not installed: tools/install-dependencies test, or apt-get install chromium';

const kHostile = '</script><script>document.title = "broken"</script><b>bold</b>';
const kScenario = {
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
const kPlots = 6; // without traffic

let directory;
let browser;
before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dcs-sim-report-'));
  const scenario = join(directory, 'scenario.json');
  writeFileSync(scenario, JSON.stringify(kScenario));
  const ran = await runDcsSim('simulate', scenario, '--out', directory);
  assert.equal(ran.code, 0, ran.stderr);
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

const reportHtml = () => pathToFileURL(join(directory, 'report.html')).href;

// The pixels of each plot's canvas, read from a copy: Chromium warns where a canvas that is drawn
// on screen is read more than once.
const readPixels = () => {
  window.pixelsOfPlots = () => [...document.querySelectorAll('#plots canvas')].map((canvas) => {
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    return copy.getImageData(0, 0, width, height).data;
  });
};

// How many canvases have something drawn on them.
const drawnCanvases = (page) => page.evaluate(() =>
  window.pixelsOfPlots().filter((data) => data.some((value) => value !== 0)).length);

// Pixels of a plot that are of about the colour: [red, green, blue].
const pixelsOf = (page, plot, colour) => page.evaluate((number, [red, green, blue]) => {
  const data = window.pixelsOfPlots()[number];
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    const distance = Math.abs(data[i] - red) + Math.abs(data[i + 1] - green) +
      Math.abs(data[i + 2] - blue);
    if (data[i + 3] > 200 && distance < 12) ++count;
  }
  return count;
}, plot, colour);

const policyColour = (page, index) => page.evaluate((number) => {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(`--policy-${number}`);
  return [1, 3, 5].map((at) => parseInt(hex.trim().slice(at, at + 2), 16));
}, index);

// Opens the report, gives it to `look`, and fails where the page complained or asked for anything.
async function withReport(given, look) {
  const { theme = 'light', width = 1280, plots = kPlots, url = reportHtml() } = given;
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
    await page.setViewport({ width, height: 800 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
    await page.goto(url);
    await page.waitForFunction((wanted) =>
      document.querySelectorAll('#plots canvas').length === wanted, {}, plots);
    await look(page);
    assert.deepEqual(complaints, []);
  } finally {
    await page.close();
  }
}

for (const theme of ['light', 'dark']) {
  for (const width of [1280, 360]) {
    test(`draws all plots, ${theme}, ${width} pixels wide`, { skip }, () =>
      withReport({ theme, width }, async (page) => {
        assert.equal(await drawnCanvases(page), kPlots);
        assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `the page is ${wide} wide`);
        const rows = await page.$$eval('#policies tbody tr', (all) => all.length);
        assert.equal(rows, kScenario.policies.length);
      }));
  }
}

test('shows texts of the scenario as text', { skip }, () => withReport({}, async (page) => {
  assert.equal(await page.$eval('h1', (h1) => h1.textContent), kScenario.title);
  assert.equal(await page.title(), `${kScenario.title} – dcs-sim`);
  const labels = await page.$$eval('#legend button', (all) => all.map((one) => one.textContent));
  assert.deepEqual(labels, ['on access only', `natural ${kHostile}`, 'scan-10']);
  assert.equal(await page.$('b'), null);
}));

test('the legend hides a policy in every plot and shows it again', { skip }, () =>
  withReport({}, async (page) => {
    const colour = await policyColour(page, 0);
    const drawn = () => pixelsOf(page, 0, colour);
    assert.ok(await drawn() > 50, 'on-access keeps its stale keys: a long line');
    await page.click('#legend button');
    assert.equal(await page.$eval('#legend button', (one) => one.ariaPressed), 'false');
    assert.equal(await page.$$eval('.readout li[hidden]', (all) => all.length), kPlots);
    assert.equal(await drawn(), 0);
    await page.click('#legend button');
    assert.equal(await page.$eval('#legend button', (one) => one.ariaPressed), 'true');
    assert.ok(await drawn() > 50);
  }));

test('plots share the cursor, the zoom and the time axis', { skip }, () =>
  withReport({}, async (page) => {
    const times = () => page.$$eval('.plot .at', (all) => all.map((one) => one.textContent));
    await page.click('#reset-zoom'); // plots may open on a part
    const canvas = await page.$('.canvas');
    await canvas.scrollIntoView();
    const { x, y, width, height } = await canvas.boundingBox();
    await page.mouse.move(x + width * 0.6, y + height / 2);
    const pointed = await times();
    assert.equal(new Set(pointed).size, 1, pointed.join());
    assert.match(pointed[0], /^at \d/);

    await canvas.focus();
    await page.keyboard.press('ArrowRight');
    const moved = await times();
    assert.equal(new Set(moved).size, 1, moved.join());
    assert.notEqual(moved[0], pointed[0]);

    const first = () => page.evaluate(() => document.querySelector('#plots canvas').toDataURL());
    const last = () => page.evaluate(() =>
      [...document.querySelectorAll('#plots canvas')].at(-1).toDataURL());
    const whole = [await first(), await last()];
    await page.mouse.move(x + width * 0.4, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.7, y + height / 2, { steps: 4 });
    await page.mouse.up();
    const zoomed = [await first(), await last()];
    assert.ok(zoomed.every((image, i) => image !== whole[i]), 'a drag zooms every plot');
    await page.mouse.click(x + width * 0.5, y + height / 2, { count: 2 });
    const reset = [await first(), await last()];
    assert.ok(reset.every((image, i) => image === whole[i]), 'a double click resets every plot');

    await page.click('#log-time');
    assert.equal(await drawnCanvases(page), kPlots);
    assert.notEqual(await first(), whole[0]);
  }));

test('the theme button changes the theme, and the page remembers', { skip }, () =>
  withReport({}, async (page) => {
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    await page.click('#theme');
    assert.equal(await theme(), 'dark');
    const colour = await policyColour(page, 0);
    assert.ok(await pixelsOf(page, 0, colour) > 50, 'plots are drawn in the new colours');
    await page.reload();
    assert.equal(await theme(), 'dark');
    await page.click('#theme');
    await page.evaluate(() => localStorage.clear());
  }));

test('a heading sorts the policies', { skip }, () => withReport({}, async (page) => {
  const names = () => page.$$eval('#policies tbody th', (all) => all.map((one) => one.innerText));
  const given = await names();
  const heading = await page.$$('#policies thead button');
  await heading[0].click();
  await heading[0].click();
  assert.equal(await page.$$eval('#policies [aria-sort]', (all) => all.length), 1);
  assert.deepEqual((await names()).toSorted(), given.toSorted());
  assert.notDeepEqual(await names(), given);
}));

// What a run with traffic and a goal adds, and what a stopped one leaves out.
test('draws what is there and leaves out what is not', { skip }, async () => {
  const report = JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8'));
  report.partial = true;
  const [first, second, third] = report.policies;
  first.goal = { met: false, why: 'stale memory <i>stays</i>' };
  first.timeline.delay_p99_us = first.timeline.t_ms.map((_, i) => i * 10);
  delete first.timeline.cpu_share;
  second.timeline = {};
  delete second.release_seconds;
  for (const series of Object.values(third.timeline)) series.length = 7;
  const html = readFileSync(join(directory, 'report.html'), 'utf8').replace(
    /(<script type="application\/json" id="report">).*?(<\/script>)/s,
    (_, open, close) => open + JSON.stringify(report).replaceAll('<', '\\u003c') + close);
  const file = join(directory, 'changed.html');
  writeFileSync(file, html);
  const url = pathToFileURL(file).href;
  await withReport({ url, plots: kPlots + 1 }, async (page) => {
    assert.equal(await drawnCanvases(page), kPlots + 1);
    assert.equal(await page.$eval('#partial', (one) => one.hidden), false);
    assert.match(await page.$eval('#goal-list', (one) => one.textContent), /not met: stale .*<i>/);
  });
});

test('shows what traffic met and whether a goal was kept', { skip }, async () => {
  const { name, ...rest } = kScenario;
  const scenario = {
    ...rest,
    name: `${name}-traffic`,
    traffic: [{ name: 'readers', keys_of: 'expiring', commands_per_second: 200,
      fill_after_s: 0.5 }],
    goal: { stale_mib_at_most: 0.01 },
    policies: kScenario.policies.map(({ published, ...policy }) => policy),
  };
  const file = join(directory, 'traffic.json');
  writeFileSync(file, JSON.stringify(scenario));
  const out = join(directory, 'traffic');
  const { code, stderr } = await runDcsSim('simulate', file, '--out', out);
  assert.equal(code, 0, stderr);
  const url = pathToFileURL(join(out, 'report.html')).href;
  await withReport({ url, plots: kPlots + 3 }, async (page) => {
    assert.equal(await drawnCanvases(page), kPlots + 3);
    const heads = await page.$$eval('#policies thead button', (all) => all.map((b) => b.textContent));
    assert.ok(heads.includes('Delay, p99.9') && heads.includes('Hits'), heads.join());
    assert.ok(!heads.includes('50 % released'), heads.join());
    assert.equal(await page.$eval('#release', (one) => one.hidden), true);
    assert.match(await page.$eval('#goal-text', (one) => one.textContent), /stale memory of/);
    assert.match(await page.$eval('#goal-list', (one) => one.textContent), /not met: stale memory/);
  });
});

test('uPlot is what its npm package has', () => {
  const vendored = fileURLToPath(new URL('../../tools/simulate/page/vendor/', import.meta.url));
  const uplot = fileURLToPath(new URL('node_modules/uplot/', import.meta.url));
  const same = { 'uPlot.iife.min.js': 'dist/uPlot.iife.min.js',
    'uPlot.min.css': 'dist/uPlot.min.css', LICENSE: 'LICENSE' };
  for (const [ours, theirs] of Object.entries(same)) {
    assert.ok(readFileSync(join(vendored, ours)).equals(readFileSync(join(uplot, theirs))), ours);
  }
  const { version } = JSON.parse(readFileSync(join(uplot, 'package.json')));
  const noted = JSON.parse(readFileSync(join(vendored, 'package.json'))).dependencies.uplot;
  assert.equal(noted, version);
});
