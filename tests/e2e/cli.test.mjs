// The command line: options, ports, signals, size.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import Redis from 'ioredis';
import { cloudClient, routes } from './cloud_client.mjs';
import { runDcsSim, serve, serveWithLog, until } from './dcs_sim_process.mjs';

// Returns the server's complete answer to these bytes.
function talkTo(server, bytes) {
  const socket = net.connect(server.httpPort, server.host);
  socket.end(bytes, 'latin1');
  return text(socket);
}

test('prints its version', async () => {
  for (const word of ['--version', 'version']) {
    const { code, stdout, stderr } = await runDcsSim(word);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.match(stdout, /^dcs-sim \d+\.\d+\.\d+\n$/);
  }
});

test('a usage error exits with 2 and names the wrong word and the right ones', async () => {
  for (const [args, ...words] of [
    [[], /no subcommand is given/, /serve, demo, simulate, help, version/],
    [['srve'], /^dcs-sim: there is no subcommand 'srve'/, /serve, demo, simulate, help, version/],
    [['--natural-deletion', 'off'], /--natural-deletion/],
    [['help', 'srve'], /'srve'/, /serve, demo, simulate, help, version/],
    [['serve', 'demo'], /^dcs-sim serve: unexpected argument 'demo': serve takes options only/],
    [['serve', '--no-such-option'], /--no-such-option/, /--access-file, .*--http-port, /],
    [['serve', '--htp-port', '1'], /there is no option --htp-port; did you mean --http-port\?/],
    [['serve', '--passwrd=geheim'], /there is no option --passwrd; did you mean --password\?/],
    [['serve', '-x'], /there is no option -x/],
    [['serve', '--http-port'], /--http-port needs a value/],
    [['serve', '--http-port', '1', '--http-port', '2'], /--http-port is given more than once/],
    [['serve', '--http-port', '65536'], /--http-port: '65536' is not a whole number from 0 to 65535/],
    [['serve', '--http-port', 'http'], /--http-port: 'http' is not a whole number from 0 to 65535/],
    [['serve', '--resp-port', '-1'], /'-1' is not a whole number from 0 to 65535/],
    [['serve', '--max-instances', '0'], /'0' is not a whole number from 1 to 10000/],
    [['serve', '--instance-id', 'mine'], /mine is not an instance ID/],
    [['serve', '--project-id', 'x'], /x is not a project ID/],
    [['serve', '--engine-version', '2.8'], /'2\.8' is none of 3\.0, 4\.0, 5\.0, 6\.0, 7\.0/],
    [['serve', '--shards', '3'], /power of two/],
    [['serve', '--natural-deletion', 'maybe'], /'maybe' is none of off, redis, dcs/],
    [['serve', '--log-level', 'loud'], /'loud' is none of debug, info, warn, error, off/],
    [['serve', '--clock', 'wrist'], /'wrist' is none of real, virtual/],
    [['serve', '--time-scale', 'x'], /'x' is not a number from 0 to 100000/],
    [['serve', '--clock', 'real', '--time-scale', '2'], /--time-scale: needs --clock virtual/],
    [['serve', '--bind', 'nowhere'], /nowhere is neither an IP address nor localhost/],
    [['serve', '--tls-cert', 'x'], /--tls-cert requires --tls-key/],
    [['serve', '--access-file', 'x', '--token', 't'], /excludes/],
    [['demo', '--keys', '1'], /'1' is not a whole number from 1000 to 200000000/],
    [['simulate'], /scenario is required/],
    [['simulate', '--sede', '1'], /there is no option --sede; did you mean --seed or --set\?/],
    [['simulate', 'nothing.json'], /there is no file nothing\.json/],
  ]) {
    const { code, stdout, stderr } = await runDcsSim(...args);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' }, args.join(' '));
    for (const word of words) assert.match(stderr, word, args.join(' '));
    assert.match(stderr, /\nTry 'dcs-sim.* --help'\.\n$/);
    assert.doesNotMatch(stderr, /geheim|UINT|TEXT|BOOLEAN/);
  }
});

