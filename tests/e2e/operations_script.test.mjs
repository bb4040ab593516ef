// A day of an operations script on a clock that the test moves: every operation through the cloud's
// own client, from creating an instance to deleting it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Redis from 'ioredis';
import { cloudClient, routes } from './cloud_client.mjs';
import { serve } from './dcs_sim_process.mjs';

const kHour = 3_600_000;
const kPassword = 'Demo@1234';
const kExpired = 6_000;
const kLasting = 2_000;

let server;
let cloud;
let instanceId;
let redis;
before(async () => {
  server = await serve('--clock', 'virtual', '--natural-deletion', 'off');
  cloud = cloudClient(server);
});
after(async () => {
  redis?.disconnect();
  await server?.stop();
});

const ask = (route, options = {}) => cloud.call(route, { instanceId, ...options });
const show = () => ask(routes.showInstance);
const change = (action) => ask(routes.changeInstances, { body: { instances: [instanceId], action } });
const iso = (ms) => new Date(ms).toISOString();

async function advance(ms) {
  const response = await fetch(`${server.endpoint}/_sim/clock/advance?ms=${ms}`, { method: 'POST' });
  const { now_ms: now, reached } = await response.json();
  assert.equal(reached, true);
  return now;
}

// The client reconnects; at most two virtual seconds pass until it may.
async function afterTransition(status) {
  assert.equal((await show()).status, status);
  await advance(2_500);
  assert.equal((await show()).status, 'RUNNING');
}

async function fill(prefix) {
  const pipeline = redis.pipeline();
  for (let i = 0; i < kExpired; i++) pipeline.set(`${prefix}:short:${i}`, 'v', 'PX', 1_000);
  for (let i = 0; i < kLasting; i++) pipeline.set(`${prefix}:long:${i}`, 'v');
  await pipeline.exec();
}

test('an instance is created, and found with its port', async () => {
  const created = await ask(routes.createInstance, {
    body: { name: 'operations', engine: 'Redis', engine_version: '6.0', capacity: 0.5,
      spec_code: 'redis.ha.xu1.tiny.r2.512', az_codes: ['cn-north-4a', 'cn-north-4b'],
      vpc_id: 'd9c5ab5c-0000-4000-8000-1c9ff1c1b8f8',
      subnet_id: '2c5a1b44-0000-4000-8000-7a8f2e6b3d11', password: kPassword,
      no_password_access: false },
  });
  instanceId = created.instances[0].instance_id;
  await afterTransition('CREATING');
  const listed = await ask(routes.listInstances, { query: { name: 'operations' } });
  assert.deepEqual(listed.instances.map((instance) => instance.instance_id), [instanceId]);
  const { ip, port } = await show();
  assert.notEqual(port, server.respPort);
  redis = new Redis(port, ip, { password: kPassword, retryStrategy: () => 1 });
  assert.equal(await redis.ping(), 'PONG');
  const { group_list: groups } = await ask(routes.listGroups);
  assert.equal(groups.length, 1);
});

test('its configuration is read and set and takes effect', async () => {
  const { redis_config: parameters } = await ask(routes.listConfigurations);
  const timeout = parameters.find((parameter) => parameter.param_name === 'timeout');
  await ask(routes.updateConfigurations, {
    body: { redis_config: [{ param_id: timeout.param_id, param_name: 'timeout',
      param_value: '100' }] },
  });
  assert.deepEqual(await redis.config('GET', 'timeout'), ['timeout', '100']);
  await ask(routes.updateConfigurations, {
    body: { redis_config: [{ param_id: timeout.param_id, param_name: 'timeout',
      param_value: '0' }] },
  });
});

test('a manual scan releases expired keys', async () => {
  await fill('manual');
  await advance(2_000);
  assert.equal(await redis.dbsize(), kExpired + kLasting);
  const { id, status } = await ask(routes.createScan);
  assert.equal(status, 'waiting');
  await advance(kHour);
  const { records, total } = await ask(routes.histories);
  assert.equal(total, kExpired);
  assert.deepEqual(records.map((scan) => [scan.id, scan.scan_type, scan.status, scan.num]),
    [[id, 'manual', 'success', kExpired]]);
  assert.equal(await redis.dbsize(), kLasting);
  await ask(routes.scanNow); // the older operation for the same
  await advance(kHour);
  assert.equal((await ask(routes.histories)).count, 2);
});

test('automatic scans run at their times, three hours in a moment', async () => {
  await fill('automatic');
  const first = (await advance(2_000)) + 5 * 60_000;
  await ask(routes.setAutoscan, {
    body: { enable_auto_scan: true, first_scan_at: iso(first), interval: 3600, timeout: 7200,
      scan_keys_count: 100 },
  });
  const config = await ask(routes.showAutoscan);
  assert.equal(config.enable_auto_scan, true);
  assert.equal(`${config.first_scan_at}Z`, iso(first));
  await advance(3 * kHour);
  const { records } = await ask(routes.histories, { query: { limit: 3 } });
  assert.deepEqual(records.map((scan) => [scan.scan_type, scan.status, scan.created_at, scan.num]),
    [['auto', 'success', iso(first + 2 * kHour), 0], ['auto', 'success', iso(first + kHour), 0],
      ['auto', 'success', iso(first), kExpired]]);
  assert.equal(await redis.dbsize(), 2 * kLasting);
});

test('it is flushed and restarted, and scans again', async () => {
  await change('flush');
  await afterTransition('FLUSHING');
  assert.equal(await redis.dbsize(), 0);
  await redis.set('kept', 'v');
  for (const action of ['restart', 'soft_restart']) {
    await change(action);
    await assert.rejects(ask(routes.createScan), (error) => error.errorCode === 'DCS.4049');
    await afterTransition('RESTARTING');
  }
  assert.equal(await redis.get('kept'), 'v');
  const { count: before } = await ask(routes.histories);
  await advance(kHour);
  assert.equal((await ask(routes.histories)).count, before + 1);
});

test('it is deleted and gone', async () => {
  redis.disconnect();
  await ask(routes.deleteInstance);
  await advance(2_000);
  await assert.rejects(show(), (error) => error.errorCode === 'DCS.3022');
  const { instances } = await ask(routes.listInstances);
  assert.deepEqual(instances.map((instance) => instance.instance_id), [server.instanceId]);
});
