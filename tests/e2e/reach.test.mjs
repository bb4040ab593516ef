// Network access: web pages, other host names, other machines, other clients.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import Redis from 'ioredis';
import { cloudClient } from './cloud_client.mjs';
import { accessKey, runDcsSim, secretKey, serve, stateDirectory } from './dcs_sim_process.mjs';

const simToken = 'a-simulator-token';

let server;
before(async () => {
  server = await serve('--no-auth', '--clock', 'virtual', '--allow-origin', 'http://localhost:3000',
    '--allow-origin', 'https://console.example', '--allow-host', 'dcs-sim.test');
});
after(() => server?.stop());

// { status, headers, body, code }. Unlike fetch, sends any Host and Origin, from any local address.
async function send(method, path, { headers = {}, body, to = server, from } = {}) {
  const sending = request({ host: '127.0.0.1', port: to.httpPort, method, path, headers,
    localAddress: from });
  sending.end(body);
  const [answer] = await once(sending, 'response');
  const received = await text(answer);
  const code = received && JSON.parse(received).error_code;
  return { status: answer.statusCode, headers: answer.headers, body: received, code };
}

const own = () => `localhost:${server.httpPort}`;
const instances = () => `/v2/${server.projectId}/instances`;
const now = async () => JSON.parse((await send('GET', '/_sim/clock')).body).now_ms;

// A request that a page can send without a preflight.
const simplePosts = () => [
  ['/_sim/reset', ''],
  ['/_sim/sweep', ''],
  ['/_sim/clock/advance?ms=1000', ''],
  [instances(), '{"name":"page-made","engine":"Redis"}'],
  [`${instances()}/${server.instanceId}/scan-expire-keys-task`, '{}'],
];

test('a page of another site changes nothing by a simple POST', async () => {
  const then = await now();
  const listed = (await send('GET', instances())).body;
  for (const origin of ['http://evil.example', 'null', `https://${own()}`, 'http://localhost:1',
    `http://127.0.0.1:${server.httpPort}`]) {
    for (const [path, body] of simplePosts()) {
      const { status, code, headers } = await send('POST', path,
        { headers: { host: own(), origin, 'content-type': 'text/plain' }, body });
      assert.deepEqual([status, code], [403, 'SIM.0004'], `${origin} ${path}`);
      assert.equal(headers['access-control-allow-origin'], undefined);
    }
  }
  assert.equal(await now(), then);
  assert.equal((await send('GET', instances())).body, listed);
});

test('a page of another site reads nothing and gets no preflight', async () => {
  const origin = 'http://evil.example';
  for (const [method, path] of [['GET', '/_sim/health'], ['GET', '/'], ['GET', '/metrics'],
    ['GET', instances()], ['GET', '/v3/projects'], ['PUT', '/_sim/clock/rate?rate=1'],
    ['DELETE', `${instances()}/${server.instanceId}`]]) {
    assert.equal((await send(method, path, { headers: { origin } })).status, 403, path);
  }
  const preflight = await send('OPTIONS', '/_sim/clock/rate',
    { headers: { origin, 'access-control-request-method': 'PUT' } });
  assert.equal(preflight.status, 403);
  const image = await send('GET', '/_sim/census',
    { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } });
  assert.equal(image.status, 403);
});

test('the server\'s own page may use it', async () => {
  const { status, headers } = await send('POST', '/_sim/sweep',
    { headers: { host: own(), origin: `http://${own()}` } });
  assert.equal(status, 200);
  assert.equal(headers['access-control-allow-origin'], undefined);
});

