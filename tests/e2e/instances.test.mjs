// Instances and their automatic scans, driven by the cloud's own client for the API and a Redis
// client for the keys.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Redis from 'ioredis';
import { cloudClient, routes } from './cloud_client.mjs';
import { serve, until } from './dcs_sim_process.mjs';

const kPassword = 'Demo@1234';
const kExpired = 3_000;
const kLasting = 1_000;

let server;
let cloud;
before(async () => {
  server = await serve('--natural-deletion', 'off', '--create-ms', '300', '--restart-ms', '300',
    '--soft-restart-ms', '200', '--flush-ms', '200', '--delete-ms', '200');
  cloud = cloudClient(server);
});
after(() => server?.stop());

const body = (name, changes = {}) => ({
  name,
  engine: 'Redis',
  engine_version: '6.0',
  capacity: 0.5,
  spec_code: 'redis.ha.xu1.tiny.r2.512',
  az_codes: ['cn-north-4a', 'cn-north-4b'],
  vpc_id: 'd9c5ab5c-0000-4000-8000-1c9ff1c1b8f8',
  subnet_id: '2c5a1b44-0000-4000-8000-7a8f2e6b3d11',
  security_group_id: '5c7a1b44-0000-4000-8000-7a8f2e6b3d11',
  password: kPassword,
  no_password_access: false,
  bss_param: { charging_mode: 'postPaid' },
  tags: [{ key: 'team', value: 'cache' }],
  ...changes,
});

const show = (instanceId) => cloud.call(routes.showInstance, { instanceId });
const running = (instanceId) =>
  until(() => show(instanceId), (seen) => seen.status === 'RUNNING', 'a running instance');

async function create(name, changes) {
  const { instances } = await cloud.call(routes.createInstance, { body: body(name, changes) });
  assert.equal(instances.length, 1);
  return instances[0].instance_id;
}

// Returns when connected; does not reconnect after the server drops it.
async function connect({ ip, port }, password = kPassword) {
  const redis = new Redis(port, ip, { password, lazyConnect: true, retryStrategy: null,
    maxRetriesPerRequest: 0 });
  redis.on('error', () => {});
  await redis.connect();
  return redis;
}

const change = (action, ...instances) =>
  cloud.call(routes.changeInstances, { body: { instances, action } });

test('an instance is created, filled, scanned by schedule, and deleted', async () => {
  const instanceId = await create('from-a-script');
  assert.equal((await show(instanceId)).status, 'CREATING');
  const instance = await running(instanceId);
  assert.equal(instance.cache_mode, 'ha');
  assert.equal(instance.max_memory, 512);
  assert.equal(instance.vpc_id, 'd9c5ab5c-0000-4000-8000-1c9ff1c1b8f8');
  assert.deepEqual(instance.tags, [{ key: 'team', value: 'cache' }]);
  assert.notEqual(instance.port, server.respPort);

  await assert.rejects(async () => {
    const stranger = await connect(instance, 'wrong');
    await stranger.ping();
  }, 'a wrong password');
  const redis = await connect(instance);
  const pipeline = redis.pipeline();
  for (let i = 0; i < kExpired; i++) pipeline.set(`short:${i}`, 'v', 'PX', 1);
  for (let i = 0; i < kLasting; i++) pipeline.set(`long:${i}`, 'v', 'EX', 3600);
  await pipeline.exec();
  assert.match(await redis.info('server'), /redis_version:6\.0/);
  const census = () => server.census(instanceId);
  await until(census, (seen) => seen.expired_keys === kExpired, 'expired keys');

  const wanted = {
    enable_auto_scan: true,
    first_scan_at: new Date(Date.now() + 2_000).toISOString(),
    interval: 3600,
    timeout: 7200,
    scan_keys_count: 500,
  };
  const configured = await cloud.call(routes.setAutoscan, { instanceId, body: wanted });
  assert.equal(configured.instance_id, instanceId);
  assert.equal(`${configured.first_scan_at}Z`, wanted.first_scan_at);
  assert.equal((await cloud.call(routes.showAutoscan, { instanceId })).scan_keys_count, 500);
  assert.equal((await cloud.call(routes.histories, { instanceId })).count, 0, 'not yet');

  const record = await until(
    async () => (await cloud.call(routes.histories, { instanceId })).records[0],
    (seen) => seen?.status === 'success', 'the automatic scan');
  assert.equal(record.scan_type, 'auto');
  assert.equal(record.num, kExpired);
  assert.ok(record.started_at >= wanted.first_scan_at, 'not before its time');
  assert.equal((await census()).keys, kLasting);
  assert.equal(await redis.dbsize(), kLasting);
  assert.equal((await cloud.call(routes.histories)).count, 0, 'the other instance has its own');

  const off = await cloud.call(routes.setAutoscan, { instanceId, body: { enable_auto_scan: false } });
  assert.equal(off.enable_auto_scan, false);
  assert.equal(off.interval, 3600);

  const closed = new Promise((resolve) => redis.once('close', resolve));
  const deleted = await cloud.call(routes.deleteInstance, { instanceId });
  assert.equal(deleted.httpStatusCode, 204);
  await closed;
  await until(
    async () => (await cloud.call(routes.listInstances)).instances.map((seen) => seen.instance_id),
    (ids) => !ids.includes(instanceId), 'its end');
  await assert.rejects(show(instanceId), { httpStatusCode: 404, errorCode: 'DCS.3022' });
  await assert.rejects(connect(instance), 'nobody listens there any more');
});

