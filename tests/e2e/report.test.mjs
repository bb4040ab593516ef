// report.html from disk: texts, tables and layout, on a desktop and a phone, in both themes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { drawnCanvases, kHostile, kScenario, pixelsOf, plotsOf, skip, smallReport, textsOf,
  themeColour, urlOfRun, withReport } from './report_browser.mjs';

for (const theme of ['light', 'dark']) {
  for (const width of [1280, 360]) {
    test(`draws all plots, ${theme}, ${width} pixels wide`, { skip }, () =>
      withReport({ theme, width }, async (page, report) => {
        assert.equal(await drawnCanvases(page), plotsOf(report));
        assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme);
        const rows = await page.$$eval('#policies tbody tr', (all) => all.length);
        assert.equal(rows, kScenario.policies.length);
      }));
  }
}

test('texts of the scenario are inserted as text', { skip }, () => withReport({}, async (page) => {
  assert.equal(await page.$eval('h1', (h1) => h1.textContent), kScenario.title);
  assert.equal(await page.title(), `${kScenario.title} – dcs-sim`);
  assert.deepEqual(await textsOf(page, '#legend button'),
    ['on access only', `natural ${kHostile}`, 'scan-10']);
  assert.equal(await page.$('b'), null);
}));

test('the theme button changes the theme, and the page remembers', { skip }, () =>
  withReport({}, async (page) => {
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    await page.click('#theme');
    assert.equal(await theme(), 'dark');
    const line = await pixelsOf(page, 0, await themeColour(page, '--policy-0'));
    assert.ok(line.length > 50, 'plots are drawn in the new colours');
    await page.reload();
    assert.equal(await theme(), 'dark');
    await page.click('#theme');
    await page.evaluate(() => localStorage.clear());
  }));

// ---- Question, answer, goal ---------------------------------------------------------------------

test('QuestionAndAnswerComeFirst', { skip }, async () => {
  const report = smallReport();
  report.question = 'Which is the best?';
  report.conclusion = ['The scan.', 'Two others are worse.'];
  await withReport({ report }, async (page) => {
    const texts = await page.$eval('#answer', (one) => one.innerText.split(/\n+/));
    assert.deepEqual(texts, ['Which is the best?', 'The scan.', 'Two others are worse.']);
    const sizeOf = (selector) => page.$eval(selector, (one) =>
      parseFloat(getComputedStyle(one).fontSize));
    assert.ok(await sizeOf('#answer-text') > await sizeOf('#findings li'));
    const topOf = (selector) => page.$eval(selector, (one) => one.getBoundingClientRect().top);
    assert.ok(await topOf('#answer') < await topOf('#description'));
  });
});

test('NoConclusion_HidesTheAnswer', { skip }, async () => {
  const report = smallReport();
  report.question = 'Which is the best?';
  report.conclusion = [];
  await withReport({ report }, async (page) =>
    assert.equal(await page.$eval('#answer', (one) => one.innerText.trim()), 'Which is the best?'));
  delete report.question;
  await withReport({ report }, async (page) =>
    assert.equal(await page.$eval('#answer', (one) => one.hidden), true));
});

test('shows traffic figures and whether the goal was met', { skip }, async () => {
  const url = await urlOfRun({
    ...kScenario,
    name: 'small-traffic',
    traffic: [{ name: 'readers', keys_of: 'expiring', commands_per_second: 200,
      fill_after_s: 0.5 }],
    goal: { stale_mib_at_most: 0.01 },
    policies: kScenario.policies.map(({ published, ...policy }) => policy),
  });
  await withReport({ url }, async (page, report) => {
    assert.equal(await drawnCanvases(page), plotsOf(report));
    const heads = await textsOf(page, 'thead .sort');
    for (const wanted of ['Goal', 'Command delay, p99.9', 'Hits', 'Stale memory, peak']) {
      assert.ok(heads.includes(wanted), `${wanted} is not in ${heads.join()}`);
    }
    assert.equal(heads[0], 'Goal');
    assert.ok(!heads.includes('50 % released after'), heads.join());
    assert.equal(await page.$eval('#release', (one) => one.hidden), true);
    assert.match(await page.$eval('#goal-text', (one) => one.textContent), /stale memory of/);
    assert.match(await page.$eval('#goal-list', (one) => one.textContent), /not met: stale memory/);
  });
});

// ---- Policies that did not complete -------------------------------------------------------------

