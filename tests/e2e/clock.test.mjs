// The virtual clock and reset: the test moves the server's clock and resets the server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Redis from 'ioredis';
import { cloudClient, routes } from './cloud_client.mjs';
import { runDcsSim, serve } from './dcs_sim_process.mjs';

const kHour = 3_600_000;

let server;
let cloud;
before(async () => {
  server = await serve('--clock', 'virtual', '--natural-deletion', 'dcs');
  cloud = cloudClient(server);
});
after(() => server?.stop());

async function send(method, path, to = server) {
  const response = await fetch(`${to.endpoint}${path}`, { method });
  return { status: response.status, ...(await response.json()) };
}
const advance = (ms) => send('POST', `/_sim/clock/advance?ms=${ms}`);
const iso = (ms) => new Date(ms).toISOString();

async function withRedis(work, port = server.respPort) {
  const redis = new Redis(port, server.host, { retryStrategy: () => 1 });
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

test('time stands still until it is moved, and both fronts see it at once', async () => {
  const before = await send('GET', '/_sim/clock');
  assert.equal(before.mode, 'virtual');
  assert.equal(before.rate, 0);
  await withRedis(async (redis) => {
    await redis.set('session', 'v', 'PX', 10_000);
    assert.equal(await redis.pttl('session'), 10_000);
    const moved = await advance(9_999);
    assert.equal(moved.now_ms, before.now_ms + 9_999);
    assert.equal(moved.reached, true);
    assert.equal(await redis.pttl('session'), 1);
    await advance(2);
    assert.equal(await redis.get('session'), null);
    const [seconds, micros] = await redis.time();
    assert.equal(Number(seconds) * 1000 + Number(micros) / 1000, before.now_ms + 10_001);
  });
  assert.equal((await send('GET', '/_sim/health')).now, iso(before.now_ms + 10_001));
});

test('natural deletion runs during an advance', async () => {
  await withRedis(async (redis) => {
    const pipeline = redis.pipeline();
    for (let i = 0; i < 20_000; i++) pipeline.set(`short:${i}`, 'v', 'PX', 1);
    await pipeline.exec();
  });
  assert.equal((await advance(10)).reached, true);
  assert.equal((await server.census()).expired_keys, 20_000);
  await advance(60_000);
  assert.equal((await server.census()).expired_keys, 0);
});

test('three hours ahead the automatic scans have run at their times', async () => {
  const { now_ms: now } = await send('GET', '/_sim/clock');
  const first = now + kHour / 2;
  await cloud.call(routes.setAutoscan, {
    body: { enable_auto_scan: true, first_scan_at: iso(first), interval: 3600, timeout: 7200,
      scan_keys_count: 10 },
  });
  await advance(3 * kHour);
  const { records } = await cloud.call(routes.histories);
  assert.deepEqual(records.map((scan) => [scan.scan_type, scan.status, scan.created_at]),
    [2, 1, 0].map((n) => ['auto', 'success', iso(first + n * kHour)]));
});

test('other requests are answered while the time moves, advances one after the other', async () => {
  const { now_ms: start } = await send('GET', '/_sim/clock');
  let moving = true;
  const month = advance(10 * 24 * kHour).then((moved) => { moving = false; return moved; });
  const day = advance(24 * kHour);
  let answered = 0;
  let seen = start;
  while (moving) {
    const { now_ms: now } = await send('GET', '/_sim/clock');
    assert.ok(now >= seen);
    seen = now;
    answered += 1;
  }
  assert.ok(answered > 3, `${answered} answers`);
  assert.equal((await month).now_ms, start + 10 * 24 * kHour);
  assert.equal((await day).now_ms, start + 11 * 24 * kHour);
});

test('time passes at the given rate', async () => {
  const { now_ms: start } = await send('GET', '/_sim/clock');
  assert.equal((await send('PUT', '/_sim/clock/rate?rate=10000')).rate, 10_000);
  while ((await send('GET', '/_sim/clock')).now_ms < start + 60_000);
  assert.equal((await send('PUT', '/_sim/clock/rate?rate=0')).rate, 0);
  const { now_ms: stopped } = await send('GET', '/_sim/clock');
  assert.equal((await send('GET', '/_sim/clock')).now_ms, stopped);
});

test('bad values are refused and named', async () => {
  for (const ms of ['', '-1', 'x', '2678400001']) {
    const refused = await advance(ms);
    assert.deepEqual([refused.status, refused.error_code], [400, 'DCS.4062']);
  }
  assert.equal((await send('PUT', '/_sim/clock/rate?rate=-1')).error_code, 'DCS.4062');
});

test('a reset restores the initial state with any number of keys', async () => {
  const { start } = await send('GET', '/_sim/clock');
  await withRedis(async (redis) => {
    for (let chunk = 0; chunk < 10; chunk++) {
      const pipeline = redis.pipeline();
      for (let i = 0; i < 10_000; i++) pipeline.set(`key:${chunk}:${i}`, 'v');
      await pipeline.exec();
    }
    await redis.config('SET', 'hz', '50');
    await cloud.call(routes.createInstance, { body: { name: 'another', engine: 'Redis',
      engine_version: '5.0', capacity: 1, instance_num: 1, spec_code: 'redis.ha.xu1.large.r2.1',
      az_codes: ['az1'], vpc_id: 'v', subnet_id: 's' } });
    const answer = await send('POST', '/_sim/reset');
    assert.deepEqual(answer, { status: 'ok', now: start });
    // The client has lost its connection, reconnects and finds a fresh process.
    assert.equal(await redis.dbsize(), 0);
    assert.deepEqual(await redis.config('GET', 'hz'), ['hz', '10']);
  });
  const { instances } = await send('GET', '/_sim/health');
  assert.deepEqual(instances.map(({ instance_id: id, port, status }) => [id, port, status]),
    [[server.instanceId, server.respPort, 'RUNNING']]);
  assert.deepEqual((await cloud.call(routes.histories)).records, []);
  assert.equal((await cloud.call(routes.showAutoscan)).enable_auto_scan, false);
});

test('overlapping resets are all answered', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => send('POST', '/_sim/reset')));
  for (const { status } of answers) assert.equal(status, 'ok');
  await withRedis(async (redis) => assert.equal(await redis.ping(), 'PONG'));
});

