// Starts the program under test on free ports and always ends it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const program = process.env.DCS_SIM;
if (!program) throw new Error('DCS_SIM must name the dcs-sim program');

export const accessKey = 'AK0123456789';
export const secretKey = 'SK9876543210';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

// A directory for --state-dir, removed at the end.
export function stateDirectory() {
  const path = mkdtempSync(join(tmpdir(), 'dcs-sim-state-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

// Runs the program to its end and returns { code, stdout, stderr }.
export async function run(command, args, { input } = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  child.stdin.on('error', () => {}); // a program that ends early does not read it all
  child.stdin.end(input ?? '');
  const [code] = await once(child, 'close');
  running.delete(child);
  return { code, stdout, stderr };
}

export const runDcsSim = (...args) => run(program, args);

// Starts the program and returns while it runs. output(pattern) resolves when its standard output
// matches; `ended` resolves to { code, signal }.
export function startDcsSim(...args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  let text = '';
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return { code, signal };
  });
  child.stdout.on('data', (data) => (text += data));
  return {
    ended,
    kill: (signal) => child.kill(signal),
    async output(pattern) {
      while (!pattern.test(text)) {
        const end = await Promise.race([once(child.stdout, 'data').then(() => null), ended]);
        if (end) throw new Error(`dcs-sim ended with ${JSON.stringify(end)}: ${text}`);
      }
    },
  };
}

// A serving dcs-sim. `args` are added to the arguments of every test; an access file replaces its
// key. stop() fails if the program does not end with exit status 0.
export const serve = (...args) => serveAs({}, ...args);

// Same, after the shell has run `limits`, for instance 'ulimit -n 256'.
export const serveUnder = (limits, ...args) => serveAs({ limits }, ...args);

// Same as serve, with its log (warnings and errors) in `log.text`.
export const serveWithLog = (...args) => serveAs({ standardError: 'pipe' }, ...args);

async function serveAs({ limits = 'true', standardError = 'inherit' }, ...args) {
  const access = args.includes('--access-file')
    ? [] : ['--access-key', accessKey, '--secret-key', secretKey];
  const respPort = args.includes('--resp-port') ? [] : ['--resp-port', '0'];
  const logLevel = args.includes('--log-level') ? [] : ['--log-level', 'warn'];
  const child = spawn(
    '/bin/bash',
    ['-c', `${limits} && exec "$0" "$@"`, program, 'serve', '--http-port', '0', ...respPort,
      ...logLevel, ...access, ...args],
    { stdio: ['ignore', 'pipe', standardError] },
  );
  running.add(child);
  const log = { text: '' };
  child.stderr?.on('data', (data) => (log.text += data));
  const reader = createInterface({ input: child.stdout });
  const lines = []; // all of them: listening begins before the first one can come
  reader.on('line', (line) => lines.push(line));
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return { code, signal };
  });
  const first = await Promise.race([once(reader, 'line').then(([line]) => line), ended]);
  if (typeof first !== 'string') throw new Error(`dcs-sim ended with ${JSON.stringify(first)}`);
  const ready = /^ready http=(\S+) resp=(\S+):(\d+) project=(\S+) instance=(\S+)$/.exec(first);
  if (!ready) throw new Error(`not a ready line: ${first}`);
  const [, http, host, port, projectId, instanceId] = ready;
  const endpoint = `${args.includes('--tls-cert') ? 'https' : 'http'}://${http}`;
  return {
    pid: child.pid,
    lines,
    log,
    endpoint,
    httpPort: Number(http.split(':').pop()),
    host,
    respPort: Number(port),
    projectId,
    instanceId,
    ended,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const how = await ended;
      assert.deepEqual(how, { code: 0, signal: null }, 'dcs-sim ends with exit status 0');
      return how;
    },
    async census(id = instanceId) {
      return (await fetch(`${endpoint}/_sim/census?instance_id=${id}`)).json();
    },
  };
}

// Asks repeatedly until `good` returns true.
export async function until(ask, good, what) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: last seen ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