test('a page of an allowed origin may use it and gets CORS headers', async () => {
  for (const origin of ['http://localhost:3000', 'https://console.example']) {
    const sent = await send('GET', instances(), { headers: { host: own(), origin } });
    assert.equal(sent.status, 200);
    assert.equal(sent.headers['access-control-allow-origin'], origin);
    const preflight = await send('OPTIONS', instances(), { headers: { host: own(), origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-auth-token' } });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.body, '');
    assert.equal(preflight.headers['access-control-allow-origin'], origin);
    assert.equal(preflight.headers['access-control-allow-methods'], 'POST, GET');
    assert.equal(preflight.headers['access-control-allow-headers'], 'content-type,x-auth-token');
  }
  assert.equal((await send('GET', instances(), { headers: { origin: 'http://localhost:30000' } }))
    .status, 403);
});

test('a name rebound to this host (DNS rebinding) is refused', async () => {
  for (const host of ['evil.example', `evil.example:${server.httpPort}`, '192.0.2.1',
    'localhost.evil.example', '0.0.0.0']) {
    for (const [method, path] of [['GET', '/_sim/health'], ['GET', instances()],
      ['POST', '/_sim/reset']]) {
      const { status, code } = await send(method, path, { headers: { host } });
      assert.deepEqual([status, code], [403, 'SIM.0005'], `${host} ${path}`);
    }
  }
  for (const host of ['localhost', `LOCALHOST:${server.httpPort}`, '127.0.0.1', '127.0.0.9:1',
    '[::1]:80', 'dcs-sim.test', 'DCS-SIM.test:8080']) {
    assert.equal((await send('GET', '/_sim/health', { headers: { host } })).status, 200, host);
  }
});

async function statusLine(bytes) {
  const socket = net.connect(server.httpPort, '127.0.0.1');
  socket.end(bytes);
  return (await text(socket)).split('\r\n')[0];
}

test('an absolute request target is checked like Host; HTTP/1.0 may leave Host out', async () => {
  const absolute = (target, host) =>
    statusLine(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  assert.match(await absolute('http://127.0.0.1/_sim/health', 'localhost'), / 200 /);
  assert.match(await absolute('http://evil.example/_sim/health', 'localhost'), / 403 /);
  assert.match(await absolute('http://localhost/_sim/health', 'evil.example'), / 403 /);
  assert.match(await statusLine('GET /_sim/health HTTP/1.0\r\n\r\n'), / 200 /);
  assert.match(await statusLine('GET /_sim/health HTTP/1.0\r\nHost: evil.example\r\n\r\n'), / 403 /);
});

test('--sim-token protects all of /_sim', async () => {
  const guarded = await serve('--sim-token', simToken);
  try {
    for (const [method, path] of [['GET', '/_sim/health'], ['GET', '/_sim/census'],
      ['POST', '/_sim/sweep'], ['POST', '/_sim/reset'], ['GET', '/_sim/openapi.json']]) {
      for (const headers of [{}, { 'x-sim-token': 'wrong' }, { 'x-auth-token': 'dcs-sim-token' }]) {
        const { status, code } = await send(method, path, { to: guarded, headers });
        assert.deepEqual([status, code], [401, 'SIM.0006'], path);
      }
      for (const headers of [{ 'x-sim-token': simToken }, { authorization: `Bearer ${simToken}` }]) {
        assert.equal((await send(method, path, { to: guarded, headers })).status, 200, path);
      }
    }
  } finally {
    await guarded.stop();
  }
});

// ---- An address that other machines can reach --------------------------------------------------------

const everywhere = ['--bind', '0.0.0.0', '--http-port', '0', '--resp-port', '0'];
const secrets = {
  sim: ['--sim-token', simToken],
  keys: ['--access-key', accessKey, '--secret-key', secretKey],
  redis: ['--password', 'own-password'],
};

test('a reachable address needs a secret for each front', async () => {
  for (const [left, why] of [
    [['sim', 'keys'], /Redis is open/],
    [['sim', 'redis'], /no keys but the published defaults/],
    [['keys', 'redis'], /\/_sim is open/],
    [[], /0\.0\.0\.0.*--insecure-bind/],
  ]) {
    const { code, stdout, stderr } =
      await runDcsSim('serve', ...everywhere, ...left.flatMap((name) => secrets[name]));
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, why);
  }
  for (const more of [['--no-auth'], ['--secret-key', 'dcs-sim-secret-key']]) {
    const { code, stderr } = await runDcsSim('serve', ...everywhere, ...secrets.sim,
      ...secrets.redis, ...more);
    assert.equal(code, 1, more.join(' '));
    assert.match(stderr, /DCS API/);
  }
});

test('with all secrets set it starts, and the published defaults are refused', async () => {
  const open = await serve('--bind', '0.0.0.0', ...secrets.sim, ...secrets.redis);
  try {
    const path = `/v2/${open.projectId}/instances`;
    assert.equal((await send('GET', path, { to: open, headers: { 'x-auth-token': 'dcs-sim-token' } }))
      .status, 401);
    const login = await send('POST', '/v3/auth/tokens', { to: open, body: JSON.stringify({ auth: {
      identity: { methods: ['password'], password: { user: { name: 'dcs-sim-user',
        password: 'dcs-sim-password', domain: { name: 'any' } } } } } }) });
    assert.equal(login.status, 401);
    await assert.doesNotReject(
      cloudClient(open).call(['GET', '/v2/{project_id}/instances']));
    // The server may have any name, but a page under that name is still foreign.
    const named = { host: `dcs-sim.test:${open.httpPort}`, 'x-sim-token': simToken };
    assert.equal((await send('GET', '/_sim/health', { to: open, headers: named })).status, 200);
    assert.equal((await send('GET', '/_sim/health', { to: open,
      headers: { ...named, origin: `http://${named.host}` } })).status, 403);
  } finally {
    await open.stop();
  }
});

test('--insecure-bind starts without them and logs what is open', async () => {
  const open = await serve('--bind', '0.0.0.0', '--no-auth', '--insecure-bind');
  try {
    assert.equal((await send('GET', '/_sim/health', { to: open })).status, 200);
    // Open fronts are logged before the server listens; here its port is in use.
    const { code, stderr } = await runDcsSim('serve', '--bind', '0.0.0.0', '--no-auth',
      '--insecure-bind', '--http-port', String(open.httpPort), '--resp-port', '0');
    assert.equal(code, 1);
    for (const front of [/\/_sim is open/, /DCS API is open \(--no-auth\)/, /Redis is open/]) {
      assert.match(stderr, front);
    }
  } finally {
    await open.stop();
  }
});

test('a saved instance without password needs --insecure-bind on a reachable address', async () => {
  const directory = stateDirectory();
  await (await serve('--state-dir', directory)).stop();
  const { code, stderr } = await runDcsSim('serve', ...everywhere, '--state-dir', directory,
    ...Object.values(secrets).flat());
  assert.equal(code, 1);
  assert.match(stderr, /has no password/);
});

// ---- Guessing secrets ----------------------------------------------------------------------------

test('one client\'s failures lock a key and a user for that client alone', async () => {
  const guarded = await serve('--user', 'operator', '--user-password', 'right');
  const login = (password, from) => send('POST', '/v3/auth/tokens', { to: guarded, from,
    body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user: {
      name: 'operator', password, domain: { name: 'any' } } } } } }) });
  const signed = (from) => send('GET', `/v2/${guarded.projectId}/instances`, { to: guarded, from,
    headers: { 'x-sdk-date': '20200101T000000Z', authorization:
      `SDK-HMAC-SHA256 Access=${accessKey}, SignedHeaders=x-sdk-date, Signature=${'0'.repeat(64)}` } });
  try {
    for (let i = 0; i < 5; i++) {
      assert.match((await signed('127.0.0.2')).body, /aksk signature fail/);
      assert.match((await login('wrong', '127.0.0.2')).body, /username or password is wrong/);
    }
    assert.match((await signed('127.0.0.2')).body, /AK access failed to reach the limit/);
    const locked = await login('right', '127.0.0.2');
    assert.equal(locked.status, 401);
    assert.deepEqual(JSON.parse(locked.body),
      { error: { code: 401, message: 'The account is locked.', title: 'Unauthorized' } });

    assert.match((await signed('127.0.0.3')).body, /aksk signature fail/);
    assert.equal((await login('right', '127.0.0.3')).status, 201);
    await assert.doesNotReject(cloudClient(guarded).call(['GET', '/v2/{project_id}/instances']));
  } finally {
    await guarded.stop();
  }
});

