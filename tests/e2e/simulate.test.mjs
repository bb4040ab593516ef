// dcs-sim simulate on its command line: errors before a run, shipped scenarios, the files of --out,
// --compare, and equal bytes for equal seeds.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { run, runDcsSim } from './dcs_sim_process.mjs';

const kFiles = ['report.csv', 'report.html', 'report.json', 'report.md', 'timeline.csv'];
const kScenario = {
  name: 'small',
  duration_s: 60,
  reclamation_starts_s: 10,
  samples: { count: 30 },
  load: [{ name: 'k', keys: 2000, expires_in_s: { uniform: [1, 20] } }],
  traffic: [{ name: 'readers', keys_of: 'k', commands_per_second: 50, fill_after_s: 0.5 }],
  policies: [
    { name: 'access', label: '=on access' },
    { name: 'natural', natural_deletion: { model: 'redis' } },
    { name: 'scan-10', manual_scan: { keys_per_step: 10 } },
    { name: 'sweep', fast_sweep: { every_s: 5 } },
  ],
};

let directory;
let scenario;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'dcs-sim-simulate-'));
  scenario = join(directory, 'small.json');
  writeFileSync(scenario, JSON.stringify(kScenario));
});
after(() => rmSync(directory, { recursive: true, force: true }));

const simulate = (...args) => runDcsSim('simulate', ...args);
// Runs in a shell, for bytes that are not UTF-8 and for another working directory.
const shell = (line) => run('/bin/bash', ['-c', line, process.env.DCS_SIM]);
const fresh = (name) => join(directory, name);

