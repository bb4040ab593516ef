// The promise of --state-dir: instances, configurations, automatic scans, histories and keys
// survive any end of the program. state_files.test.mjs tests which files it touches and which it
// refuses.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync }
  from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Redis from 'ioredis';
import { cloudClient, routes } from './cloud_client.mjs';
import { runDcsSim, serve, serveWithLog, stateDirectory, until } from './dcs_sim_process.mjs';

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

// Waits until the state on the disk matches.
const untilWritten = (dir, text) => until(
  () => (existsSync(join(dir, 'state.json')) ? readFileSync(join(dir, 'state.json'), 'utf8') : ''),
  (file) => file.includes(text), `${text} in the state`);

test('every end signal saves the state and ends with exit status 0', async () => {
  const dir = stateDirectory();
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGXCPU']) {
    const server = await start(dir);
    await onServer(server, (redis) => redis.set('last', signal));
    await server.stop(signal);
    const again = await start(dir);
    assert.equal(await onServer(again, (redis) => redis.get('last')), signal);
    await again.stop();
  }
});

// Makes the state impossible to write: even root cannot replace a directory by a file.
const obstacle = (dir) => join(dir, 'state.json.unfinished');
const obstruct = (dir) => mkdirSync(obstacle(dir));
const clear = (dir) => rmdirSync(obstacle(dir));

const health = async (server) => (await fetch(`${server.endpoint}/_sim/health`)).json();

test('a failed write of the state is retried; changes are refused until it succeeds', async () => {
  const dir = stateDirectory();
  const first = await serveWithLog('--state-dir', dir, '--create-ms', '100');
  const cloud = cloudClient(first);
  assert.equal((await health(first)).status, 'ok');
  obstruct(dir);
  const instanceId = await createInstance(cloud, 'acknowledged');
  const degraded = await until(() => health(first), (seen) => seen.status !== 'ok', 'degraded');
  assert.equal(degraded.status, 'degraded');
  assert.equal(degraded.reason, `${obstacle(dir)} is a directory, not a file`);
  const before = await cloud.call(routes.listInstances);
  await assert.rejects(createInstance(cloud, 'refused'),
    (error) => error.httpStatusCode === 500 && error.errorCode === 'DCS.5000');
  await assert.rejects(cloud.call(routes.deleteInstance, { instanceId }),
    (error) => error.errorCode === 'DCS.5000');
  await assert.rejects(cloud.call(routes.createScan), (error) => error.errorCode === 'DCS.5000');
  assert.deepEqual(await cloud.call(routes.listInstances), before);

  clear(dir);
  await until(() => health(first), (seen) => seen.status === 'ok', 'a written state');
  for (const line of [/could not save the state, will retry: .*a directory/,
    /the state is on the disk again/]) {
    await until(() => first.log.text, (text) => line.test(text), `${line} in the log`);
  }
  await createInstance(cloud, 'accepted');
  await untilWritten(dir, '"accepted"');
  await kill(first);

  const second = await start(dir);
  const names = (await cloudClient(second).call(routes.listInstances)).instances
    .map(({ name }) => name);
  assert.deepEqual(names, ['dcs-sim', 'acknowledged', 'accepted']);
  await second.stop();
});

test('a failed write of the state at the end sets the exit status', async () => {
  const dir = stateDirectory();
  const server = await serveWithLog('--state-dir', dir);
  obstruct(dir);
  await assert.rejects(server.stop(), /exit status 0/);
  assert.deepEqual(await server.ended, { code: 1, signal: null });
  assert.match(server.log.text, /could not save the state: /);
});

test('a failed write of the state at the start ends the program', async () => {
  const dir = stateDirectory();
  obstruct(dir);
  const { code, stdout, stderr } =
    await runDcsSim('serve', '--state-dir', dir, '--http-port', '0', '--resp-port', '0');
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
  assert.ok(stderr.includes(`${obstacle(dir)} is a directory, not a file`), stderr);
});

test('a failed save of keys at the end sets the exit status', async () => {
  const dir = stateDirectory();
  const server = await start(dir);
  await onServer(server, (redis) => redis.set('k', 'v'));
  rmSync(dir, { recursive: true });
  await assert.rejects(server.stop(), /exit status 0/);
  assert.deepEqual(await server.ended, { code: 1, signal: null });
});

