// The plots of report.html: lines, cursor, goal, events, scans and sweeps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnCanvases, pixelsOf, plotsOf, skip, smallReport, textsOf, themeColour, withReport }
  from './report_browser.mjs';

// Pixels of a policy's line, without the lanes of scans above the plot area.
async function lineOf(page, plot, index) {
  const top = await page.evaluate((number) =>
    document.querySelectorAll('#plots .u-over')[number].offsetTop, plot);
  const pixels = await pixelsOf(page, plot, await themeColour(page, `--policy-${index}`));
  return pixels.filter(([, y]) => y >= top);
}

// Pixels of a policy's lane, above the plot area.
async function laneOf(page, plot, index) {
  const top = await page.evaluate((number) =>
    document.querySelectorAll('#plots .u-over')[number].offsetTop, plot);
  const pixels = await pixelsOf(page, plot, await themeColour(page, `--policy-${index}`));
  return pixels.filter(([, y]) => y < top);
}

const plotNumber = (page, title) => page.$$eval('.plot h3', (all, wanted) =>
  all.findIndex((one) => one.textContent.startsWith(wanted)), title);

// The value that a plot's readout shows for each policy.
const readoutOf = (page, plot) => page.$$eval('.plot', (all, number) =>
  [...all[number].querySelectorAll('.value')].map((one) => one.textContent), plot);

const moveTo = async (page, plot, share) => {
  const canvas = (await page.$$('#plots .u-over'))[plot];
  await canvas.scrollIntoView();
  const { x, y, width, height } = await canvas.boundingBox();
  await page.mouse.move(x + width * share, y + height / 2);
};

test('LegendHidesAPolicyInEveryPlotAndShowsItAgain', { skip }, () =>
  withReport({}, async (page, report) => {
    const drawn = async () => (await lineOf(page, 0, 0)).length;
    assert.ok(await drawn() > 50, 'on-access keeps its stale keys: a long line');
    await page.click('#legend button');
    assert.equal(await page.$eval('#legend button', (one) => one.ariaPressed), 'false');
    assert.equal(await page.$$eval('.readout li[hidden]', (all) => all.length), plotsOf(report));
    assert.equal(await drawn(), 0);
    await page.click('#legend button');
    assert.equal(await page.$eval('#legend button', (one) => one.ariaPressed), 'true');
    assert.ok(await drawn() > 50);
  }));

test('PlotsShareCursorZoomAndTimeAxis', { skip }, () => withReport({}, async (page, report) => {
  const times = () => textsOf(page, '.plot .at');
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
  assert.equal(await drawnCanvases(page), plotsOf(report));
  assert.notEqual(await first(), whole[0]);
}));

test('DrawsTheGoalWithALabelAndIncludesItInTheAxis', { skip }, async () => {
  const report = smallReport();
  const peak = Math.max(...report.policies.flatMap(({ timeline }) => timeline.stale_bytes));
  const busiest = Math.max(...report.policies.flatMap(({ timeline }) => timeline.cpu_share));
  report.settings.goal = { stale_bytes_at_most: peak * 1.5, cpu_share_at_most: busiest * 100 };
  await withReport({ report }, async (page) => {
    const goal = await themeColour(page, '--goal');
    const rowsOf = async (title) => {
      const rows = new Map();
      for (const [, y] of await pixelsOf(page, await plotNumber(page, title), goal)) {
        rows.set(y, (rows.get(y) ?? 0) + 1);
      }
      return [...rows.values()];
    };
    assert.ok(Math.max(...await rowsOf('Stale memory')) > 200, 'a line across the plot');
    assert.equal((await rowsOf('Stale keys')).length, 0, 'no goal limits the number of keys');
    const far = await rowsOf('CPU of the node');
    assert.ok(far.length > 0 && Math.max(...far) < 100, 'far above the values: a label only');
    const heads = await textsOf(page, '.plot h3');
    assert.ok(heads.some((text) => /^Stale memory.*goal: at most/.test(text)), heads.join());
  });
});

test('MarksEventsByLinesAndNamesThem', { skip }, async () => {
  const report = smallReport();
  report.markers = [{ at_ms: 10000, text: 'reclamation starts' },
    { at_ms: 40000, text: 'midnight' }, { at_ms: 40000, text: 'load ends' }];
  const columnsOf = (given) => withReport({ report: given }, async (page) => {
    await page.click('#reset-zoom');
    const columns = new Map();
    for (const [x] of await pixelsOf(page, 0, await themeColour(page, '--event'))) {
      columns.set(x, (columns.get(x) ?? 0) + 1);
    }
    given.columns = [...columns.values()].filter((height) => height > 60).length;
    given.text = await page.$eval('#events', (one) => one.textContent);
  });
  await columnsOf(report);
  assert.equal(report.text, 'Events: reclamation starts (0 s), midnight, load ends (30 s).');
  assert.equal(report.columns, 2);
  const without = { ...smallReport(), markers: undefined };
  await columnsOf(without);
  assert.equal(without.text, 'Events: reclamation starts (0 s).');
  assert.equal(without.columns, 1);
});

test('EventLabelsNeverOverlapAndStayInside', { skip }, () => withReport({}, async (page) => {
  const placed = await page.evaluate(() => {
    const labels = Array.from({ length: 30 }, (_, i) =>
      ({ x: 60 + i * 12, width: 20 + (i * 37) % 90 }));
    return placeLabels(labels, 60, 420).map(({ at, row }, i) =>
      ({ at, row, to: at + labels[i].width }));
  });
  const shown = placed.filter(({ row }) => row !== null);
  assert.ok(shown.length >= 4 && shown.length < 30);
  for (const one of shown) {
    assert.ok(one.at >= 60 && one.to <= 420);
    for (const other of shown) {
      assert.ok(one === other || one.row !== other.row || one.to <= other.at || other.to <= one.at);
    }
  }
}));

