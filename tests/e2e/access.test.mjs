// Access control: keys and roles from an access file, locks, expiring tokens.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { cloudClient, routes } from './cloud_client.mjs';
import { runDcsSim, serve } from './dcs_sim_process.mjs';

const operator = { ak: 'OPERATOR0KEY', sk: 'operator secret' };
const reader = { ak: 'READER0KEY', sk: 'reader secret' };
const blocked = { ak: 'BLOCKED0KEY', sk: 'blocked secret' };
const outsider = { ak: 'OUTSIDER0KEY', sk: 'outsider secret' };

const directory = mkdtempSync(join(tmpdir(), 'dcs-sim-access-'));
const accessFile = join(directory, 'access.json');

let server;
before(async () => {
  writeFileSync(accessFile, JSON.stringify({
    access_keys: [
      { access_key: operator.ak, secret_key: operator.sk },
      { access_key: reader.ak, secret_key: reader.sk, role: 'read-only' },
      { access_key: outsider.ak, secret_key: outsider.sk, role: 'none' },
      { access_key: blocked.ak, secret_key: blocked.sk, role: 'blocked' },
    ],
    users: [{ name: 'operator', password: 'a password' }],
    tokens: [{ token: 'reader-token', role: 'read-only' }],
  }));
  server = await serve('--access-file', accessFile, '--token-lifetime-ms', '86400000');
});
after(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true });
});

const path = (tail) => `/v2/${server.projectId}/instances/${server.instanceId}${tail}`;
const ask = (method, target, { token, body, to = server } = {}) =>
  fetch(`${to.endpoint}${target}`, {
    method,
    headers: token === undefined ? {} : { 'X-Auth-Token': token },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
const login = (password, scope, to = server) =>
  ask('POST', '/v3/auth/tokens', {
    to,
    body: {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'operator', password, domain: { name: 'any' } } },
        },
        scope,
      },
    },
  });
const project = { project: { name: 'cn-north-4' } };

const refused = (call, status, code, message) =>
  assert.rejects(call, (error) => {
    assert.deepEqual([error.httpStatusCode, error.errorCode, error.errorMsg],
      [status, code, message]);
    assert.ok(error.requestId, 'a request ID');
    return true;
  });

test('roles: an operator writes, a reader reads, an outsider does neither', async () => {
  assert.equal((await cloudClient(server, operator).call(routes.createScan)).status, 'waiting');
  const { count } = await cloudClient(server, reader).call(routes.histories);
  await refused(cloudClient(server, reader).call(routes.createScan), 403, 'DCS.3002',
    'This tenant has read permission only and cannot perform this operation.');
  for (const route of [routes.createScan, routes.histories]) {
    await refused(cloudClient(server, outsider).call(route), 403, 'DCS.2003',
      'This role does not have the permission to perform this operation.');
  }
  assert.equal((await cloudClient(server, reader).call(routes.histories)).count, count);
});

test('the gateway refuses clients without access', () =>
  refused(cloudClient(server, blocked).call(routes.histories), 403, 'APIGW.0302',
    'The IAM user is not authorized to access the API.'));

test('another project, no credentials and a wrong token are told apart', async () => {
  await refused(
    cloudClient(server, { ...operator, projectId: '0'.repeat(32) }).call(routes.createScan),
    401, 'DCS.1004', 'Project ID does not match the token.');
  for (const [token, ...expected] of [
    [undefined, 401, 'DCS.1003', 'No token in the request.'],
    ['wrong', 401, 'DCS.1001', 'Invalid token.'],
    ['reader-token', 403, 'DCS.3002',
      'This tenant has read permission only and cannot perform this operation.'],
  ]) {
    const answer = await ask('POST', path('/scan-expire-keys-task'), { token });
    const body = await answer.json();
    assert.deepEqual([answer.status, body.error_code, body.error_msg], expected);
  }
});

// The headers and body that the SDK sends, to be replayed with changes.
async function recordSignedRequest() {
  const recorder = createServer().listen(0, '127.0.0.1');
  await once(recorder, 'listening');
  const received = once(recorder, 'request');
  const endpoint = `http://127.0.0.1:${recorder.address().port}`;
  const sent = cloudClient({ ...server, endpoint }, operator)
    .call(routes.histories, { query: { limit: 1 } });
  const [message, answer] = await received;
  const body = await text(message);
  answer.setHeader('Content-Type', 'application/json').end('{}');
  await sent;
  recorder.close();
  return { method: message.method, path: message.url, headers: message.headers, body };
}

async function replay({ method, path: target, headers, body }) {
  const sending = request({ host: server.host, port: server.httpPort, method, path: target,
    headers: { ...headers, 'content-length': body.length } });
  sending.end(body);
  const [answer] = await once(sending, 'response');
  return { status: answer.statusCode, ...JSON.parse(await text(answer)) };
}