test('everything is restored after SIGTERM', async () => {
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

test('kill -9 keeps the last snapshot and fails the running scan', async () => {
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

test('kill -9 at any moment leaves the previous or the next state', async () => {
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

test('a damaged file ends the program, is named, and nothing changes', async () => {
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

// ---- Time ---------------------------------------------------------------------------------------

const clock = async (server) => (await fetch(`${server.endpoint}/_sim/clock`)).json();
const advance = (server, ms) =>
  fetch(`${server.endpoint}/_sim/clock/advance?ms=${ms}`, { method: 'POST' });
const setRate = (server, rate) =>
  fetch(`${server.endpoint}/_sim/clock/rate?rate=${rate}`, { method: 'PUT' });
const dayMs = 86_400_000;

for (const end of ['stop', 'kill']) {
  test(`a virtual clock goes on where it was after a ${end}`, async () => {
    const dir = stateDirectory();
    const first = await start(dir, '--clock', 'virtual');
    const started = await clock(first);
    assert.equal((await advance(first, 10 * dayMs)).status, 200);
    await onServer(first, async (redis) => {
      await redis.set('soon', 'v', 'PX', 1000);
      await redis.set('later', 'v', 'PX', dayMs);
    });
    await cloudClient(first).call(routes.createScan);
    await advance(first, 60_000);
    const [record] = (await cloudClient(first).call(routes.histories)).records;
    const before = await clock(first);
    assert.equal((await snapshot(first)).status, 200);
    await untilWritten(dir, `"now":${before.now_ms},`);
    await (end === 'stop' ? first.stop() : kill(first));

    const second = await start(dir, '--clock', 'virtual');
    assert.deepEqual(await clock(second), before);
    assert.equal(before.now_ms, started.now_ms + 10 * dayMs + 60_000);
    await onServer(second, async (redis) => {
      assert.equal(await redis.get('soon'), null);
      assert.equal(await redis.pttl('later'), dayMs - 60_000);
    });
    assert.deepEqual((await cloudClient(second).call(routes.histories)).records, [record]);
    // A reset goes back to the first start.
    await fetch(`${second.endpoint}/_sim/reset`, { method: 'POST' });
    assert.equal((await clock(second)).now_ms, started.now_ms);
    await second.stop();
    const third = await start(dir, '--clock', 'virtual');
    assert.equal((await clock(third)).now_ms, started.now_ms);
    assert.equal(await onServer(third, (redis) => redis.dbsize()), 0);
    await third.stop();
  });
}

test('a virtual clock keeps its rate unless the command line sets one', async () => {
  const dir = stateDirectory();
  const first = await start(dir, '--clock', 'virtual');
  await setRate(first, 2.5);
  await first.stop();
  const second = await start(dir, '--clock', 'virtual');
  assert.equal((await clock(second)).rate, 2.5);
  await second.stop();
  const third = await start(dir, '--time-scale', '4');
  assert.equal((await clock(third)).rate, 4);
  await third.stop();
});

test('a state of another kind of clock is refused', async () => {
  for (const [first, second, reason] of [
    [['--clock', 'virtual'], [], /was written under a virtual clock, .*Start with --clock virtual/],
    [[], ['--clock', 'virtual'], /was written under the system's clock, .*Start with --clock real/],
  ]) {
    const dir = stateDirectory();
    await (await start(dir, ...first)).stop();
    const files = readdirSync(dir);
    const { code, stdout, stderr } = await runDcsSim('serve', '--state-dir', dir, '--http-port',
      '0', '--resp-port', '0', ...second);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
    assert.match(stderr, reason);
    assert.deepEqual(readdirSync(dir), files);
  }
});

// ---- Options ------------------------------------------------------------------------------------

test('options that the state overrides are named in the log', async () => {
  const dir = stateDirectory();
  const first = await start(dir, '--password', 'first-secret');
  await first.stop();
  const same = await serveWithLog('--state-dir', dir, '--password', 'first-secret',
    '--engine-version', '7.0', '--cache-mode', 'ha');
  await same.stop();
  assert.equal(same.log.text, '');
  const second = await serveWithLog('--state-dir', dir, '--resp-port', '1', '--password',
    'second-secret', '--engine-version', '6.0', '--cache-mode', 'single');
  await second.stop();
  const warnings = second.log.text.split('\n').filter((line) => line.includes('is ignored'));
  for (const [option, says] of [['--resp-port', first.respPort], ['--password', 'another one'],
    ['--engine-version', '7.0'], ['--cache-mode', 'ha']]) {
    const [line, ...more] = warnings.filter((text) => text.includes(`${option} is ignored`));
    assert.deepEqual(more, []);
    assert.ok(line?.includes(`in ${dir} has ${says}`), `${option}: ${second.log.text}`);
  }
  assert.equal(warnings.length, 4, second.log.text);
  assert.doesNotMatch(second.log.text, /secret/);
});

test('without --state-dir there is no snapshot', async () => {
  const server = await serve();
  const { status, body } = await snapshot(server);
  assert.equal(status, 404);
  assert.equal(body.error_code, 'DCS.4001');
  await server.stop();
});