// The first policy never ran, the second was stopped.
function partialReport() {
  const report = smallReport();
  report.partial = true;
  const [first, second, third] = report.policies;
  const empty = Object.fromEntries(Object.keys(first.timeline).map((name) => [name, []]));
  report.policies[0] = { name: first.name, label: first.label, ideal: false, state: 'not run',
    completed: false, markers: [], timeline: empty };
  Object.assign(second, { state: 'stopped', completed: false, ended_at_seconds: 12 });
  for (const series of Object.values(second.timeline)) series.length &&= 12;
  third.goal = { met: true, why: '' };
  report.settings.goal = { stale_bytes_at_most: 1e6 };
  return report;
}

test('IncompletePolicies_ShowTheirState', { skip }, () =>
  withReport({ report: partialReport() }, async (page) => {
    assert.equal(await page.$eval('#partial', (one) => one.hidden), false);
    assert.match(await page.$eval('#facts', (one) => one.textContent), /1 stopped, 1 not run/);
    const tables = await page.$$eval('#policies tbody, #more tbody, #measured tbody', (all) =>
      all.map((body) => [...body.rows].map((row) => [...row.cells].slice(1)
        .map((cell) => cell.textContent))));
    assert.ok(tables.length > 3);
    for (const rows of tables) {
      assert.equal(rows.length, 3);
      assert.ok(!/stopped|not run/.test(rows[0].join()), 'the completed one is first');
      const states = rows.slice(1).map((cells) => cells.join());
      assert.deepEqual(states.toSorted(), ['not run', 'stopped after 12 s']);
    }
    const bars = await textsOf(page, '.bars');
    assert.match(bars[1], /not run$/);
    assert.match(bars[2], /stopped after 12 s$/);
    const legend = await page.$$eval('#legend button', (all) =>
      all.map((one) => [one.textContent.replace(/^natural.*b>/, 'natural'), one.disabled]));
    assert.deepEqual(legend, [['scan-10', false], ['on access only not run', true],
      ['natural stopped after 12 s', false]]);
    const goals = await textsOf(page, '#goal-list li');
    assert.match(goals[0], /met$/);
    assert.match(goals[1], /not run, not judged$/);
  }));

test('IncompletePolicies_SortLastInBothDirections', { skip }, () =>
  withReport({ report: partialReport() }, async (page) => {
    const heading = await page.$$('#policies thead .sort');
    for (let click = 0; click < 2; ++click) {
      await heading.at(-1).click();
      const last = await page.$$eval('#policies tbody tr', (rows) =>
        [...rows].slice(1).every((row) => row.querySelector('td.state')));
      assert.ok(last);
    }
  }));

test('NoStates_TimelineTellsWhichPoliciesRan', { skip }, async () => {
  const report = partialReport();
  for (const policy of report.policies) delete policy.state;
  await withReport({ report }, async (page) =>
    assert.deepEqual(await textsOf(page, '#policies td.state'), ['not run', 'stopped after 12 s']));
});

test('MissingParts_AreLeftOut', { skip }, async () => {
  const report = smallReport();
  const [first, second, third] = report.policies;
  first.goal = { met: false, why: 'stale memory <i>stays</i>' };
  first.timeline.delay_p99_us = first.timeline.t_ms.map((_, i) => i * 10);
  delete first.timeline.cpu_share;
  delete first.markers;
  delete second.release_seconds;
  delete second.released;
  third.timeline = {};
  for (const name of ['question', 'measure', 'markers', 'conclusion']) delete report[name];
  await withReport({ report }, async (page) => {
    assert.equal(await drawnCanvases(page), plotsOf(report));
    assert.match(await page.$eval('#goal-list', (one) => one.textContent), /not met: stale .*<i>/);
  });
});

// ---- Tables -------------------------------------------------------------------------------------

test('a heading sorts the policies', { skip }, () => withReport({}, async (page) => {
  const names = () => page.$$eval('#policies tbody th', (all) => all.map((one) => one.innerText));
  const given = await names();
  const heading = await page.$$('#policies thead .sort');
  await heading[0].click();
  await heading[0].click();
  assert.equal(await page.$$eval('#policies [aria-sort]', (all) => all.length), 1);
  assert.deepEqual((await names()).toSorted(), given.toSorted());
  assert.notDeepEqual(await names(), given);
}));

