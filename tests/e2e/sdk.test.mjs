// The DCS API through the cloud's own client.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Redis from 'ioredis';
import { cloudClient, routes } from './cloud_client.mjs';
import { serve, until } from './dcs_sim_process.mjs';

const kTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const kExpired = 6_000;
const kLasting = 2_000;

let server;
let cloud;
before(async () => {
  server = await serve('--natural-deletion', 'off');
  cloud = cloudClient(server);
});
after(() => server?.stop());

async function fillWithExpired() {
  const redis = new Redis(server.respPort, server.host);
  const pipeline = redis.pipeline();
  for (let i = 0; i < kExpired; i++) pipeline.set(`short:${i}`, 'v', 'PX', 1);
  for (let i = 0; i < kLasting; i++) pipeline.set(`long:${i}`, 'v', 'EX', 3600);
  await pipeline.exec();
  redis.disconnect();
  await until(() => server.census(), (seen) => seen.expired_keys === kExpired, 'expired keys');
}

test('a scan goes from waiting through running to success and finds every expired key', async () => {
  await fillWithExpired();
  const created = await cloud.call(routes.createScan);
  assert.deepEqual(Object.keys(created).filter((key) => key !== 'httpStatusCode'),
    ['id', 'instance_id', 'status', 'scan_type', 'created_at']);
  assert.equal(created.httpStatusCode, 200);
  assert.equal(created.status, 'waiting');
  assert.equal(created.scan_type, 'manual');
  assert.equal(created.instance_id, server.instanceId);
  assert.match(created.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.match(created.created_at, kTime);

  const listed = await cloud.call(routes.histories);
  assert.equal(listed.records[0].id, created.id, 'listed as soon as the POST was answered');

  const record = async () => (await cloud.call(routes.histories)).records[0];
  const running = await until(record, (seen) => seen.status === 'running', 'a running scan');
  assert.match(running.started_at, kTime);
  assert.ok(!('finished_at' in running), 'absent until it exists');

  const ended = await until(record, (seen) => seen.status !== 'running', 'an ended scan');
  assert.equal(ended.status, 'success');
  assert.equal(ended.num, kExpired);
  assert.match(ended.finished_at, kTime);

  const census = await server.census();
  assert.equal(census.expired_keys, 0);
  assert.equal(census.keys, kLasting);
  const page = await cloud.call(routes.histories);
  assert.equal(page.count, 1);
  assert.equal(page.total, kExpired);
});

test('the newer name of the operation works the same', async () => {
  const created = await cloud.call(routes.scanNow);
  assert.equal(created.status, 'waiting');
  const seen = await until(
    async () => (await cloud.call(routes.histories)).records.find((r) => r.id === created.id),
    (record) => record?.status === 'success', 'the scan');
  assert.equal(seen.scan_type, 'manual');
});

test('histories page, filter and answer an offset past the end with no records', async () => {
  const past = await cloud.call(routes.histories, { query: { offset: 1000, limit: 10 } });
  assert.equal(past.httpStatusCode, 200);
  assert.deepEqual(past.records, []);
  const one = await cloud.call(routes.histories, { query: { limit: 1, status: 'success' } });
  assert.equal(one.records.length, 1);
  const none = await cloud.call(routes.histories, { query: { status: 'failed' } });
  assert.deepEqual(none.records, []);
  await assert.rejects(cloud.call(routes.histories, { query: { limit: 1001 } }),
    { httpStatusCode: 400, errorCode: 'DCS.4062' });
});

test('errors carry the published code, message and a request ID', async () => {
  const refused = (call, status, code, message) =>
    assert.rejects(call, (error) => {
      assert.equal(error.httpStatusCode, status);
      assert.equal(error.errorCode, code);
      if (message) assert.equal(error.errorMsg, message);
      assert.ok(error.requestId, 'a request ID');
      return true;
    });
  await refused(cloudClient(server, { sk: 'wrong' }).call(routes.createScan), 401, 'APIGW.0301');
  await refused(
    cloud.call(routes.createScan, { instanceId: '11111111-2222-3333-4444-555555555555' }),
    404, 'DCS.3022', 'This DCS instance does not exist.');
  for (const instanceId of ['{instance_id}', '%7Binstance_id%7D', '']) {
    await refused(cloud.call(routes.createScan, { instanceId }), 400, 'DCS.4061',
      'Invalid instance ID format.');
  }
  await refused(cloud.call(['PUT', routes.createScan[1]]), 405, 'DCS.5001',
    'This request method is not allowed.');
  const before = await server.census();
  assert.equal(before.keys, kLasting, 'nothing was changed');
});

test('a Redis 3.0 instance does not support the scan', async () => {
  const old = await serve('--engine-version', '3.0');
  try {
    await assert.rejects(cloudClient(old).call(routes.createScan), {
      httpStatusCode: 400,
      errorCode: 'DCS.4818',
      errorMsg: 'Do not support auto expire scan.',
    });
  } finally {
    await old.stop();
  }
});

test('IAM names exactly one project', async () => {
  const { projects } = await cloud.call(['GET', '/v3/projects'], {
    query: { name: 'cn-north-4' },
  });
  assert.equal(projects.length, 1);
  assert.equal(projects[0].id, server.projectId);
});