test('a token must match every byte', async () => {
  const guarded = await serve('--user', 'operator', '--user-password', 'right');
  try {
    const login = await send('POST', '/v3/auth/tokens', { to: guarded, body: JSON.stringify({ auth: {
      identity: { methods: ['password'], password: { user: { name: 'operator', password: 'right',
        domain: { name: 'any' } } } }, scope: { project: { name: 'cn-north-4' } } } }) });
    const token = login.headers['x-subject-token'];
    const status = async (value) => (await send('GET', `/v2/${guarded.projectId}/instances`,
      { to: guarded, headers: { 'x-auth-token': value } })).status;
    assert.equal(await status(token), 200);
    for (const other of [`${token}=`, `${token.slice(0, 9)} ${token.slice(9)}`, `${token}.`]) {
      assert.equal(await status(other), 401);
    }
  } finally {
    await guarded.stop();
  }
});

test('the Redis port closes a browser\'s connection', async () => {
  const redis = new Redis(server.respPort, server.host);
  await redis.set('kept', 'v');
  const socket = net.connect(server.respPort, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n' +
    'Content-Type: text/plain\r\n\r\nFLUSHALL\r\n');
  socket.on('error', () => {});
  await once(socket.resume(), 'close');
  assert.equal(await redis.get('kept'), 'v');
  redis.disconnect();
});
