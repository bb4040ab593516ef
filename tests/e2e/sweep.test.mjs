// The simulator's own fast sweep: all expired keys are gone when it answers, and clients are still
// served.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Redis from 'ioredis';
import { cloudClient, routes } from './cloud_client.mjs';
import { serve, until } from './dcs_sim_process.mjs';

const kExpired = 20_000;
const kLasting = 10_000;

let server;
let redis;
before(async () => {
  server = await serve('--natural-deletion', 'off');
  redis = new Redis(server.respPort, server.host, { retryStrategy: null });
  redis.on('error', () => {});
  for (let i = 0; i < kLasting; i += 1000) {
    const pipeline = redis.pipeline();
    for (let k = i; k < i + 1000; k++) pipeline.set(`long:${k}`, `value ${k}`);
    await pipeline.exec();
  }
});
after(async () => {
  redis?.disconnect();
  await server?.stop();
});

async function fillWithExpired() {
  for (let i = 0; i < kExpired; i += 1000) {
    const pipeline = redis.pipeline();
    for (let k = i; k < i + 1000; k++) pipeline.set(`short:${k}`, `value ${k}`, 'PX', 1);
    await pipeline.exec();
  }
  return until(() => server.census(), (seen) => seen.expired_keys === kExpired, 'expired keys');
}

async function post(query = '') {
  const response = await fetch(
    `${server.endpoint}/_sim/sweep?instance_id=${server.instanceId}${query}`, { method: 'POST' });
  assert.match(response.headers.get('x-request-id'), /^[0-9a-f]{32}$/);
  return { status: response.status, body: await response.json() };
}

async function sweep(query) {
  const { status, body } = await post(query);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(Object.keys(body),
    ['visited', 'released', 'released_bytes', 'seconds', 'cpu_seconds']);
  assert.ok(Object.values(body).every((value) => typeof value === 'number' && value >= 0));
  return body;
}

for (const query of ['', '&threads=2']) {
  test(`releases exactly what the census counts as expired${query && `, ${query.slice(1)}`}`,
    async () => {
      const before = await fillWithExpired();
      assert.equal(before.keys, kExpired + kLasting);
      const swept = await sweep(query);
      assert.equal(swept.visited, before.keys);
      assert.equal(swept.released, before.expired_keys);
      assert.equal(swept.released_bytes, before.expired_bytes);
      assert.ok(swept.seconds > 0 && swept.cpu_seconds > 0, JSON.stringify(swept));
      const after = await server.census();
      assert.equal(after.expired_keys, 0);
      assert.equal(after.expired_bytes, 0);
      assert.equal(after.keys, kLasting);
      assert.equal(await redis.dbsize(), kLasting);
      assert.equal(await redis.get('long:77'), 'value 77');
      assert.equal(await redis.get('short:77'), null);
    });
}

test('concurrent sweep requests run in sequence and release each key once', async () => {
  const before = await fillWithExpired();
  const all = await Promise.all(Array.from({ length: 8 }, () => sweep()));
  assert.equal(all.reduce((sum, { released }) => sum + released, 0), before.expired_keys);
  assert.equal(all.filter(({ released }) => released > 0).length, 1, 'the first took them all');
});

test('Redis clients and the API are served during sweeps', async () => {
  let sweeping = true;
  const sweeps = (async () => {
    for (let i = 0; i < 20; i++) await sweep('&threads=2');
    sweeping = false;
  })();
  for (let i = 0; sweeping; i = (i + 1) % kLasting) {
    const [value, health] = await Promise.all([redis.get(`long:${i}`),
      fetch(`${server.endpoint}/_sim/health`).then((response) => response.json())]);
    assert.equal(value, `value ${i}`);
    assert.equal(health.status, 'ok');
  }
  await sweeps;
});

test("a sweep beside a paced scan leaves nothing and is not in the cloud's histories", async () => {
  const before = await fillWithExpired();
  const cloud = cloudClient(server);
  const { id } = await cloud.call(routes.createScan);
  const swept = await sweep();
  const scan = await until(async () => (await cloud.call(routes.histories)).records[0],
    (record) => record.status === 'success', 'an ended scan');
  assert.equal(scan.id, id);
  assert.equal(scan.num + swept.released, before.expired_keys, 'each key is released by one');
  assert.equal((await server.census()).expired_keys, 0);
});

test('errors of a request are named', async () => {
  for (const threads of ['0', '65', 'x', '', '-1']) {
    const { status, body } = await post(`&threads=${threads}`);
    assert.equal(status, 400);
    assert.equal(body.error_code, 'DCS.4062');
    assert.equal(body.error_msg, 'Invalid threads parameter in the request.');
  }
  const read = await fetch(`${server.endpoint}/_sim/sweep`);
  assert.equal(read.status, 405);
  assert.equal(read.headers.get('allow'), 'POST, OPTIONS');
});

test('SIGTERM ends the server cleanly with sweeps pending', async () => {
  const other = await serve();
  const url = `${other.endpoint}/_sim/sweep`;
  const asked = Array.from({ length: 4 }, () =>
    fetch(url, { method: 'POST' }).then((response) => response.status, () => 'closed'));
  await asked[0];
  await other.stop();
  for (const how of await Promise.all(asked)) assert.ok(how === 200 || how === 'closed', how);
});
