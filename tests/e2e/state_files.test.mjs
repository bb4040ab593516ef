// The files of --state-dir that the program touches, and those it refuses.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync,
  writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Redis from 'ioredis';
import { runDcsSim, serve, stateDirectory } from './dcs_sim_process.mjs';

const start = (dir, ...args) => serve('--state-dir', dir, ...args);

async function onServer(server, use) {
  const redis = new Redis(server.respPort, server.host, { retryStrategy: null });
  redis.on('error', () => {});
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

// A directory left by a server, with the key k, and that server's instance.
async function usedDirectory() {
  const dir = stateDirectory();
  const server = await start(dir);
  await onServer(server, (redis) => redis.set('k', 'v'));
  await server.stop();
  return { dir, instanceId: server.instanceId, keys: join(dir, `${server.instanceId}.0.keys`) };
}

const content = (dir) => Object.fromEntries(readdirSync(dir)
  .map((name) => [name, readFileSync(join(dir, name), 'latin1')]));

// A start that fails, changes nothing and names the reason.
async function refused(dir, reason) {
  const before = content(dir);
  const { code, stdout, stderr } =
    await runDcsSim('serve', '--state-dir', dir, '--http-port', '0', '--resp-port', '0');
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
  assert.ok(stderr.includes(reason), `${reason} in ${stderr}`);
  assert.deepEqual(content(dir), before);
}

test('files not written by the program are kept', async () => {
  const { dir, keys } = await usedDirectory();
  const mine = { 'my.keys': 'a', 'my.0.keys': 'b', 'x.unfinished': 'c', 'notes.txt': 'd',
    'ssh.0.keys.unfinished': 'e' };
  for (const [name, text] of Object.entries(mine)) writeFileSync(join(dir, name), text);
  copyFileSync(keys, join(dir, 'backup.keys'));
  const backup = readFileSync(keys, 'latin1');
  const server = await start(dir);
  assert.equal(await onServer(server, (redis) => redis.get('k')), 'v');
  await server.stop();
  const after = content(dir);
  for (const [name, text] of Object.entries(mine)) assert.equal(after[name], text, name);
  assert.equal(after['backup.keys'], backup);
});

test('a damaged state is not printed raw to the terminal', async () => {
  const { dir } = await usedDirectory();
  const path = join(dir, 'state.json');
  const state = readFileSync(path, 'latin1');
  const evil = '\x1b]0;x\x07\x1b[2J\x9b31m\r';
  for (const [damaged, reason] of [
    [state.replace(/"xxh3":".{16}/, `"xxh3":"${evil}`.padEnd(24, 'x')), 'as it says'],
    [evil + state, 'damaged'],
    [state.replace(/"version":\d+/, `"version":${'9'.repeat(100_000)}`), 'it is of version 999'],
  ]) {
    writeFileSync(path, damaged, 'latin1');
    const { code, stderr } =
      await runDcsSim('serve', '--state-dir', dir, '--http-port', '0', '--resp-port', '0');
    assert.equal(code, 1);
    assert.ok(stderr.includes(reason), stderr.slice(0, 500));
    assert.doesNotMatch(stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    assert.ok(stderr.length < 2_000, `${stderr.length} characters`);
  }
});

test('snapshots without a state prevent the start or are adopted', async () => {
  const { dir, keys } = await usedDirectory();
  rmSync(join(dir, 'state.json'));
  await refused(dir, `${join(dir, 'state.json')} is not there, but these snapshots are: ${keys}`);
  const adopting = await start(dir, '--adopt-snapshots');
  assert.equal(await onServer(adopting, (redis) => redis.get('k')), 'v');
  await adopting.stop();
  const again = await start(dir);
  assert.equal(await onServer(again, (redis) => redis.get('k')), 'v');
  await again.stop();
});

test('a snapshot of an unknown instance prevents the start or is adopted', async () => {
  const { dir } = await usedDirectory();
  const other = '11111111-cebf-4473-95c4-d1b573c16e79';
  const from = stateDirectory();
  const server = await start(from, '--instance-id', other);
  await onServer(server, (redis) => redis.set('other', 'v'));
  await server.stop();
  copyFileSync(join(from, `${other}.0.keys`), join(dir, `${other}.0.keys`));
  await refused(dir, `does not know the instances of these snapshots: ${join(dir, other)}.0.keys`);
  const adopting = await start(dir, '--adopt-snapshots');
  assert.equal((await adopting.census(other)).keys, 1);
  assert.equal((await adopting.census(adopting.instanceId)).keys, 1);
  await adopting.stop();
});

test('a snapshot under another name is refused', async () => {
  const { dir, instanceId, keys } = await usedDirectory();
  const renamed = join(dir, '22222222-cebf-4473-95c4-d1b573c16e79.0.keys');
  renameSync(keys, renamed);
  await refused(dir, `${renamed}: it holds the keys of ${instanceId}.0.keys`);
});

test('a FIFO, a directory or a symbolic link in place of a file is refused', async () => {
  const { dir, keys } = await usedDirectory();
  const kinds = {
    'a FIFO': (path) => execFileSync('mkfifo', [path]),
    'a directory': (path) => mkdirSync(path),
    'a symbolic link': (path) => symlinkSync('/dev/null', path),
  };
  for (const path of [keys, join(dir, 'state.json'), join(dir, 'lock'),
    join(dir, 'state.json.unfinished')]) {
    for (const [kind, make] of Object.entries(kinds)) {
      const aside = join(stateDirectory(), 'aside');
      const there = readdirSync(dir).some((name) => join(dir, name) === path);
      if (there) renameSync(path, aside);
      make(path);
      const { code, stderr } =
        await runDcsSim('serve', '--state-dir', dir, '--http-port', '0', '--resp-port', '0');
      assert.equal(code, 1);
      assert.ok(stderr.includes(`${path} is ${kind}, not a file`), stderr);
      rmSync(path, { recursive: true });
      if (there) renameSync(aside, path);
    }
  }
  const server = await start(dir);
  assert.equal(await onServer(server, (redis) => redis.get('k')), 'v');
  await server.stop();
});

test('unfinished files of a crash are removed', async () => {
  const { dir, keys } = await usedDirectory();
  writeFileSync(`${keys}.unfinished`, readFileSync(keys).subarray(0, 40));
  writeFileSync(join(dir, 'state.json.unfinished'), '');
  const server = await start(dir);
  await server.stop();
  assert.deepEqual(readdirSync(dir).filter((name) => name.endsWith('.unfinished')), []);
});

test('a reset removes the saved keys and their file', async () => {
  const { dir } = await usedDirectory();
  const server = await start(dir);
  assert.equal((await fetch(`${server.endpoint}/_sim/reset`, { method: 'POST' })).status, 200);
  await server.stop();
  const again = await start(dir);
  assert.equal(await onServer(again, (redis) => redis.dbsize()), 0);
  await again.stop();
});
