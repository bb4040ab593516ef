// Hostile HTTP requests: the server gives the documented answer or closes the connection, and
// changes nothing.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { serve } from './dcs_sim_process.mjs';

const MiB = 1 << 20;
const token = 'a-token';

let server;
let document;
before(async () => {
  // "h" is the Host of the requests below.
  server = await serve('--token', token, '--natural-deletion', 'off', '--allow-host', 'h');
  document = await (await fetch(`${server.endpoint}/_sim/openapi.json`)).json();
});
after(() => server?.stop());

// ---- Raw requests and answers -----------------------------------------------------------------

// Returns all that the server sends until it closes the connection. A list of pieces is sent piece
// by piece, each after the previous one was written.
function talk(bytes, { end = true } = {}) {
  return new Promise((resolve) => {
    const pieces = [bytes].flat();
    const socket = net.connect({ host: server.host, port: server.httpPort, noDelay: true });
    const next = () => {
      if (pieces.length) socket.write(pieces.shift(), next);
      else if (end) socket.end();
    };
    socket.on('connect', next);
    let received = '';
    socket.on('data', (data) => (received += data.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
  });
}

// A request in bytes. `headers` are pairs, so a name may occur twice. Host, token and length are
// added unless they are given or `bare` is set.
function bytesOf(method, target, { headers = [], body = '', bare = false } = {}) {
  const has = (name) => headers.some(([other]) => other.toLowerCase() === name);
  const all = [...headers];
  if (!bare && !has('host')) all.push(['Host', 'h']);
  if (!bare && !has('x-auth-token') && !has('authorization')) all.push(['X-Auth-Token', token]);
  const content = Buffer.from(body);
  if (!bare && !has('content-length') && !has('transfer-encoding') && content.length) {
    all.push(['Content-Length', content.length]);
  }
  const head = `${method} ${target} HTTP/1.1\r\n` +
    `${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), content]);
}

const send = (method, target, options) => talk(bytesOf(method, target, options));

// "404 DCS.4001" for an answer with a body; "405" for one without; "" for no answer.
function codeOf(answer) {
  if (answer === '') return '';
  const [, status, body] = /^HTTP\/1\.1 (\d+) [^]*?\r\n\r\n([^]*)$/.exec(answer);
  if (!body) return status;
  const { error_code: code, error } = JSON.parse(body);
  return [status, code ?? error?.message].filter(Boolean).join(' ');
}

const path = (tail = '') => `/v2/${server.projectId}/instances/${server.instanceId}${tail}`;
const scan = () => path('/scan-expire-keys-task');
const autoscan = () => path('/scan-expire-keys/autoscan-config');
const instances = () => `/v2/${server.projectId}/instances`;

// ---- Nothing changed ---------------------------------------------------------------------------

async function state() {
  const shown = [];
  for (const target of [instances(), path(), path('/auto-expire/histories'), autoscan(),
    path('/configs'), '/_sim/census']) {
    const answer = await fetch(server.endpoint + target, { headers: { 'X-Auth-Token': token } });
    assert.equal(answer.status, 200, target);
    shown.push(await answer.json());
  }
  return shown;
}

// A test that checks that the server's state has not changed.
const changingNothing = (name, body) => test(name, async () => {
  const then = await state();
  await body();
  assert.deepEqual(await state(), then);
});

// Each row: the expected answer, method, target and the arguments of `send`.
async function expectCodes(rows) {
  for (const [expected, method, target, options] of rows) {
    const what = `${method} ${target.slice(0, 100)} ${JSON.stringify(options ?? {}).slice(0, 200)}`;
    assert.equal(codeOf(await send(method, target, options)), expected, what);
  }
}

// ---- Malformed HTTP -----------------------------------------------------------------------------

changingNothing('malformed requests are refused by the gateway', async () => {
  for (const bytes of [
    '\0\0\0\0\r\n\r\n',
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
    'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n',
    '*1\r\n$4\r\nPING\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', // a TLS hello
  ]) {
    assert.equal(codeOf(await talk(bytes)), '400 APIGW.0201', JSON.stringify(bytes.slice(0, 60)));
  }
  assert.equal(await talk(''), '');
});

changingNothing('truncated requests change nothing', async () => {
  for (const [method, target, body] of [
    ['POST', scan(), '{}'],
    ['PUT', autoscan(), '{"enable_auto_scan":false}'],
  ]) {
    const whole = bytesOf(method, target, { body });
    for (let cut = 1; cut < whole.length; cut += 7) {
      assert.equal(codeOf(await talk(whole.subarray(0, cut))), '400 APIGW.0201', `${cut} bytes`);
    }
  }
});

// ---- Methods, paths, encodings -------------------------------------------------------------------

changingNothing('an unsupported method is answered 405 with the allowed ones',
  async () => {
    const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'get', 'Post',
      'BREW'];
    for (const [pattern, item] of Object.entries(document.paths)) {
      const target = pattern.replace('{project_id}', server.projectId)
        .replace('{instance_id}', server.instanceId);
      const served = Object.keys(item).map((method) => method.toUpperCase());
      // If a second pattern matches, its methods are allowed.
      for (const method of methods.filter((other) => !served.includes(other))) {
        const answer = await send(method, target);
        if (target === `${instances()}/status` && method !== 'PUT') continue;
        assert.equal(codeOf(answer), '405 DCS.5001', `${method} ${target}`);
        const [, allowed] = /\r\nAllow: (.*)\r\n/.exec(answer);
        const all = [...served, 'OPTIONS', ...(served.includes('GET') ? ['HEAD'] : [])];
        assert.deepEqual(allowed.split(', ').sort(), all.sort(), target);
      }
    }
  });

changingNothing('HEAD and OPTIONS are answered on every URL, and every answer has a date', async () => {
  for (const [pattern, item] of Object.entries(document.paths)) {
    const target = pattern.replace('{project_id}', server.projectId)
      .replace('{instance_id}', server.instanceId);
    const options = await send('OPTIONS', target);
    assert.match(options, /^HTTP\/1\.1 204 [^]*\r\nAllow: .*OPTIONS/, target);
    // A second pattern matches: the HEAD is of an instance named "status".
    if (target === `${instances()}/status`) continue;
    const head = await send('HEAD', target);
    assert.match(head, /\r\n\r\n$/, 'no body');
    if ('get' in item) {
      const get = await send('GET', target);
      const start = (answer) => [/^HTTP\/1\.1 \d+/, /\r\nContent-Type: .*\r\n/]
        .map((part) => part.exec(answer)?.[0]);
      assert.deepEqual(start(head), start(get), target);
      assert.match(head, /\r\nContent-Length: [1-9]/, target);
    } else {
      assert.equal(codeOf(head), '405', target);
    }
    for (const answer of [options, head]) {
      assert.match(answer, /\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/, target);
    }
  }
  assert.equal(codeOf(await send('OPTIONS', '/nowhere')), '404 DCS.4001');
  assert.equal(codeOf(await send('HEAD', '/nowhere')), '404');
  assert.match(await send('OPTIONS', '*'), /^HTTP\/1\.1 204 [^]*\r\nAllow: DELETE, GET, HEAD, /);
});

changingNothing('an Expect that is not 100-continue is answered 417', async () => {
  const body = '{"enable_auto_scan":1}';
  await expectCodes([
    ['417 SIM.0012', 'PUT', autoscan(), { body, headers: [['Expect', 'a-miracle']] }],
    ['417 SIM.0012', 'GET', path(), { headers: [['Expect', '100-continue, a-miracle']] }],
    ['403 SIM.0004', 'PUT', autoscan(), {
      body, headers: [['Expect', 'a-miracle'], ['Origin', 'http://evil.example']] }],
  ]);
  const answers = await talk(bytesOf('PUT', autoscan(), { body, headers: [['Expect', 'x']] })
    .toString() + bytesOf('GET', path()).toString());
  assert.match(answers, /^HTTP\/1\.1 417 [^]*HTTP\/1\.1 200 /, 'the connection is kept');
});

changingNothing('an HTTP/1.0 client is told whether its connection is kept', async () => {
  const get = (headers) => `GET /_sim/health HTTP/1.0\r\n${headers}\r\n`;
  const answers = await talk(get('Connection: keep-alive\r\n') + get(''));
  assert.equal(answers.match(/HTTP\/1\.1 200/g).length, 2);
  assert.deepEqual(answers.match(/\r\nConnection: .*\r\n/g),
    ['\r\nConnection: keep-alive\r\n', '\r\nConnection: close\r\n']);
});

changingNothing('long paths are answered up to the limit of the header', async () => {
  const long = 'a'.repeat(15_000);
  const tooLong = 'a'.repeat(100_000);
  await expectCodes([
    ['404 DCS.4001', 'GET', `/${long}`],
    ['404 DCS.4001', 'GET', '/a'.repeat(7_500)],
    ['404 DCS.4001', 'GET', '/'.repeat(15_000)],
    ['400 DCS.4002', 'POST', scan().replace(server.projectId, long)],
    ['400 DCS.4061', 'POST', scan().replace(server.instanceId, long)],
    ['400 DCS.4062', 'GET', path(`/auto-expire/histories?limit=${'1'.repeat(15_000)}`)],
    ['200', 'GET', path(`/auto-expire/histories?${'x=1&'.repeat(3_500)}`)],
    ['400 APIGW.0201', 'GET', `/${tooLong}`],
    ['400 APIGW.0201', 'GET', `/?${tooLong}`],
    ['400 APIGW.0201', 'POST', scan(), { headers: [['X', tooLong]] }],
    ['400 APIGW.0201', 'POST', scan(), { headers: Array(5_000).fill(['a', 'b']) }],
  ]);
});

changingNothing('odd encodings of the path are decoded', async () => {
  const id = server.instanceId;
  const as = (instance) => scan().replace(id, instance);
  await expectCodes([
    ['400 APIGW.0201', 'POST', as('%zz')],
    ['400 APIGW.0201', 'POST', as(`${id}%`)],
    ['400 APIGW.0201', 'GET', path('/auto-expire/histories?limit=%1')],
    ['400 APIGW.0201', 'GET', '*'],
    ['400 APIGW.0201', 'CONNECT', 'h:443'],
    ['400 DCS.4061', 'POST', as(`${id}%00`)],
    ['400 DCS.4061', 'POST', as('')],
    ['400 DCS.4061', 'POST', as('%7Binstance_id%7D')],
    ['400 DCS.4061', 'POST', as('%2e%2e')],
    ['400 DCS.4061', 'POST', as('..%2f..%2fetc%2fpasswd')],
    ['400 DCS.4061', 'POST', as(`${id}%2f`)],
    ['400 DCS.4061', 'POST', as('%c0%af')], // an overlong '/'
    ['400 DCS.4061', 'POST', as('\xff\xfe')],
    ['400 DCS.4061', 'POST', as(id.replaceAll('-', '%ef%bc%8d'))], // wide hyphens
    ['404 DCS.4001', 'POST', `${scan()}/`],
    ['404 DCS.4001', 'GET', `${instances()}/`],
    ['404 DCS.4001', 'DELETE', `${instances()}/`],
    ['404 DCS.4001', 'POST', `/.${scan()}`],
    ['404 DCS.4001', 'POST', `/${scan()}`],
    ['404 DCS.4001', 'POST', scan().replaceAll('/', '%2f').replace('%2f', '/')],
    ['404 DCS.4001', 'POST', scan().replace('instances', 'Instances')],
    ['200', 'GET', path('/auto-expire/histories').replace('auto', '%61uto')],
    ['200', 'GET', path('/auto-expire/histories').replace(id, id.toUpperCase())],
    ['200', 'GET', `http://h${path('/auto-expire/histories')}`],
    ['403 SIM.0005', 'GET', `http://elsewhere${path('/auto-expire/histories')}`],
    ['400 DCS.4062', 'GET', path('/auto-expire/histories?limit=%ef%bc%91')], // a wide 1
    ['400 DCS.4062', 'GET', path('/auto-expire/histories?limit=+1')],
    ['400 DCS.4062', 'GET', path('/auto-expire/histories?limit=1&limit=2')],
    ['400 DCS.4062', 'GET', path('/auto-expire/histories?offset=1&offset=1')],
    ['400 DCS.4062', 'GET', path('/auto-expire/histories?status=%00')],
    ['200', 'GET', path('/auto-expire/histories?limit=%31')],
    ['200', 'GET', path('/auto-expire/histories?LIMIT=x&&&=&')],
  ]);
});

