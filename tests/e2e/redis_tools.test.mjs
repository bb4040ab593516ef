// The command line tools that come with Redis.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { run, serve } from './dcs_sim_process.mjs';

let server;
before(async () => {
  server = await serve();
});
after(() => server?.stop());

const address = () => ['-h', server.host, '-p', String(server.respPort)];
const cli = (args, options) => run('redis-cli', [...address(), ...args], options);

test('redis-cli works', async () => {
  assert.equal((await cli(['PING'])).stdout, 'PONG\n');
  assert.equal((await cli(['SET', 'k', 'v', 'PX', '100000'])).stdout, 'OK\n');
  assert.equal((await cli(['GET', 'k'])).stdout, 'v\n');
  const info = (await cli(['INFO'])).stdout;
  for (const field of ['redis_version', 'used_memory', 'used_memory_rss', 'expired_keys',
    'lazyfree_pending_objects', 'expired_unreleased_keys', 'expired_unreleased_bytes']) {
    assert.match(info, new RegExp(`^${field}:`, 'm'), field);
  }
  assert.match(info, /^db0:keys=1,expires=1/m);
});

test('redis-cli loads through a pipe and lists what it loaded', async () => {
  let input = '';
  for (let i = 0; i < 5000; i++) input += `SET piped:${i} value\r\n`;
  const loaded = await cli(['--pipe'], { input });
  assert.match(loaded.stdout, /errors: 0, replies: 5000/);
  const listed = await cli(['--scan', '--pattern', 'piped:*']);
  assert.equal(new Set(listed.stdout.trim().split('\n')).size, 5000);
});

test('redis-benchmark runs', async () => {
  const result = await run('redis-benchmark',
    [...address(), '-t', 'set,get', '-P', '16', '-n', '20000', '-q']);
  assert.equal(result.code, 0);
  assert.match(result.stdout, /SET: \d+.* requests per second/);
  assert.match(result.stdout, /GET: \d+.* requests per second/);
});
