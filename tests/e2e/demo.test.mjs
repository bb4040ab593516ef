// Interrupts the demonstration at every step.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDcsSim } from './dcs_sim_process.mjs';

// Starts a demo and sends the signal as soon as its output holds the marker.
async function interruptDemo(marker, signal, ...args) {
  const demo = startDcsSim('demo', ...args);
  await demo.output(marker);
  const sent = performance.now();
  demo.kill(signal);
  const end = await demo.ended;
  return { ...end, ms: performance.now() - sent };
}

// Each step alone takes longer than the bound: loading 200 million keys, waiting 10 s for the last
// deadline, scanning 3,000 keys one by one.
const boundMs = 5_000;
const steps = [
  ['load', /loading +\[/, ['--keys', '200000000']],
  ['wait', /waiting +\[/, ['--keys', '1000']],
  ['scan', /scanning +\[/, ['--keys', '3000', '--scan-keys-per-step', '1', '--scan-step-ms', '60000',
    '--scan-timeout-ms', '2000000000']],
];
// Runs in parallel: a demo waits 10 s before it scans.
test('interrupting the demo', { concurrency: 4 }, async (t) => {
  const tests = [];
  for (const [step, marker, args] of steps) {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      tests.push(t.test(`${signal} ends it at once during the ${step}`, async () => {
        const end = await interruptDemo(marker, signal, ...args);
        assert.deepEqual({ code: end.code, signal: end.signal }, { code: null, signal });
        assert.ok(end.ms < boundMs, `${end.ms} ms`);
      }));
    }
  }
  tests.push(t.test('SIGINT ends it with exit status 0 once it serves', async () => {
    const end = await interruptDemo(/Ctrl-C ends it/, 'SIGINT', '--keys', '1000');
    assert.deepEqual({ code: end.code, signal: end.signal }, { code: 0, signal: null });
  }));
  await Promise.all(tests);
});
