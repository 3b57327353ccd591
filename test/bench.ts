/**
 * Prints what a synth costs, and how that compares: `npm run bench`.
 *
 * Every figure is of whole processes, the least of several runs, all in one go. Compare the ratios: they are of the
 * processor time that the processes of a command took together, for the rest depends on what else the machine does.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, loadAll } from 'js-yaml';
import { fail } from '../cli/failure.ts';
import { readOptions } from '../cli/misuse.ts';

const HELP = `Prints what a synth costs, and how that compares with other tools. Takes some minutes.

Usage: npm run bench

Environment:
  KARMADA_CHART  folder of Karmada's Helm chart: where a helm is there, a synth is compared with it, too
`;

const root = join(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'bench-'));

interface Cost {
  /** Seconds from beginning to end. */
  readonly wall: number;
  /** Seconds of processor time, of all processes together. */
  readonly cpu: number;
  /** MiB that the largest process held. */
  readonly mib: number;
}

/** Each Node.js process tells when it ends what it has taken. */
const REPORT = `import{writeFileSync}from'node:fs';process.on('exit',()=>{const{userCPUTime,systemCPUTime,maxRSS}=process.resourceUsage();writeFileSync(process.env.BENCH_REPORTS+'/'+process.pid,JSON.stringify({cpu:(userCPUTime+systemCPUTime)/1e6,mib:maxRSS/1024}))})`;

function run(
  command: string,
  args: string[],
  { env = {}, cwd = root }: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
) {
  const reports = mkdtempSync(join(work, 'reports-'));
  const start = performance.now();
  const { status, stderr } = spawnSync(command, args, {
    cwd,
    env: {
      ...process.env,
      INIT_CWD: cwd,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(REPORT)}`,
      BENCH_REPORTS: reports,
      ...env,
    },
  });
  const wall = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  const processes = readdirSync(reports).map((name) => JSON.parse(readFileSync(join(reports, name), 'utf8')) as Cost);
  return {
    wall,
    cpu: processes.reduce((sum, { cpu }) => sum + cpu, 0),
    mib: Math.max(0, ...processes.map(({ mib }) => mib)),
  };
}

/** As `run`, for a program that is none of Node.js: the shell tells its times. How much it held is not known. */
function timed(command: string, args: string[]): Cost {
  const script = 'TIMEFORMAT="%R %U %S"; { time "$@" >/dev/null; } 2>&1';
  const { status, stdout } = spawnSync('bash', ['-c', script, 'bash', command, ...args], { encoding: 'utf8' });
  const [wall = 0, user = 0, system = 0] = (stdout.trimEnd().split('\n').at(-1) ?? '').split(' ').map(Number);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stdout}`);
  return { wall, cpu: user + system, mib: 0 };
}

/** The least of each figure: what disturbs a run makes it dearer, never cheaper. */
function least(times: number, measure: () => Cost): Cost {
  const runs = Array.from({ length: times }, measure);
  const of = (figure: keyof Cost) => Math.min(...runs.map((one) => one[figure]));
  return { wall: of('wall'), cpu: of('cpu'), mib: of('mib') };
}

function row(name: string, cost: Cost): Cost {
  const { wall, cpu, mib } = cost;
  const figures = [`${wall.toFixed(2)} s`, `${cpu.toFixed(2)} s cpu`, `${mib.toFixed(0)} MiB`];
  console.log(`  ${name.padEnd(44)}${figures.map((figure) => figure.padStart(12)).join('')}`);
  return cost;
}

const ratio = (name: string, a: number, b: number, aim: string) =>
  console.log(`  = ${name}: ${(a / b).toFixed(2)} (aim: ${aim})`);

/** A project of cdk8s's own kind, with one ConfigMap. */
function bareProject(): string {
  const folder = join(work, 'bare');
  mkdirSync(folder);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'cdk8s.yaml'), 'language: typescript\napp: node --import tsx main.ts\n');
  writeFileSync(
    join(folder, 'main.ts'),
    `import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
const app = new App();
new k8s.KubeConfigMap(new Chart(app, 'chart'), 'config', { data: { key: 'value' } });
app.synth();
`,
  );
  return folder;
}

/** The package in a folder of its own. */
function installed(): { command: string; cwd: string } {
  const cwd = join(work, 'installed');
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'package.json'), '{}');
  run('npm', ['pack', '--silent', '--pack-destination', cwd]);
  const packed = readdirSync(cwd).find((name) => name.endsWith('.tgz')) as string;
  run('npm', ['install', '--silent', '--offline', join(cwd, packed)], { cwd });
  return { command: join(cwd, 'node_modules/.bin/serverless-federation'), cwd };
}

