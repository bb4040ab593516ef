// Both fronts over TLS.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import Redis from 'ioredis';
import { cloudClient, routes } from './cloud_client.mjs';
import { run, runDcsSim, serve } from './dcs_sim_process.mjs';

const directory = mkdtempSync(join(tmpdir(), 'dcs-sim-tls-'));
const file = (name) => join(directory, name);
const [certificate, key] = [file('server.crt'), file('server.key')];

let server;
before(async () => {
  const { code, stderr } = await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=127.0.0.1', '-addext',
    'subjectAltName=IP:127.0.0.1', '-days', '1', '-out', certificate, '-keyout', key]);
  assert.equal(code, 0, stderr);
  server = await serve('--tls-cert', certificate, '--tls-key', key, '--token', 'a-token');
  https.globalAgent.options.ca = readFileSync(certificate);
});
after(async () => {
  https.globalAgent.destroy();
  await server?.stop();
  rmSync(directory, { recursive: true });
});

async function get(target, options = {}) {
  const [answer] = await once(
    https.get(`${server.endpoint}${target}`, { headers: { 'X-Auth-Token': 'a-token' }, ...options }),
    'response');
  return { status: answer.statusCode, body: await json(answer) };
}

test('the API and its links use HTTPS', async () => {
  assert.equal((await get('/_sim/health')).body.status, 'ok');
  const { status, body } = await get('/v3/projects');
  assert.equal(status, 200);
  assert.equal(body.links.self, `${server.endpoint}/v3/projects`);
});

test('the cloud\'s own client scans over HTTPS', async () => {
  const cloud = cloudClient(server);
  const created = await cloud.call(routes.createScan);
  assert.equal(created.status, 'waiting');
  const { records } = await cloud.call(routes.histories);
  assert.equal(records[0].id, created.id);
});

test('Redis clients are served over TLS', async () => {
  const redis = new Redis(server.respPort, server.host, { tls: { ca: readFileSync(certificate) } });
  const pipeline = redis.pipeline();
  for (let i = 0; i < 20_000; i++) pipeline.set(`k:${i}`, 'x'.repeat(100), 'EX', 1000);
  await pipeline.exec();
  assert.equal(await redis.dbsize(), 20_000);
  const large = 'y'.repeat(5 << 20);
  await redis.set('large', large);
  assert.equal(await redis.get('large'), large);
  assert.equal(await redis.quit(), 'OK');

  const { code, stdout } = await run('redis-cli', ['-h', server.host, '-p', server.respPort,
    '--tls', '--cacert', certificate, 'GET', 'k:7']);
  assert.equal(code, 0);
  assert.equal(stdout.trim(), 'x'.repeat(100));
});

test('a plain-text Redis client is cut off and does not block others', async () => {
  const clear = net.connect(server.respPort, server.host);
  clear.on('error', () => {});
  clear.write('*1\r\n$4\r\nPING\r\n');
  let received = '';
  clear.on('data', (data) => (received += data.toString('latin1')));
  await once(clear, 'close');
  assert.doesNotMatch(received, /PONG/);
});

test('clients without trust in the certificate or with plain HTTP are not served', async () => {
  await assert.rejects(get('/_sim/health', { ca: [], agent: false }), /self-signed/);
  await assert.rejects(fetch(`${server.endpoint.replace('https', 'http')}/_sim/health`));
});

test('missing or invalid files prevent the start and are named', async () => {
  const text = file('text');
  writeFileSync(text, 'nonsense');
  for (const [cert, secret, named] of [
    [file('nowhere'), key, 'nowhere'],
    [text, key, text],
    [certificate, text, text],
    [certificate, certificate, certificate],
  ]) {
    const { code, stderr } = await runDcsSim('serve', '--http-port', '0', '--resp-port', '0',
      '--tls-cert', cert, '--tls-key', secret);
    assert.equal(code, 1);
    assert.ok(stderr.startsWith('dcs-sim: TLS: ') && stderr.includes(named), stderr);
  }
});

test('a certificate requires its own key', async () => {
  for (const option of ['--tls-cert', '--tls-key']) {
    const { code, stdout, stderr } = await runDcsSim('serve', option, certificate);
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /--tls-cert|--tls-key/);
  }
});
