// A client library that uses RESP3.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClient } from 'redis';
import { serve } from './dcs_sim_process.mjs';

let server;
let client;
before(async () => {
  server = await serve('--password', 'secret');
  client = createClient({
    url: `redis://:secret@${server.host}:${server.respPort}`,
    RESP: 3,
    name: 'e2e',
  });
  await client.connect();
});
after(async () => {
  client?.destroy();
  await server?.stop();
});

test('says HELLO in protocol 3', async () => {
  assert.match(await client.sendCommand(['CLIENT', 'INFO']), /name=e2e .*resp=3/);
});

test('strings, options and expiry', async () => {
  assert.equal(await client.set('k', 'v', { expiration: { type: 'EX', value: 100 } }), 'OK');
  assert.equal(await client.get('k'), 'v');
  assert.ok((await client.ttl('k')) > 90);
  assert.equal(await client.getEx('k', { type: 'PERSIST' }), 'v');
  assert.equal(await client.ttl('k'), -1);
  assert.equal(await client.get('nothing'), null);
});

test('hashes come as maps', async () => {
  await client.hSet('h', { a: '1', b: '2' });
  assert.deepEqual({ ...(await client.hGetAll('h')) }, { a: '1', b: '2' });
  await assert.rejects(client.incr('h'), /WRONGTYPE/);
});

test('batches and scan iterators', async () => {
  const replies = await Promise.all(
    Array.from({ length: 500 }, (_, i) => client.set(`scanned:${i}`, String(i))));
  assert.equal(replies.length, 500);
  const seen = [];
  for await (const keys of client.scanIterator({ MATCH: 'scanned:*', COUNT: 20 })) {
    seen.push(...[keys].flat());
  }
  assert.equal(new Set(seen).size, 500);
  assert.equal(seen.length, 500);
});