test('a reset ends an advance under way', async () => {
  const moving = advance(31 * 24 * kHour);
  await send('POST', '/_sim/reset');
  const { start } = await send('GET', '/_sim/clock');
  const moved = await moving;
  if (moved.reached) return; // it was faster
  assert.ok(moved.now_ms < Date.parse(start) + 31 * 24 * kHour);
});

test('a server that stops answers an advance under way', async () => {
  const other = await serve('--time-scale', '60');
  assert.equal((await send('GET', '/_sim/clock', other)).rate, 60);
  const moving = send('POST', `/_sim/clock/advance?ms=${31 * 24 * kHour}`, other);
  while (!(await send('GET', '/_sim/clock', other)).advancing);
  const ended = other.stop();
  assert.equal((await moving).reached, false);
  await ended;
});

test('the system\'s clock can be read but not moved', async () => {
  const real = await serve();
  try {
    assert.equal((await send('GET', '/_sim/clock', real)).mode, 'real');
    const refused = await send('POST', '/_sim/clock/advance?ms=1', real);
    assert.deepEqual([refused.status, refused.error_code], [409, 'SIM.0001']);
    assert.equal((await send('POST', '/_sim/reset', real)).status, 'ok');
  } finally {
    await real.stop();
  }
});

test('wrong options are refused', async () => {
  for (const args of [['--clock', 'lunar'], ['--time-scale', '-1'],
    ['--clock', 'real', '--time-scale', '60']]) {
    const { code, stderr } = await runDcsSim('serve', ...args);
    assert.notEqual(code, 0);
    assert.match(stderr, /--clock|--time-scale/);
  }
});