// ---- Headers -------------------------------------------------------------------------------------

changingNothing('duplicate or missing headers do not bypass checks', async () => {
  const signed = 'SDK-HMAC-SHA256 Access=AK0123456789, SignedHeaders=x-sdk-date, ' +
    `Signature=${'0'.repeat(64)}`;
  const body = '{"enable_auto_scan":false}';
  await expectCodes([
    ['400 APIGW.0201', 'POST', scan(), { bare: true, headers: [['X-Auth-Token', token]] }],
    ['400 APIGW.0201', 'POST', scan(), { headers: [['Host', 'h'], ['Host', 'h']] }],
    ['400 APIGW.0201', 'POST', scan(), { headers: [['Host ', 'h']] }],
    ['400 APIGW.0201', 'PUT', autoscan(), { body,
      headers: [['Content-Length', body.length], ['Content-Length', 2]] }],
    ['400 APIGW.0201', 'PUT', autoscan(), { body, headers: [['Transfer-Encoding', 'gzip']] }],
    ['401 DCS.1003', 'POST', scan(), { bare: true, headers: [['Host', 'h']] }],
    ['401 DCS.1001', 'POST', scan(), { headers: [['X-Auth-Token', '']] }],
    ['401 DCS.1001', 'POST', scan(), {
      headers: [['X-Auth-Token', token], ['x-auth-token', token]] }],
    ['401 APIGW.0301', 'POST', scan(), { headers: [['Authorization', signed]] }], // no date
    ['401 APIGW.0301', 'POST', scan(), {
      headers: [['Authorization', signed], ['Authorization', signed]] }],
    ['401 APIGW.0301', 'POST', scan(), {
      headers: [['Authorization', signed], ['X-Auth-Token', token]] }],
    ['401 APIGW.0301', 'POST', scan(), { headers: [['Authorization', 'Bearer x']] }],
  ]);
  // Without a length there is no body. The rest is the next request, which is malformed.
  const answers = await talk(bytesOf('PUT', autoscan(), {
    bare: true, headers: [['Host', 'h'], ['X-Auth-Token', token]], body }));
  assert.match(answers, /^HTTP\/1\.1 400 [^]*DCS\.4004[^]*HTTP\/1\.1 400 [^]*APIGW\.0201/);
});

