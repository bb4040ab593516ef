// What HTTP servers are sent on a bad day: always an answer or a closed connection, nothing changed.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { serve } from './dcs_sim_process.mjs';

let server;
before(async () => {
  server = await serve('--no-auth');
});
after(() => server?.stop());

// Everything that comes back until the server closes the connection.
function talk(bytes, { end = true } = {}) {
  return new Promise((resolve) => {
    const socket = net.connect(server.httpPort, server.host, () => {
      if (end) socket.end(bytes);
      else socket.write(bytes);
    });
    let received = '';
    socket.on('data', (data) => (received += data.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
  });
}

const path = () => `/v2/${server.projectId}/instances/${server.instanceId}`;

test('malformed requests are answered 400 or cut off', async () => {
  for (const bytes of [
    '\0\0\0\0\r\n\r\n',
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'b'.repeat(100_000)}\r\n\r\n`,
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  ]) {
    const answer = await talk(bytes);
    assert.match(answer, /^(HTTP\/1\.1 4\d\d |$)/, JSON.stringify(bytes.slice(0, 60)));
  }
});

test('truncated requests change nothing', async () => {
  const whole = `POST ${path()}/scan-expire-keys-task HTTP/1.1\r\nHost: a\r\n` +
    'Content-Length: 2\r\n\r\n{}';
  for (let cut = 1; cut < whole.length; cut += 7) await talk(whole.slice(0, cut));
  const histories = await (await fetch(`${server.endpoint}${path()}/auto-expire/histories`)).json();
  assert.equal(histories.count, 0);
});

test('a body over the limit is refused, one under it is read', async () => {
  const large = await fetch(`${server.endpoint}${path()}/scan-expire-keys-task`, {
    method: 'POST', body: 'x'.repeat(10 << 20) });
  assert.equal(large.status, 200, 'the operation has no body: what comes is not looked at');
  const answer = await talk(
    `POST ${path()}/scan-expire-keys-task HTTP/1.1\r\nHost: a\r\nContent-Length: 13000000\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 413 /);
});

test('pipelined requests are answered in order', async () => {
  const answer = await talk(
    `GET ${path()}/auto-expire/histories HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(20) +
    'GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', { end: false });
  assert.equal(answer.match(/HTTP\/1\.1 200/g)?.length, 20);
  assert.match(answer, /HTTP\/1\.1 404[^]*DCS\.4001/);
});

test('the server is still there', async () => {
  assert.equal((await (await fetch(`${server.endpoint}/_sim/health`)).json()).status, 'ok');
});
