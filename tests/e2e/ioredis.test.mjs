// A client library that uses RESP2.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Redis from 'ioredis';
import { serve, until } from './dcs_sim_process.mjs';

let server;
let redis;
before(async () => {
  server = await serve('--password', 'secret');
  redis = new Redis(server.respPort, server.host, { password: 'secret' });
});
after(async () => {
  redis?.disconnect();
  await server?.stop();
});

test('strings, options and pipelines', async () => {
  assert.equal(await redis.set('k', 'v', 'EX', 100, 'NX'), 'OK');
  assert.equal(await redis.set('k', 'w', 'NX'), null);
  assert.ok((await redis.pttl('k')) > 90_000);
  const pipeline = redis.pipeline();
  for (let i = 0; i < 1000; i++) pipeline.incr('counter');
  const replies = await pipeline.exec();
  assert.equal(replies.at(-1)[1], 1000);
  const bytes = Buffer.from([0, 255, 13, 10, 36]);
  await redis.set(bytes, bytes);
  assert.deepEqual(await redis.getBuffer(bytes), bytes);
});

test('hashes and wrong types', async () => {
  await redis.hset('h', { a: '1', b: '2' });
  assert.deepEqual(await redis.hgetall('h'), { a: '1', b: '2' });
  await assert.rejects(redis.incr('h'), /^ReplyError: WRONGTYPE/);
  assert.equal(await redis.hdel('h', 'a', 'b'), 2);
  assert.equal(await redis.exists('h'), 0);
});

test('expired keys are invisible', async () => {
  await redis.set('gone', 'v', 'PX', 1);
  await until(() => redis.exists('gone'), (there) => there === 0, 'the deadline');
  assert.equal(await redis.get('gone'), null);
  assert.equal(await redis.persist('gone'), 0);
});

test('a scan stream shows every key once', async () => {
  const pipeline = redis.pipeline();
  for (let i = 0; i < 500; i++) pipeline.set(`scanned:${i}`, 'v');
  await pipeline.exec();
  const seen = [];
  for await (const keys of redis.scanStream({ match: 'scanned:*', count: 7 })) seen.push(...keys);
  assert.equal(seen.length, 500);
  assert.equal(new Set(seen).size, 500);
});

test('without the password nothing is answered', async () => {
  const stranger = new Redis(server.respPort, server.host, { lazyConnect: true,
    enableReadyCheck: false });
  stranger.on('error', () => {});
  await assert.rejects(stranger.get('k'), /NOAUTH/);
  stranger.disconnect();
});