test('Phone_ShowsSortableCards', { skip }, () =>
  withReport({ width: 390 }, async (page) => {
    const cards = () => page.$$eval('#policies .card', (all) =>
      all.filter((one) => one.checkVisibility())
        .map((one) => one.querySelector('.card-head').innerText));
    assert.equal((await cards()).length, kScenario.policies.length);
    assert.equal(await page.$eval('#policies table', (one) => one.checkVisibility()), false);
    const given = await cards();
    const heads = await page.$$eval('#policies select option', (all) => all.map((one) => one.text));
    await page.select('#policies select', String(heads.indexOf('Stale memory, peak') - 1));
    await page.click('#policies .sorter input');
    assert.deepEqual((await cards()).toSorted(), given.toSorted());
    await page.select('#policies select', '');
    assert.deepEqual(await cards(), given);
  }));

test('ShowsPublishedBesideSimulatedCpu', { skip }, async () => {
  const report = smallReport();
  report.measure = 'published';
  report.policies.forEach((policy, i) => {
    policy.cpu_share.while_reclaiming = 0.05 + i / 100;
    policy.published = { seconds: 100, cpu_share: 0.08 };
  });
  report.settings.published_fit = { note: 'One model cannot meet all.', rows: [
    { label: 'natural deletion', published: 0.05, simulated: 0.048, error: -0.04 },
    { label: 'scan', published: 0.08, simulated: 0.081, error: 0.0125 }] };
  await withReport({ report }, async (page) => {
    const heads = await textsOf(page, '#policies thead .sort');
    const at = heads.indexOf('CPU while reclaiming');
    assert.ok(at >= 0 && heads[at + 1] === 'CPU, published', heads.join());
    const fit = await page.$$eval('#fit tbody tr', (rows) => rows.map((row) =>
      [...row.cells].map((cell) => cell.textContent)));
    assert.deepEqual(fit, [['natural deletion', '5 %', '4.8 %', '−4 %'],
      ['scan', '8 %', '8.1 %', '+1.25 %']]);
    assert.match(await page.$eval('#fit', (one) => one.textContent), /One model cannot meet all\./);
  });
});

test('NonzeroFigure_NeverPrintsAsZero', { skip }, () => withReport({}, async (page) => {
  const formatted = await page.evaluate(() => [formatShare(0.00034), formatShare(3e-9),
    formatShare(0), formatShare(0.99996), formatShare(1), formatShare(0.1143), formatSeconds(0.0004),
    formatSeconds(4e-7), formatBytes(0.4), formatBytes(1023.7), formatCount(0.0042),
    formatCount(1234567), formatMicroseconds(0), formatDifference(-0.0004)]);
  assert.deepEqual(formatted, ['0.034 %', '< 0.0001 %', '0 %', '99.996 %', '100 %', '11.4 %',
    '400 µs', '0.4 µs', '0.4 B', '1 KiB', '0.0042', '1,234,567', '0 µs', '−0.04 %']);
}));

// ---- Explanations -------------------------------------------------------------------------------

const hintOf = (page) => page.$eval('#hint', (one) => (one.hidden ? null : one.textContent));

test('HeadingHints_WorkWithKeyboardAndScreenReader', { skip }, () =>
  withReport({}, async (page) => {
    const bare = await page.$$eval('thead th:not(:first-child)', (all) => all
      .filter((head) => !document.getElementById(head.querySelector('.hint')
        ?.getAttribute('aria-describedby'))?.textContent.endsWith('.'))
      .map((head) => head.textContent));
    assert.deepEqual(bare, []);
    await page.focus('#policies thead .sort');
    await page.keyboard.press('Tab');
    const text = await hintOf(page);
    assert.ok(text?.endsWith('.'));
    assert.equal(await page.evaluate(() => document.activeElement.ariaExpanded), 'true');
    await page.keyboard.press('Escape');
    assert.equal(await hintOf(page), null);
    await page.keyboard.press('Enter');
    assert.equal(await hintOf(page), text);
    await page.keyboard.press('Tab');
    assert.equal(await hintOf(page), null);
  }));

test('Tap_OpensHintWithinTheWindow', { skip }, () =>
  withReport({ width: 390, touch: true }, async (page) => {
    const labels = await page.$$('#policies .hint-label');
    await labels.at(-1).tap();
    assert.ok((await hintOf(page))?.endsWith('.'));
    const { left, right } = await page.$eval('#hint', (one) => {
      const box = one.getBoundingClientRect();
      return { left: box.left, right: box.right };
    });
    assert.ok(left >= 0 && right <= 390, `from ${left} to ${right}`);
    await page.tap('h1');
    assert.equal(await hintOf(page), null);
  }));

test('CpuPeakHint_NamesThePlotsHighestPoint', { skip }, () => withReport({}, async (page) => {
  // The column is in the main table or among the other figures, depending on the measure.
  await page.$$eval('details', (all) => all.forEach((one) => { one.open = true; }));
  await page.hover('[aria-label=\'What is "CPU, peak"?\']');
  assert.match(await hintOf(page), /highest point of the plot "CPU of the node"/);
}));