/** A federation of so many members and apps, each app with two affinity groups and an override. */
function federation(members: number, apps: number): string {
  const member = (i: number) => `member-${i % members}`;
  const group = (name: string, i: number) => ({ name, clusters: [0, 1, 2, 3].map((k) => member(i + k)) });
  const spec = {
    controlPlane: {},
    members: Array.from({ length: members }, (_, i) => ({
      name: member(i),
      region: `r${i % 7}`,
      labels: { tier: i % 2 ? 'edge' : 'cloud' },
    })),
    runtimes: [{ name: 'spin' }],
    apps: Array.from({ length: apps }, (_, i) => ({
      name: `app-${i}`,
      image: 'ghcr.io/example/app:v1',
      runtime: 'spin',
      placement: { groups: [group('near', i), group('far', i + 4)] },
      overrides: [
        { target: { clusters: [member(i)] }, image: [{ component: 'Tag', operator: 'replace', value: 'v2' }] },
      ],
    })),
  };
  const document = {
    apiVersion: 'serverless-federation.io/v1alpha1',
    kind: 'Federation',
    metadata: { name: 'bench' },
    spec,
  };
  const file = join(work, `federation-${members}-${apps}.yaml`);
  writeFileSync(file, dump(document));
  return file;
}

/** What js-yaml takes to write the objects of a folder, which are in memory. */
function dumpOf(folder: string): number {
  const objects = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => loadAll(readFileSync(join(folder, name), 'utf8')));
  const runs = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage();
    for (const object of objects) dump(object);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  return Math.min(...runs);
}

function defaultFederation(): void {
  console.log('The default federation');
  const synth = row(
    'npm run synth',
    least(7, () => run('npm', ['run', '--silent', 'synth', '--', '-o', join(work, 'dist')])),
  );
  row(
    'of it: npm',
    least(5, () => run('npm', ['exec', '--silent', '--call', 'true'])),
  );
  row(
    'of it: node',
    least(5, () => run(process.execPath, ['-e', '0'])),
  );
  row(
    'npx cdk8s synth',
    least(3, () => run('npx', ['cdk8s', 'synth', '--check-upgrade=false', '-o', join(work, 'cli')])),
  );
  const bare = bareProject();
  const one = row(
    'npx cdk8s synth of one ConfigMap',
    least(5, () => run('npx', ['cdk8s', 'synth', '--check-upgrade=false'], { cwd: bare })),
  );
  ratio('npm run synth, to that of one ConfigMap', synth.cpu, one.cpu, 'at most 0.25');
  const { command, cwd } = installed();
  const packed = row(
    'synth of the installed package',
    least(7, () =>
      run(command, ['synth', '-o', join(work, 'packed')], { cwd, env: { FEDERATION: join(root, 'federation.yaml') } }),
    ),
  );
  ratio('synth of the installed package, to that of one ConfigMap', packed.cpu, one.cpu, 'at most 0.2');
  row(
    'its --help',
    least(7, () => run(command, ['--help'], { cwd })),
  );
  const chart = process.env.KARMADA_CHART;
  if (!chart || spawnSync('helm', ['version']).status !== 0) {
    console.log('  (not compared with helm: it needs a helm, and KARMADA_CHART to name the folder of the chart)');
    return;
  }
  const helm = row(
    "helm template of Karmada's chart",
    least(5, () => timed('helm', ['template', 'karmada', chart])),
  );
  ratio('npm run synth, to that', synth.cpu, helm.cpu, 'about 4');
}

function scale(): void {
  console.log('\n1,000 members');
  const costs = [100, 1_000, 10_000].map((apps) => {
    const file = federation(1_000, apps);
    const synth = (output: string) =>
      run(process.execPath, ['cli/start.cjs', 'synth', '-o', output], { env: { FEDERATION: file } });
    // Each into a folder of its own, which stays: what file systems do about deleted files is no part of it.
    const outputs = [1, 2, 3].map((i) => join(work, `large-${apps}-${i}`));
    const [output = ''] = outputs;
    const left = [...outputs];
    const cost = row(
      `${apps.toLocaleString('en')} apps`,
      least(outputs.length, () => synth(left.pop() as string)),
    );
    row(
      '  once more, where nothing changes',
      least(3, () => synth(output)),
    );
    return { apps, cost, dump: dumpOf(output) };
  });
  const [hundred, thousand, tenThousand] = costs as [(typeof costs)[0], (typeof costs)[0], (typeof costs)[0]];
  ratio("1,000 apps, to js-yaml's dump of the same objects", thousand.cost.cpu, thousand.dump, 'at most 6');
  ratio('10,000 apps, likewise', tenThousand.cost.cpu, tenThousand.dump, 'at most 4.5');
  console.log(`  = memory with 10,000 apps: ${tenThousand.cost.mib.toFixed(0)} MiB (aim: at most 500)`);
  const each = (a: typeof hundred, b: typeof hundred) => (b.cost.cpu - a.cost.cpu) / (b.apps - a.apps);
  ratio(
    'an app more, between 1,000 and 10,000, to one between 100 and 1,000',
    each(thousand, tenThousand),
    each(hundred, thousand),
    'about 1: linear',
  );
}

try {
  const { help } = readOptions('npm run bench --', {});
  if (help) process.stdout.write(HELP);
  else {
    defaultFederation();
    scale();
  }
} catch (error) {
  fail(error);
} finally {
  rmSync(work, { recursive: true, force: true });
}