// ---- Bodies --------------------------------------------------------------------------------------

changingNothing('bodies that are not JSON in UTF-8 are refused', async () => {
  const body = '{"enable_auto_scan":true}';
  const put = (expected, content, headers = []) =>
    [expected, 'PUT', autoscan(), { body: content, headers }];
  await expectCodes([
    put('400 DCS.4004', ''),
    put('400 DCS.4004', ' \r\n\t'),
    put('400 DCS.4005', 'enable_auto_scan=true'),
    put('400 DCS.4005', `${body},`),
    put('400 DCS.4005', body.slice(0, -1)),
    put('400 DCS.4005', `[${body}]`),
    put('400 DCS.4005', `"${body}"`),
    put('400 DCS.4005', `${body}\0`),
    put('400 DCS.4005', '\0'),
    put('400 DCS.4005', Buffer.from('{"x":"\xff"}', 'latin1')),
    put('400 DCS.4005', Buffer.from(body, 'utf16le')),
    put('400 DCS.4005', gzipSync(body)),
    put('415 SIM.0011', gzipSync(body), [['Content-Encoding', 'gzip']]),
    put('415 SIM.0011', body, [['Content-Encoding', 'identity, br']]),
    ['401 DCS.1001', 'PUT', autoscan(), { body: gzipSync(body),
      headers: [['Content-Encoding', 'gzip'], ['X-Auth-Token', 'wrong']] }],
    put('400 DCS.4005', `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
    put('400 DCS.4005', '['.repeat(1_000_000)),
    put('400 DCS.4062', '{"enable_auto_scan":1}'),
    put('400 DCS.4062', '{"enable_auto_scan":"true"}'),
    put('400 DCS.4062', body),
    ['400 The request body is invalid', 'POST', '/v3/auth/tokens', { body: '['.repeat(1_000_000) }],
    ['400 DCS.4004', 'PUT', path('/configs')],
    ['400 DCS.4005', 'POST', instances(), { body: '{' }],
    ['400 DCS.4004', 'PUT', `${instances()}/status`],
  ]);
});

changingNothing('a body of 10 MiB is read and judged like any other', async () => {
  const junk = 'x'.repeat(10 * MiB);
  const name = JSON.stringify({ name: junk, engine: 'Redis', capacity: 1, spec_code: 'redis.ha.x',
    az_codes: ['a'], vpc_id: 'v', subnet_id: 's' });
  await expectCodes([
    ['400 DCS.4005', 'PUT', autoscan(), { body: junk }],
    ['400 DCS.4062', 'PUT', autoscan(), { body: JSON.stringify({ x: junk, enable_auto_scan: 1 }) }],
    ['400 DCS.4005', 'PUT', autoscan(), { body: `{${'"a":1,'.repeat(1_490_000)}"b":2}` }],
    ['400 DCS.4062', 'POST', instances(), { body: name }],
    ['400 The request body is invalid', 'POST', '/v3/auth/tokens', { body: junk }],
    ['405 DCS.5001', 'DELETE', autoscan(), { body: junk }],
    ['404 DCS.4001', 'POST', '/nowhere', { body: junk }],
    ['401 DCS.1001', 'PUT', autoscan(), { body: junk, headers: [['X-Auth-Token', 'wrong']] }],
    ['200', 'GET', path('/auto-expire/histories'), { body: junk }],
  ]);
});

// Each would take seconds to hours if its cost grew with the square of its length.
changingNothing('bodies of many values are refused at the cost of their length', async () => {
  const names = (count) => Array.from({ length: count }, (_, i) => `"n${i}":0`).join();
  // Valid JSON is refused for its first member.
  const put = (expected, content) =>
    [expected, 'PUT', autoscan(), { body: content.replace('{', '{"enable_auto_scan":1,') }];
  await expectCodes([
    put('400 DCS.4062', `{"a":[${'{},'.repeat(9_000)}{}]}`),
    put('400 DCS.4005', `{"a":[${'{},'.repeat(200_000)}{}]}`),
    put('400 DCS.4005', `{"a":[${'{},'.repeat(4_000_000)}{}]}`),
    put('400 DCS.4062', `{${names(9_000)}}`),
    put('400 DCS.4005', `{${names(900_000)}}`),
    put('400 DCS.4005', `{"a":${'[['.repeat(6_000_000)}`),
    put('400 DCS.4062', `{"a":${'1'.repeat(300)}${' '.repeat(11 * MiB)}}`),
    put('400 DCS.4062', `{"a":"${'\\u0041'.repeat(1_900_000)}"}`),
    ['400 The request body is invalid', 'POST', '/v3/auth/tokens',
      { body: `{"auth":[${'{},'.repeat(4_000_000)}{}]}` }],
  ]);
});

// If the head is refused, the body need not be sent and is not read.
changingNothing('requests are refused by their head, before their body', async () => {
  const length = ['Content-Length', 12 * MiB];
  await expectCodes([
    ['401 DCS.1003', 'PUT', autoscan(), { bare: true, headers: [['Host', 'h'], length] }],
    ['401 DCS.1001', 'PUT', autoscan(), { headers: [['X-Auth-Token', 'wrong'], length] }],
    ['401 APIGW.0301', 'PUT', autoscan(), {
      headers: [['Authorization', 'SDK-HMAC-SHA256 Access=a'], length] }],
    ['400 DCS.4061', 'POST', scan().replace(server.instanceId, 'x'), { headers: [length] }],
  ]);
});

changingNothing('a body over 12 MiB is refused before it is sent', async () => {
  await expectCodes([
    ['413 APIGW.0201', 'POST', scan(), { headers: [['Content-Length', 12 * MiB + 1]] }],
    ['413 APIGW.0201', 'PUT', autoscan(), {
      headers: [['Content-Length', 13_000_000], ['Expect', '100-continue']] }],
    ['413 APIGW.0201', 'PUT', autoscan(), {
      headers: [['Transfer-Encoding', 'chunked']],
      body: `c00001\r\n${'x'.repeat(12 * MiB + 1)}\r\n0\r\n\r\n` }],
  ]);
});

// ---- Connections ---------------------------------------------------------------------------------

changingNothing('a request that comes byte by byte is answered', async () => {
  const bytes = bytesOf('PUT', autoscan(), { body: '{"enable_auto_scan":1}' });
  assert.equal(codeOf(await talk([...bytes].map((byte) => Buffer.of(byte)))), '400 DCS.4062');
});

changingNothing('a client that half-closes still gets its answers', async () => {
  const answers = await talk(Buffer.concat(Array(20).fill(bytesOf('GET', path('/configs')))));
  assert.equal(answers.match(/HTTP\/1\.1 200/g)?.length, 20);
});

changingNothing('clients that stop in the middle do not hold up others', async () => {
  const whole = bytesOf('PUT', autoscan(), { body: '{"enable_auto_scan":false}' });
  const slow = Array.from({ length: 300 }, (_, i) => {
    const socket = net.connect(server.httpPort, server.host);
    socket.on('error', () => {});
    socket.write(whole.subarray(0, (i * 7) % whole.length));
    return socket;
  });
  try {
    assert.equal(codeOf(await send('GET', path('/auto-expire/histories'))), '200');
  } finally {
    slow.forEach((socket) => (socket.destroyed || socket.resetAndDestroy()));
  }
  assert.equal(codeOf(await send('GET', path('/auto-expire/histories'))), '200');
});

// More than the server's 1,024 connections: the longest silent ones are closed.
changingNothing('silent clients do not hold up others', async () => {
  const silent = [];
  for (let i = 0; i < 1_100; ++i) {
    const socket = net.connect(server.httpPort, server.host);
    socket.on('error', () => {});
    silent.push(new Promise((resolve) => socket.once('connect', () => resolve(socket))));
  }
  const sockets = await Promise.all(silent);
  try {
    for (let i = 0; i < 5; ++i) {
      assert.equal(codeOf(await send('GET', path('/auto-expire/histories'))), '200');
    }
  } finally {
    sockets.forEach((socket) => socket.destroy());
  }
});

// 30 bodies of 11 MiB are 330 MiB. The server keeps 64 MiB of them and answers 503 to the rest.
changingNothing('unfinished large bodies take a bounded amount of memory', async () => {
  const head = bytesOf('PUT', autoscan(), { headers: [['Content-Length', 12 * MiB]] });
  const body = Buffer.alloc(11 * MiB, ' ');
  const sockets = Array.from({ length: 30 }, () => net.connect(server.httpPort, server.host));
  const refused = new Promise((resolve, reject) => {
    let count = 0;
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.once('data', (data) => {
        socket.refused = codeOf(data.toString('latin1')) === '503 SIM.0010';
        if (socket.refused && ++count === 20) resolve();
      });
      socket.on('close', () => socket.refused || reject(new Error('closed without an answer')));
      socket.write(Buffer.concat([head, body]));
    }
  });
  try {
    await refused;
    assert.equal(codeOf(await send('PUT', autoscan(), { body: '{"enable_auto_scan":1}' })),
      '400 DCS.4062');
  } finally {
    sockets.forEach((socket) => socket.destroy());
  }
});

changingNothing('pipelined requests are answered in order', async () => {
  const answer = await talk(Buffer.concat([
    ...Array(20).fill(bytesOf('GET', path('/auto-expire/histories'))),
    bytesOf('GET', '/nowhere', { headers: [['Connection', 'close']] }),
  ]), { end: false });
  assert.equal(answer.match(/HTTP\/1\.1 200/g)?.length, 20);
  assert.match(answer, /HTTP\/1\.1 404[^]*DCS\.4001/);
});

test('the body of an operation without body is ignored', async () => {
  assert.equal(codeOf(await send('POST', scan(), { body: 'x'.repeat(10 * MiB) })), '200');
});
