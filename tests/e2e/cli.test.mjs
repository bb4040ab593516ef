// The program's own manners: options, ports, signals, size.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import Redis from 'ioredis';
import { cloudClient, routes } from './cloud_client.mjs';
import { runDcsSim, serve, until } from './dcs_sim_process.mjs';

test('says its version', async () => {
  const { code, stdout } = await runDcsSim('--version');
  assert.equal(code, 0);
  assert.match(stdout, /^dcs-sim \d+\.\d+\.\d+\n$/);
});

test('refuses what it does not understand and says why', async () => {
  for (const [args, why] of [
    [[], /subcommand/],
    [['serve', '--no-such-option'], /--no-such-option/],
    [['serve', '--instance-id', 'mine'], /mine is not an instance ID/],
    [['serve', '--project-id', 'x'], /x is not a project ID/],
    [['serve', '--engine-version', '2.8'], /2\.8/],
    [['serve', '--http-port', '65536'], /65536/],
    [['serve', '--resp-port', '-1'], /-1/],
    [['serve', '--shards', '3'], /power of two/],
    [['serve', '--natural-deletion', 'maybe'], /maybe/],
    [['serve', '--bind', 'nowhere', '--http-port', '0', '--resp-port', '0'], /nowhere/],
  ]) {
    const { code, stdout, stderr } = await runDcsSim(...args);
    assert.notEqual(code, 0, args.join(' '));
    assert.match(stdout + stderr, why);
  }
});

test('names a port that is in use', async () => {
  const server = await serve();
  try {
    for (const [option, port] of [['--http-port', server.httpPort],
      ['--resp-port', server.respPort]]) {
      const other = option === '--http-port' ? '--resp-port' : '--http-port';
      const { code, stderr } =
        await runDcsSim('serve', option, String(port), other, '0');
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`${port}.*in use`, 'i'));
    }
  } finally {
    await server.stop();
  }
});

test('ends cleanly on SIGTERM, clients connected and a scan running', async () => {
  const server = await serve('--natural-deletion', 'off');
  const redis = new Redis(server.respPort, server.host, { retryStrategy: null });
  redis.on('error', () => {});
  const pipeline = redis.pipeline();
  for (let i = 0; i < 20_000; i++) pipeline.set(`k:${i}`, 'v');
  await pipeline.exec();
  const cloud = cloudClient(server);
  await cloud.call(routes.createScan);
  await until(async () => (await cloud.call(routes.histories)).records[0],
    (record) => record.status === 'running', 'a running scan');
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  assert.equal(server.lines.length, 1, 'nothing but the ready line on standard output');
  redis.disconnect();
});

test('a small store is small', async () => {
  const server = await serve();
  const redis = new Redis(server.respPort, server.host);
  const pipeline = redis.pipeline();
  for (let i = 0; i < 1000; i++) pipeline.set(`k:${i}`, 'x'.repeat(100), 'EX', 1000 + i * 100);
  await pipeline.exec();
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]);
  // Sanitizers keep memory of their own.
  if (!process.env.DCS_SANITIZED) assert.ok(resident < 30_000, `${resident} kB`);
  redis.disconnect();
  await server.stop();
});

test('the demonstration ends with the record of a successful scan', async () => {
  const { code, stdout } = await runDcsSim('demo', '--once', '--keys', '3000');
  assert.equal(code, 0);
  assert.match(stdout, /"status": "success"/);
  assert.match(stdout, /"scan_type": "manual"/);
});