test('a wrong value of an option is a usage error, before anything runs', async () => {
  const whole = /is not a whole number from 0 to 18446744073709551615/;
  for (const [args, ...words] of [
    [['--seed', '-1'], /--seed: '-1'/, whole],
    [['--seed', '1.5'], /--seed: '1\.5'/, whole],
    [['--seed', '99999999999999999999999'], whole],
    [['--seed', '18446744073709551616'], whole],
    [['--seed', '0x10'], whole],
    [['--seed', ' 7'], whole],
    [['--seed', ''], /--seed/],
    [['--seed'], /--seed needs a value/],
    [['--threads', '0'], /'0' is not a whole number from 1 to 64/],
    [['--threads', '-1'], /'-1' is not/],
    [['--threads', '2.5'], /'2\.5' is not/],
    [['--threads', '010'], /'010' is not/],
    [['--threads', '99999999999999999999999'], /is not a whole number from 1 to 64/],
    [['--threads', ''], /--threads/],
    [['--out', ''], /--out: the directory must not be empty/],
    [['--set', 'title'], /--set: title: expected path=value/],
    [['--set', ''], /--set/],
    [['--list'], /excludes/],
    [['--compare', 'x', 'y'], /there is no file x/],
  ]) {
    const { code, stdout, stderr } = await simulate(scenario, ...args);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' }, `${args}: ${stderr}`);
    for (const word of words) assert.match(stderr, word, args.join(' '));
    assert.doesNotMatch(stderr, /simulate {2}\[/, 'nothing has run');
  }
});

test('text that is not UTF-8 is refused, on the command line and in the file', async () => {
  const set = await shell(`"$0" simulate ${scenario} --set $'title=\\xff'`);
  assert.equal(set.code, 2);
  assert.match(set.stderr, /--set: title=\\xff: not UTF-8/);
  const file = fresh('latin1.json');
  writeFileSync(file, Buffer.from(JSON.stringify({ ...kScenario, title: 'caf\xe9' }), 'latin1'));
  const { code, stderr } = await simulate(file);
  assert.equal(code, 1);
  assert.match(stderr, /latin1\.json: the scenario: not JSON in UTF-8/);
});

test('the largest seed is accepted', async () => {
  const out = fresh('largest');
  const { code, stderr } = await simulate(scenario, '--seed', '18446744073709551615', '--out', out);
  assert.equal(code, 0, stderr);
  assert.match(readFileSync(join(out, 'report.json'), 'utf8'), /"seed": 18446744073709551615,/);
});

test('a load that does not fit is refused with its bytes and the limit', async () => {
  const { code, stderr } = await simulate(scenario, '--set', 'memory_limit_mib=1',
    '--set', 'load.k.value_bytes={"normal": {"mean": 10, "deviation": 1e6, "max": 6e7}}');
  assert.equal(code, 1);
  assert.match(stderr, /load\[0\]\.value_bytes: a key may hold 57\.2 MiB; expected no more than memory_limit_mib, 1\.0 MiB\n$/);
});

test('a bad --out is refused before the run and changes nothing', async () => {
  const file = fresh('file');
  writeFileSync(file, 'kept');
  mkdirSync(join(fresh('taken'), 'report.md'), { recursive: true });
  for (const [out, why] of [
    [file, /there is a file of that name/],
    [join(file, 'below'), /Not a directory/],
    [fresh('taken'), /report\.md: it is a directory/],
    ['/proc/none', /\/proc\/none/],
  ]) {
    const { code, stdout, stderr } = await simulate(scenario, '--out', out);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' }, out);
    assert.match(stderr, why);
    assert.doesNotMatch(stderr, /simulate {2}\[/, 'nothing has run');
  }
  assert.equal(readFileSync(file, 'utf8'), 'kept');
  assert.deepEqual(readdirSync(fresh('taken')), ['report.md']);
});

test('a refused scenario leaves an existing report as it was', async () => {
  const out = fresh('kept');
  assert.equal((await simulate(scenario, '--out', out)).code, 0);
  assert.deepEqual(readdirSync(out).sort(), kFiles);
  const first = readFileSync(join(out, 'report.json'), 'utf8');
  const { code } = await simulate(scenario, '--out', out, '--set', 'duration_s=-1');
  assert.equal(code, 1);
  assert.equal(readFileSync(join(out, 'report.json'), 'utf8'), first);
  const never = fresh('never');
  assert.equal((await simulate(scenario, '--out', never, '--set', 'duration_s=-1')).code, 1);
  assert.ok(!existsSync(never));
});

// Interrupts a run after it has begun; returns its exit status and signal.
async function endWith(signal, out) {
  const args = ['simulate', 'same-ttl', '--threads', '1', '--out', out];
  const child = spawn(process.env.DCS_SIM, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  try {
    await once(child.stderr, 'data'); // the progress bar
    child.kill(signal);
    const [code, killed] = await ended;
    return { code, killed };
  } finally {
    child.kill('SIGKILL');
  }
}

test('a run that is killed leaves an existing report as it was', async () => {
  const out = fresh('killed');
  assert.equal((await simulate(scenario, '--out', out)).code, 0);
  const first = kFiles.map((name) => readFileSync(join(out, name), 'utf8'));
  assert.deepEqual(await endWith('SIGKILL', out), { code: null, killed: 'SIGKILL' });
  assert.deepEqual(kFiles.map((name) => readFileSync(join(out, name), 'utf8')), first);
});

test('Ctrl-C gives a partial report that names policies that did not run', async () => {
  const out = fresh('stopped');
  assert.deepEqual(await endWith('SIGINT', out), { code: 130, killed: null });
  assert.deepEqual(readdirSync(out).sort(), kFiles);
  const rows = readFileSync(join(out, 'report.csv'), 'utf8').trim().split('\r\n');
  assert.match(rows.at(-1), /,not run,+$/);
  assert.equal(JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')).partial, true);
});

test('one seed gives the same bytes, with one thread or two', async () => {
  const read = async (out, ...args) => {
    const { code, stderr } = await simulate(scenario, '--out', fresh(out), ...args);
    assert.equal(code, 0, stderr);
    return Object.fromEntries(kFiles.map((name) =>
      [name, readFileSync(join(fresh(out), name), 'utf8')]));
  };
  // "measured" holds real times and is the last member.
  const withoutMeasured = (text) => text.slice(0, text.indexOf('\n "measured": {'));
  const one = await read('one', '--threads', '1');
  const two = await read('two', '--threads', '2');
  const other = await read('other', '--seed', '2');
  for (const name of ['report.csv', 'timeline.csv', 'report.md']) {
    assert.equal(one[name], two[name], name);
  }
  assert.ok(one['report.json'].includes('\n "measured": {'));
  assert.equal(withoutMeasured(one['report.json']), withoutMeasured(two['report.json']));
  assert.notEqual(one['timeline.csv'], other['timeline.csv']);
  assert.match(one['report.csv'], /^access,'=on access,completed,/m);
  assert.match(one['timeline.csv'], /^policy,t_seconds,keys,/);
});

test('--list names the shipped scenarios, which run by name from anywhere', async () => {
  const { code, stdout } = await simulate('--list');
  assert.equal(code, 0);
  const names = stdout.split('\n').filter((line) => /^\S/.test(line))
    .map((line) => line.split(' ')[0]);
  assert.equal(names.length, 9);
  assert.ok(names.includes('same-ttl') && names.includes('reference-test'));
  const elsewhere = fresh('elsewhere');
  mkdirSync(join(elsewhere, 'big-hashes'), { recursive: true });
  writeFileSync(join(elsewhere, 'same-ttl'), 'no scenario');
  for (const name of ['big-hashes', 'same-ttl']) {
    const ran = await shell(`cd ${elsewhere} && "$0" simulate ${name} --set load[0].keys=100 ` +
      '--set load[1].keys=100');
    assert.equal(ran.code, 0, ran.stderr);
  }
  const file = await shell(`cd ${elsewhere} && "$0" simulate ./same-ttl`);
  assert.equal(file.code, 1);
  assert.match(file.stderr, /\.\/same-ttl: the scenario: not JSON/);
});

test('an unknown scenario is refused with the list of scenarios', async () => {
  for (const [name, why] of [['same-tll', /no file or shipped scenario same-tll; .*same-ttl/],
    ['no/such', /there is no file no\/such; shipped scenarios are big-hashes, /],
    [directory, /is a directory/], ['', /must not be empty/]]) {
    const { code, stderr } = await simulate(name);
    assert.equal(code, 2, name);
    assert.match(stderr, why);
  }
  const { code, stderr } = await simulate('/dev/zero');
  assert.equal(code, 1);
  assert.match(stderr, /\/dev\/zero has more than 16\.0 MiB/);
});

test('--compare compares two reports and runs nothing', async () => {
  const [a, b, out] = ['a', 'b', 'compared'].map(fresh);
  await simulate(scenario, '--out', a);
  await simulate(scenario, '--out', b, '--seed', '2', '--set', 'policies[3].name=other');
  const { code, stdout, stderr } =
    await simulate('--compare', a, join(b, 'report.json'), '--out', out);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^A {2}\S*a: small, seed 1, 60 virtual seconds\nB /);
  assert.match(stdout, /seed: 1 and 2/);
  assert.match(stdout, /Policies only in A: sweep\nPolicies only in B: other\n/);
  assert.match(stdout, /\nscan-10\n +A +B +change\n/);
  assert.deepEqual(readdirSync(out).sort(), ['compare.csv', 'compare.md']);
  assert.match(readFileSync(join(out, 'compare.csv'), 'utf8'), /^policy,label,.*\r\n/);

  const refused = await simulate('--compare', a, scenario);
  assert.deepEqual({ code: refused.code, stdout: refused.stdout }, { code: 1, stdout: '' });
  assert.match(refused.stderr, /small\.json: not a report of dcs-sim simulate/);
  assert.match((await simulate('--compare', a)).stderr, /--compare needs two values/);
  const seeded = await simulate('--compare', a, b, '--seed', '1');
  assert.equal(seeded.code, 2);
  assert.match(seeded.stderr, /--seed: applies only when a scenario runs/);
});

test('the examples of the help work as written', async () => {
  const { stdout } = await simulate('--help');
  const groups = [...stdout.matchAll(/^([A-Z].*):$/gm)].map(([, group]) => group);
  assert.deepEqual(groups, ['Arguments', 'Options', 'What to do', 'Changes to the scenario',
    'The run', 'Results', 'Examples']);
  const examples = [...stdout.matchAll(/^ {2}dcs-sim (simulate .*)$/gm)].map(([, words]) => words);
  assert.ok(examples.length >= 4, stdout);
  const here = fresh('examples');
  mkdirSync(here);
  for (const words of examples) {
    const { code, stderr } = await shell(`cd ${here} && "$0" ${words}`);
    assert.equal(code, 0, `${words}: ${stderr}`);
  }
});