test('HundredsOfSweepsAreThinnedAndHiddenWithTheirPolicy', { skip }, async () => {
  const report = smallReport();
  report.policies[0].markers = Array.from({ length: 500 }, (_, i) =>
    ({ at_ms: 10000 + i * 100, text: 'fast sweep' }));
  report.policies[2].markers = [{ at_ms: 20000, until_ms: 40000, text: 'scan' },
    { at_ms: 50000, text: 'scan' }];
  await withReport({ report }, async (page) => {
    await page.click('#reset-zoom');
    const bars = await page.evaluate(() =>
      laneBars(Array.from({ length: 500 }, (_, i) => [i * 0.7, i * 0.7])));
    assert.ok(bars.length > 50 && bars.length < 120, `${bars.length} ticks in 350 pixels`);
    assert.ok(bars.every(({ from }, i) => i === 0 || from - bars[i - 1].to >= 2));

    const columns = async (index) => new Set((await laneOf(page, 0, index)).map(([x]) => x)).size;
    const width = await page.$eval('#plots .u-over', (one) => one.offsetWidth);
    assert.ok(await columns(0) > width * 0.2 && await columns(0) < width * 0.8, 'ticks with gaps');
    const spans = await columns(2);
    assert.ok(Math.abs(spans - width / 2) < 8, `${spans} of ${width}: 20 s and 10 s of 60 s`);
    await page.click('#legend button');
    assert.equal((await laneOf(page, 0, 0)).length, 0);
    assert.equal(await columns(2), spans);
  });
});

// A policy with additional samples, like a fast sweep: one before and one after each sweep.
function withSweep(report, atMs) {
  const { timeline } = report.policies[0];
  const at = timeline.t_ms.findIndex((time) => time >= atMs);
  for (const [name, series] of Object.entries(timeline)) {
    if (!series.length) continue;
    const isTime = name === 't_ms';
    const before = isTime ? atMs : series[at];
    const after = isTime ? atMs + 1 : name.startsWith('stale') ? 0 : series[at];
    const isThere = isTime && series[at] === atMs || timeline.t_ms.length > series.length;
    series.splice(at, isThere ? 1 : 0, before, after);
    if (name.startsWith('stale')) series.fill(0, at + 1);
  }
}

for (const [name, atMs] of [['start', 10000], ['middle', 30500]]) {
  test(`DrawsASweepAtThe${name[0].toUpperCase()}${name.slice(1)}AsAStep`, { skip }, async () => {
    const report = smallReport();
    withSweep(report, atMs);
    await withReport({ report }, async (page) => {
      await page.click('#reset-zoom');
      for (const axis of ['even', 'logarithmic']) {
        if (axis === 'logarithmic') await page.click('#log-time');
        const { top, height } = await page.$eval('#plots .u-over', (one) =>
          ({ top: one.offsetTop, height: one.offsetHeight }));
        const middle = (await lineOf(page, 0, 0))
          .filter(([, y]) => y > top + height * 0.3 && y < top + height * 0.7).map(([x]) => x);
        const falling = middle.filter((x) => x >= Math.max(...middle) - 3);
        assert.ok(falling.length > height * 0.3, `${axis}: a vertical line`);
      }
    });
  });
}

test('ReadoutShowsTheLastSampleOfEachPolicy', { skip }, async () => {
  const report = smallReport();
  withSweep(report, 30500);
  report.policies[2].state = 'stopped';
  report.policies[2].completed = false;
  for (const series of Object.values(report.policies[2].timeline)) series.length &&= 12;
  await withReport({ report }, async (page) => {
    await page.click('#reset-zoom');
    const stale = await plotNumber(page, 'Stale keys');
    const cpu = await plotNumber(page, 'CPU of the node');
    for (const share of [0.2, 0.508, 0.51, 0.8]) {
      await moveTo(page, stale, share);
      const [first, second, stopped] = await readoutOf(page, stale);
      assert.match(first, /^[\d,]+$/);
      assert.match(second, /^[\d,]+$/);
      if (share > 0.3) assert.equal(stopped, 'stopped');
      const shares = await readoutOf(page, cpu);
      assert.match(shares[0], /%$/);
      assert.match(shares[1], /%$/);
    }
  });
});

test('SampleIndexesFollowThePlots', { skip }, () => withReport({}, async (page) => {
  const indexes = (state, interval) => page.evaluate((...given) =>
    sampleIndexes({ state: given[0], timeline: { t_ms: [10, 20, 30] } },
      [5, 10, 15, 20, 29, 30, 31], given[1]), state, interval);
  assert.deepEqual(await indexes('completed', false), [-1, 0, 0, 1, 1, 2, 2]);
  assert.deepEqual(await indexes('completed', true), [0, 0, 1, 1, 2, 2, 2]);
  assert.deepEqual(await indexes('stopped', false), [-1, 0, 0, 1, 1, 2, -1]);
  assert.deepEqual(await indexes('stopped', true), [0, 0, 1, 1, 2, 2, -1]);
}));

test('PlotsTheReclamationShare', { skip }, async () => {
  const report = smallReport();
  for (const { timeline } of report.policies) {
    timeline.reclamation_share = timeline.t_ms.map((_, i) => 0.0001 * i);
  }
  await withReport({ report }, async (page) => {
    const plot = await plotNumber(page, 'CPU for reclamation');
    assert.ok((await lineOf(page, plot, 2)).length > 50);
    assert.match((await readoutOf(page, plot))[0], /^0\.\d+ %$/);
  });
});