// ---- Layout -------------------------------------------------------------------------------------

// 14 policies, traffic, a goal, published figures, events, scans, states and a fit.
function wideReport() {
  const report = smallReport();
  const [model] = report.policies;
  const counts = { commands: 123456789, reads: 120000000, writes: 3456789, hits: 119000000,
    misses: 1000000, fills: 900000, most_waiting: 1234 };
  const causes = ['commands', 'access', 'overwrite', 'natural_deletion', 'scans', 'fast_sweeps',
    'client_scan'];
  const figures = Object.fromEntries(causes.map((cause, i) => [cause, 1234567 + i]));
  report.measure = 'goal';
  report.question = 'Which of these fourteen policies is the cheapest that keeps within limits?';
  report.markers = [{ at_ms: 10000, text: 'reclamation starts' },
    { at_ms: 11000, text: 'midnight' },
    { at_ms: 12000, text: 'the second group of clients begins to read' }];
  report.settings.goal = { stale_bytes_at_most: 1e5, cpu_share_at_most: 0.15,
    delay_p99_us_at_most: 5000 };
  report.settings.traffic = [{ name: 'readers', keys_of: 'expiring', commands_per_second: 20000,
    read_share: 0.97, zipf_exponent: 0.9, writes: 'existing', fill_after_seconds: 0.5 }];
  report.settings.published_fit = { note: 'One cost model for all policies.', rows: [
    { label: 'natural deletion', published: 0.05, simulated: 0.0476, error: -0.048 }] };
  report.policies = Array.from({ length: 14 }, (_, i) => ({
    ...structuredClone(model),
    name: `policy-${i}`,
    label: `a scan every ${15 * (i + 1)} min, 1000 keys a step`,
    state: i === 12 ? 'stopped' : i === 13 ? 'not run' : 'completed',
    ended_at_seconds: 1234,
    completed: i < 12,
    scan: { duration_seconds: 12345, ended: 7, steps: 1, visited: 123456789, released: 1, scans: 9,
      failed: 1, skipped: 1 },
    looked_at_per_released: 1234.5,
    released: { keys: 12345678, ...figures },
    released_bytes: figures,
    work_seconds: figures,
    cpu_share: { mean: 0.1234, reclamation: 0.00034, peak: 0.5678, while_reclaiming: 0.0987 },
    published: { seconds: 7500, cpu_share: 0.25 },
    goal: { met: i % 2 === 0, why: i % 2 ? 'stale memory up to 206.5 MiB; CPU up to 36.9 %' : '' },
    traffic: { ...counts, delay_us: { mean: 12, p50: 10, p99: 1234, p999: 23456, max: 345678 } },
    markers: Array.from({ length: 40 }, (_, k) =>
      ({ at_ms: 10000 + k * 1000, until_ms: 10300 + k * 1000, text: 'scan' })),
  }));
  report.policies[13].timeline = { t_ms: [] };
  report.measured.policies = report.policies.map(({ name }) => ({ name, load_seconds: 12.345,
    run_seconds: 123.45, reclamation_cpu_seconds: 1.2345, reclamation_ns_per_released_key: 0.4 }));
  return report;
}

// Elements that leave the window or their own box, with everything unfolded.
const overflowing = async () => {
  document.querySelectorAll('details').forEach((one) => (one.open = true));
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const width = document.documentElement.clientWidth;
  return [document.documentElement, ...document.querySelectorAll('body, body *')]
    .filter((one) => !one.closest('.uplot, script, style') && one.checkVisibility())
    .filter((one) => {
      const box = one.getBoundingClientRect();
      return box.right > width + 0.5 || box.left < -0.5 ||
        (one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1);
    })
    .map((one) => `${one.tagName}.${one.className}#${one.id} ${one.textContent.slice(0, 40)}`);
};

for (const theme of ['light', 'dark']) {
  for (const width of [1400, 1280, 768, 390]) {
    test(`NothingOverflowsItsBoxAt${width}Pixels, ${theme}`, { skip }, () =>
      withReport({ report: wideReport(), width, theme }, async (page) => {
        assert.deepEqual(await page.evaluate(overflowing), []);
        const ids = await page.evaluate(() => document.body.innerText.match(/policy-\d+/g));
        assert.equal(ids, null, 'labels instead of IDs');
      }));
  }
}

test('uPlot is identical to its npm package', () => {
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
