// What --state-dir promises: instances, configurations, automatic scans, histories and keys are there
// again after an end, however that came.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Redis from 'ioredis';
import { cloudClient, routes } from './cloud_client.mjs';
import { runDcsSim, serve, stateDirectory, until } from './dcs_sim_process.mjs';

const start = (dir, ...args) =>
  serve('--state-dir', dir, '--natural-deletion', 'off', '--create-ms', '100',
    ...args);

async function kill(server) {
  process.kill(server.pid, 'SIGKILL');
  await server.ended;
}

async function withRedis({ host, port, password }, use) {
  const redis = new Redis(port, host, { password, retryStrategy: null });
  redis.on('error', () => {});
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

const onServer = (server, use) => withRedis({ host: server.host, port: server.respPort }, use);

async function createInstance(cloud, name) {
  const { instances } = await cloud.call(routes.createInstance, {
    body: { name, engine: 'Redis', engine_version: '6.0', capacity: 0.5,
      spec_code: 'redis.ha.xu1.tiny.r2.512', az_codes: ['cn-north-4a'], vpc_id: 'vpc',
      subnet_id: 'subnet', security_group_id: 'group', password: 'Demo@1234',
      no_password_access: false },
  });
  const instanceId = instances[0].instance_id;
  await until(() => cloud.call(routes.showInstance, { instanceId }),
    (seen) => seen.status === 'RUNNING', 'a running instance');
  return instanceId;
}

async function snapshot(server, query = '') {
  const response = await fetch(`${server.endpoint}/_sim/snapshot${query}`, { method: 'POST' });
  return { status: response.status, body: await response.json() };
}

// Until the state on the disk says so.
const untilWritten = (dir, text) => until(
  () => (existsSync(join(dir, 'state.json')) ? readFileSync(join(dir, 'state.json'), 'utf8') : ''),
  (file) => file.includes(text), `${text} in the state`);

test('a last save that fails is told by the exit status', async () => {
  const dir = stateDirectory();
  const server = await start(dir);
  await onServer(server, (redis) => redis.set('k', 'v'));
  rmSync(dir, { recursive: true });
  await assert.rejects(server.stop(), /exit status 0/);
  assert.deepEqual(await server.ended, { code: 1, signal: null });
});

test('all of it comes back after SIGTERM', async () => {
  const dir = stateDirectory();
  const first = await start(dir);
  const cloud = cloudClient(first);
  const instanceId = await createInstance(cloud, 'kept');
  const before = await cloud.call(routes.showInstance, { instanceId });
  await cloud.call(routes.updateConfigurations, { instanceId,
    body: { redis_config: [{ param_id: '1', param_name: 'timeout', param_value: '77' }] } });
  await cloud.call(routes.setAutoscan, { instanceId,
    body: { enable_auto_scan: true, first_scan_at: '2099-01-01T00:00:00.000', interval: 1440,
      timeout: 2880, scan_keys_count: 60 } });
  const { id } = await cloud.call(routes.createScan);
  await until(async () => (await cloud.call(routes.histories)).records[0],
    (record) => record.status === 'success', 'an ended scan');
  await onServer(first, async (redis) => {
    await redis.set('lasting', 'v');
    await redis.set('expired', 'v', 'PX', 1);
    await redis.set('later', 'v', 'PXAT', 4_000_000_000_000);
    await redis.hset('hash', { a: '1', b: Buffer.from([0, 255]) });
  });
  await until(() => first.census(first.instanceId), (seen) => seen.expired_keys === 1, 'expiry');
  const census = await first.census(first.instanceId);
  const config = await cloud.call(routes.showAutoscan, { instanceId });
  await first.stop();

  const second = await start(dir);
  const again = cloudClient(second);
  const shown = await again.call(routes.showInstance, { instanceId });
  assert.equal(shown.status, 'RUNNING');
  for (const member of ['name', 'port', 'engine_version', 'created_at', 'vpc_id', 'spec_code']) {
    assert.deepEqual(shown[member], before[member], member);
  }
  await withRedis({ host: shown.ip, port: shown.port, password: 'Demo@1234' }, async (redis) =>
    assert.equal((await redis.config('GET', 'timeout'))[1], '77'));
  assert.deepEqual(await again.call(routes.showAutoscan, { instanceId }), config);
  const history = await again.call(routes.histories);
  assert.equal(history.records[0].id, id);
  assert.equal(history.records[0].status, 'success');
  const { keys, expired_keys, expired_bytes } = await second.census(second.instanceId);
  assert.deepEqual({ keys, expired_keys, expired_bytes },
    { keys: 4, expired_keys: 1, expired_bytes: census.expired_bytes });
  await onServer(second, async (redis) => {
    assert.equal(await redis.get('lasting'), 'v');
    assert.equal(await redis.get('expired'), null);
    assert.equal(await redis.pexpiretime('later'), 4_000_000_000_000);
    assert.deepEqual(await redis.hgetallBuffer('hash'),
      { a: Buffer.from('1'), b: Buffer.from([0, 255]) });
  });
  await second.stop();
});

test('kill -9 leaves the last snapshot, and a scan that ran has failed', async () => {
  const dir = stateDirectory();
  const first = await start(dir);
  await onServer(first, async (redis) => {
    const pipeline = redis.pipeline();
    for (let i = 0; i < 20_000; i++) pipeline.set(`k:${i}`, 'v');
    await pipeline.exec();
    const { status, body } = await snapshot(first, `?instance_id=${first.instanceId}`);
    assert.equal(status, 200);
    assert.equal(body.keys, 20_000);
    assert.ok(body.bytes > 20_000 && body.seconds > 0, JSON.stringify(body));
    await redis.set('after', 'v');
  });
  const { id } = await cloudClient(first).call(routes.createScan);
  await untilWritten(dir, `"id":"${id}","status":1`);
  await kill(first);

  const second = await start(dir);
  assert.equal((await second.census()).keys, 20_000);
  const [record] = (await cloudClient(second).call(routes.histories)).records;
  assert.equal(record.id, id);
  assert.equal(record.status, 'failed');
  await second.stop();
});

test('kill -9 at any moment leaves the previous state or the next one', async () => {
  const dir = stateDirectory();
  let known = 0;
  for (let round = 0; round < 8; round++) {
    const server = await start(dir);
    await onServer(server, async (redis) => {
      const generations = new Set(await redis.mget(...Array.from({ length: 500 }, (_, i) => `k:${i}`)));
      assert.equal(generations.size, 1, 'snapshots are not mixed');
      const generation = Number([...generations][0] ?? 0);
      assert.ok(generation >= known, `${generation} is before ${known}, which was answered`);
      for (let next = generation + 1; next < generation + 4; next++) {
        const pipeline = redis.pipeline();
        for (let i = 0; i < 500; i++) pipeline.set(`k:${i}`, String(next));
        await pipeline.exec();
        if (next === generation + 3) break;
        assert.equal((await snapshot(server)).status, 200);
        known = next;
      }
    });
    snapshot(server).catch(() => {}); // under way, perhaps
    for (let turns = 0; turns < round * 3; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await kill(server);
  }
});

test('a directory is for one process at a time', async () => {
  const dir = stateDirectory();
  const server = await start(dir);
  const { code, stderr } =
    await runDcsSim('serve', '--state-dir', dir, '--http-port', '0', '--resp-port', '0');
  assert.equal(code, 1);
  assert.ok(stderr.includes(`state directory ${dir} is in use by another process`), stderr);
  await server.stop();
});

test('a damaged file ends the program with its name, and nothing is changed', async () => {
  const dir = stateDirectory();
  const server = await start(dir);
  await onServer(server, (redis) => redis.set('k', 'v'));
  await server.stop();
  const files = readdirSync(dir).filter((name) => name !== 'lock');
  assert.deepEqual(files.sort(), [`${server.instanceId}.0.keys`, 'state.json']);
  for (const name of files) {
    const path = join(dir, name);
    const good = readFileSync(path);
    for (const damaged of [good.subarray(0, good.length - 1), Buffer.from('')]) {
      writeFileSync(path, damaged);
      const { code, stdout, stderr } =
        await runDcsSim('serve', '--state-dir', dir, '--http-port', '0', '--resp-port', '0');
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.ok(stderr.includes(`${path}: damaged: `), stderr);
      assert.deepEqual(readFileSync(path), damaged);
    }
    writeFileSync(path, good);
  }
  const again = await start(dir);
  assert.equal(await onServer(again, (redis) => redis.get('k')), 'v');
  await again.stop();
});

test('without --state-dir there is no snapshot', async () => {
  const server = await serve();
  const { status, body } = await snapshot(server);
  assert.equal(status, 404);
  assert.equal(body.error_code, 'DCS.4001');
  await server.stop();
});
