// Limits of the system: open files and memory. Redis clients that exhaust them do not affect the
// API.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import Redis from 'ioredis';
import { run, serve, serveUnder, until } from './dcs_sim_process.mjs';

const health = async (server) =>
  (await fetch(`${server.endpoint}/_sim/health`, { signal: AbortSignal.timeout(10_000) })).status;

// Connects. Resolves to the server's output until it closes, or to the socket after the server
// answers a PING.
function connect(server) {
  return new Promise((resolve) => {
    const socket = net.connect(server.respPort, server.host, () => socket.write('PING\r\n'));
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (data) => {
      text += data;
      if (text === '+PONG\r\n') resolve(socket);
    });
    socket.on('close', () => resolve(text));
  });
}

const openFileLimits = (pid) =>
  /^Max open files +(\d+|unlimited) +(\d+|unlimited)/m
    .exec(readFileSync(`/proc/${pid}/limits`, 'utf8')).slice(1, 3);

test('few open files: maxclients gives the number of clients, and the API still answers', async () => {
  const server = await serveUnder('ulimit -n 256');
  const redis = new Redis(server.respPort, server.host, { lazyConnect: true });
  try {
    const [, maxclients] = await redis.config('GET', 'maxclients');
    // 256 minus a quarter for HTTP, 64 for the server itself and an eighth for instances.
    assert.equal(maxclients, '96');
    assert.match(await redis.info('clients'), /^maxclients:96\r$/m);
    await assert.rejects(redis.config('SET', 'maxclients', '97'), /try with 96/);

    const clients = [];
    for (let i = 0; i < 400; i++) clients.push(await connect(server));
    const accepted = clients.filter((client) => client instanceof net.Socket);
    assert.equal(accepted.length, 95);
    for (const refused of clients.filter((client) => !(client instanceof net.Socket))) {
      assert.equal(refused, '-ERR max number of clients reached\r\n');
    }
    assert.equal(await health(server), 200);
    assert.match(await redis.info('stats'), /^rejected_connections:305\r$/m);
    accepted.forEach((socket) => socket.destroy());
    await until(() => redis.info('clients'), (info) => /^connected_clients:1\r$/m.test(info),
      'the others gone');
    const again = await connect(server);
    assert.ok(again instanceof net.Socket, 'there is room again');
    again.destroy();
  } finally {
    redis.disconnect();
    await server.stop();
  }
});

test('a low soft limit of open files is raised to the hard limit', async () => {
  const server = await serveUnder('ulimit -Sn 256');
  try {
    const [soft, hard] = openFileLimits(server.pid);
    assert.ok(soft === hard || Number(soft) >= 1 << 20, `${soft} of ${hard}`);
  } finally {
    await server.stop();
  }
});

test('too few open files prevent the start', async () => {
  await assert.rejects(serveUnder('ulimit -n 48'), /"code":1/);
});

test('a request that needs too much memory ends only its connection', async (t) => {
  if (process.env.DCS_SANITIZED) return t.skip('sanitizers reserve address space of their own');
  const server = await serve();
  const redis = new Redis(server.respPort, server.host);
  try {
    await redis.set('k', 'v');
    const used = Number(/^VmSize:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]);
    const { code, stderr } =
      await run('prlimit', ['--pid', String(server.pid), `--as=${(used + 100_000) * 1024}`]);
    assert.equal(code, 0, stderr);
    for (let i = 0; i < 3; i++) {
      const greedy = net.connect(server.respPort, server.host);
      greedy.on('error', () => {});
      const closed = new Promise((resolve) => greedy.once('close', resolve)); // after EPIPE too
      greedy.write('*2\r\n$4\r\nECHO\r\n$500000000\r\n');
      const part = Buffer.alloc(1 << 20, 'e');
      const send = () => {
        while (!greedy.destroyed && greedy.write(part));
      };
      greedy.on('drain', send);
      send();
      await closed;
    }
    assert.equal(await redis.get('k'), 'v');
    assert.equal(await health(server), 200);
  } finally {
    redis.disconnect();
    await server.stop();
  }
});