test('a restart drops clients and keeps port and keys; a flush keeps clients and drops keys', async () => {
  const instanceId = await create('restarted', { no_password_access: true });
  const { port } = await running(instanceId);
  const redis = await connect({ ip: server.host, port }, null);
  await redis.set('lasting', 'v');
  await redis.set('expired', 'v', 'PX', 1);
  const closed = new Promise((resolve) => redis.once('close', resolve));
  const { results } = await change('restart', instanceId);
  assert.deepEqual(results, [{ instance: instanceId, result: 'success' }]);
  assert.equal((await show(instanceId)).status, 'RESTARTING');
  await closed;
  await assert.rejects(cloud.call(routes.createScan, { instanceId }),
    { httpStatusCode: 400, errorCode: 'DCS.4049', errorMsg: 'The instance status is not running.' });
  assert.equal((await running(instanceId)).port, port);

  const again = await connect({ ip: server.host, port }, null);
  assert.equal(await again.get('lasting'), 'v');
  assert.equal(await again.dbsize(), 1, 'what had expired is gone');
  await change('flush', instanceId);
  assert.equal(await again.dbsize(), 0);
  await running(instanceId);
  assert.equal(await again.ping(), 'PONG');
  again.disconnect();
});

test('configuration parameters take effect in the instance', async () => {
  const redis = new Redis(server.respPort, server.host);
  const set = (param_id, param_name, param_value) =>
    cloud.call(routes.updateConfigurations,
      { body: { redis_config: [{ param_id, param_name, param_value }] } });
  assert.equal((await set('1001', 'hz', '50')).httpStatusCode, 204);
  assert.match(await redis.info('server'), /\r\nhz:50\r\n/);
  const { redis_config: listed } = await cloud.call(routes.listConfigurations);
  assert.equal(listed.find((row) => row.param_name === 'hz').param_value, '50');
  await assert.rejects(set('1', 'timeout', '7201'), {
    httpStatusCode: 400,
    errorCode: 'DCS.4066',
    errorMsg: 'Invalid value of the configure parameter timeout.',
  });
  redis.disconnect();
});

test('a full instance refuses writes', async () => {
  const instanceId = await create('small', { capacity: 0.125, no_password_access: true });
  const redis = await connect(await running(instanceId), null);
  const value = Buffer.alloc(1 << 20);
  await assert.rejects(async () => {
    for (let i = 0; i < 200; i++) await redis.set(`key:${i}`, value);
  }, /OOM/);
  assert.ok((await show(instanceId)).used_memory >= 100, 'in MB');
  redis.disconnect();
});

test('lists are filtered; shards and replicas are shown', async () => {
  const { instance_num: all } = await cloud.call(routes.listInstances);
  const found = await cloud.call(routes.listInstances, { query: { name: 'dcs-sim', name_equal: 'true' } });
  assert.ok(all >= found.instance_num);
  assert.equal(found.instance_num, 1);
  assert.equal(found.instances[0].instance_id, server.instanceId);
  const { group_list: groups } = await cloud.call(routes.listGroups);
  assert.deepEqual(groups[0].replication_list.map((replica) => replica.replication_role),
    ['master', 'slave']);
});

test('unsupported features are refused with the cloud\'s errors', async () => {
  await assert.rejects(create('a-cluster', { spec_code: 'redis.cluster.xu1.large.r2.8' }),
    { httpStatusCode: 400, errorCode: 'DCS.4007', errorMsg: 'Instance type is not supported.' });
  await assert.rejects(create('memcached', { engine: 'Memcached' }),
    { httpStatusCode: 400, errorCode: 'DCS.4006' });
  await assert.rejects(
    cloud.call(routes.setAutoscan, { body: { enable_auto_scan: true } }),
    { httpStatusCode: 400, errorCode: 'DCS.4062' });
});