test('a signature of the SDK is valid for no other request', async () => {
  const recorded = await recordSignedRequest();
  assert.equal((await replay(recorded)).status, 200);
  for (const change of [
    { body: '{"x":1}' },
    { path: recorded.path.replace('limit=1', 'limit=2') },
    { path: recorded.path.replace(server.instanceId, server.instanceId.replace('5', '6')) },
    { headers: { ...recorded.headers, 'x-project-id': 'another' } },
  ]) {
    const { status, error_code: code, error_msg: message } =
      await replay({ ...recorded, ...change });
    assert.deepEqual([status, code], [401, 'APIGW.0301']);
    assert.ok(message.startsWith('Incorrect IAM authentication information: ' +
      'verify aksk signature fail, canonicalRequest:'), message);
  }
});

test('an access file disables the key of the command line', async () => {
  await refused(cloudClient(server).call(routes.histories), 401, 'APIGW.0301',
    'Incorrect IAM authentication information: ' +
    'Get secretKey failed,ak:AK0123456789,err:ak not exist');
});

test('a password gives a token that works until it expires', async () => {
  const answer = await login('a password', project);
  assert.equal(answer.status, 201);
  const token = answer.headers.get('x-subject-token');
  const { token: described } = await answer.json();
  assert.equal(described.project.id, server.projectId);
  assert.equal(Date.parse(described.expires_at) - Date.parse(described.issued_at), 86_400_000);
  assert.equal((await ask('GET', path('/auto-expire/histories'), { token })).status, 200);

  const wrong = await login('another', project);
  assert.equal(wrong.status, 401);
  assert.deepEqual(await wrong.json(), { error: {
    code: 401, message: 'The username or password is wrong.', title: 'Unauthorized' } });
  assert.equal(wrong.headers.get('x-subject-token'), null);

  const account = (await login('a password')).headers.get('x-subject-token');
  const other = await ask('GET', path('/auto-expire/histories'), { token: account });
  assert.equal((await other.json()).error_code, 'DCS.1004');
});

test('an expired token gets its own error', async () => {
  const brief = await serve('--access-file', accessFile, '--token-lifetime-ms', '1');
  try {
    const answer = await login('a password', project, brief);
    const token = answer.headers.get('x-subject-token');
    const { token: { expires_at: expires } } = await answer.json();
    while (Date.now() <= Date.parse(expires)); // a millisecond
    const late = await ask('GET', path('/auto-expire/histories'), { token, to: brief });
    assert.equal(late.status, 401);
    const { error_code: code, error_msg: message } = await late.json();
    assert.deepEqual([code, message], ['DCS.1002', 'Token expired.']);
  } finally {
    await brief.stop();
  }
});

test('five bad signatures in a row lock a key, unless that is turned off', async () => {
  const attempts = async (...flags) => {
    const own = await serve('--access-file', accessFile, ...flags);
    try {
      const wrong = cloudClient(own, { ak: operator.ak, sk: 'wrong' });
      for (let i = 0; i < 5; i++) await assert.rejects(wrong.call(routes.histories));
      return await cloudClient(own, operator).call(routes.histories)
        .then(({ httpStatusCode }) => httpStatusCode, ({ errorMsg }) => errorMsg);
    } finally {
      await own.stop();
    }
  };
  assert.equal(await attempts(),
    'Incorrect IAM authentication information: AK access failed to reach the limit,forbidden.');
  assert.equal(await attempts('--no-key-lock'), 200);
});

test('an invalid access file prevents the start and is named', async () => {
  const file = join(directory, 'broken.json');
  for (const [content, why] of [
    ['{', 'not JSON'],
    ['{"access_keys": [{"access_key": "A", "secret_key": "S", "role": "admin"}]}',
      'access_keys[0].role: found "admin", expected full, read-only, none or blocked'],
    ['{"users": [{"name": "n"}]}',
      'users[0].password: found nothing, expected a text that is not empty'],
  ]) {
    writeFileSync(file, content);
    const { code, stdout, stderr } = await runDcsSim('serve', '--access-file', file);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.ok(stderr.startsWith(`dcs-sim: access file ${file}: `), stderr);
    assert.ok(stderr.includes(why), stderr);
  }
  const { stderr } = await runDcsSim('serve', '--access-file', join(directory, 'none.json'));
  assert.match(stderr, /none\.json: cannot be read: No such file/);
});

test('an access file excludes the flags that it replaces', async () => {
  const { code, stdout, stderr } =
    await runDcsSim('serve', '--access-file', accessFile, '--access-key', 'AK');
  assert.notEqual(code, 0);
  assert.match(stdout + stderr, /--access-key/);
});