test('the help is grouped and names values in plain words', async () => {
  const { code, stdout: all } = await runDcsSim('--help');
  assert.equal(code, 0);
  for (const word of ['serve', 'demo', 'simulate', 'help', 'version']) {
    assert.match(all, new RegExp(`\\n  ${word} `));
  }
  assert.equal((await runDcsSim('help')).stdout, all);
  for (const subcommand of ['serve', 'demo', 'simulate']) {
    const { code: status, stdout } = await runDcsSim(subcommand, '--help');
    assert.equal(status, 0);
    assert.equal((await runDcsSim('help', subcommand)).stdout, stdout);
    assert.match(stdout, new RegExp(`\\nUsage: dcs-sim ${subcommand} `));
    assert.doesNotMatch(stdout, /UINT|INT:|TEXT:|BOOLEAN|POWER_OF_TWO|Excludes|Needs|Env:/);
    for (const line of stdout.split('\n')) {
      assert.ok(line.length <= 80 || !line.trim().includes(' '), line);
    }
  }
  const { stdout } = await runDcsSim('serve', '--help');
  const groups = [...stdout.matchAll(/^([A-Z].*):$/gm)].map(([, group]) => group);
  assert.deepEqual(groups, ['Options', 'Listening', 'The instance', 'DCS API credentials',
    'Network access', 'Manual scans', 'Instance lifecycle', 'The process', 'TLS', 'Time']);
  assert.match(stdout, /\n  --http-port PORT +Port of the DCS API; 0: choose one \[8080\]\n/);
});

test('localhost is an address to listen on', async () => {
  const server = await serve('--bind', 'localhost');
  try {
    assert.equal(server.host, '127.0.0.1');
    const health = await fetch(`http://localhost:${server.httpPort}/_sim/health`);
    assert.equal(health.status, 200);
  } finally {
    await server.stop();
  }
});

test('debug logs every request with status, code, reason and request ID', async () => {
  const server = await serveWithLog('--log-level', 'debug');
  const ask = (path, options) => fetch(server.endpoint + path, options);
  const ids = [];
  for (const [path, options] of [['/_sim/health'], ['/nowhere'],
    [`/v2/${server.projectId}/instances?limit=0`, { headers: { 'X-Auth-Token': 'dcs-sim-token' } }],
    ['/v3/projects', { headers: { Authorization: 'SDK-HMAC-SHA256 Access=x' } }]]) {
    ids.push((await ask(path, options)).headers.get('x-request-id'));
  }
  const malformed = await talkTo(server, 'GET / HTTP/1.1\r\nX: \r\n\r\n');
  ids.push(/X-Request-Id: (\w+)/.exec(malformed)[1]);
  await talkTo(server, 'GET /\x1b[2J HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await talkTo(server, 'GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await server.stop();
  const lineOf = (id) => server.log.text.split('\n').find((line) => line.includes(id)) ?? '';
  assert.match(lineOf(ids[0]), /\[debug\] GET \/_sim\/health from 127\.0\.0\.1: 200 OK, request ID/);
  assert.match(lineOf(ids[1]), /GET \/nowhere from .*: 404 DCS\.4001 The requested URL does not exist/);
  assert.match(lineOf(ids[2]), /instances\?limit=0 from .*: 400 DCS\.4062 Invalid limit parameter/);
  assert.match(lineOf(ids[3]), /\/v3\/projects from .*: 401 APIGW\.0301 .*SignedHeaders/);
  assert.match(lineOf(ids[4]),
    /malformed request from .*: 400 APIGW\.0201 API request error\. it has no Host header/);
  assert.match(server.log.text, /every % must be followed by two hex digits/);
  assert.doesNotMatch(server.log.text, /\x1b\[2J/, 'nothing raw from a client');
  assert.equal(server.lines.length, 1, 'standard output is not for the log');
});

test('the log holds neither secrets nor, by default, requests', async () => {
  const server = await serveWithLog('--log-level', 'info', '--sim-token', 'sim-secret');
  await fetch(`${server.endpoint}/_sim/health`, { headers: { 'X-Sim-Token': 'sim-secret' } });
  await server.stop();
  assert.doesNotMatch(server.log.text, /health|secret/);
  const debug = await serveWithLog('--log-level', 'debug', '--sim-token', 'sim-secret');
  await fetch(`${debug.endpoint}/_sim/health`, { headers: { 'X-Sim-Token': 'wrong-secret' } });
  const cloud = cloudClient(debug, { sk: 'another-secret' });
  await assert.rejects(cloud.call(routes.histories));
  await debug.stop();
  assert.match(debug.log.text, /401 SIM\.0006/);
  assert.match(debug.log.text, /401 APIGW\.0301 .*verify aksk signature fail/);
  assert.doesNotMatch(debug.log.text, /secret|canonicalRequest/);
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

test('ends cleanly on SIGTERM with clients connected and a scan running', async () => {
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

test('a small store uses little memory', async () => {
  const server = await serve();
  const redis = new Redis(server.respPort, server.host);
  const pipeline = redis.pipeline();
  for (let i = 0; i < 1000; i++) pipeline.set(`k:${i}`, 'x'.repeat(100), 'EX', 1000 + i * 100);
  await pipeline.exec();
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]);
  // Sanitizers use additional memory.
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
