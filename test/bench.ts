/**
 * Prints what a synth costs: `npm run bench`.
 *
 * Every figure is of a whole process, the median of several, all in one run; compare the ratios, for the milliseconds
 * are the machine's.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';

const root = join(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'bench-'));

/** Milliseconds of a command, and in MiB the most memory that one of its processes held. */
function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): { ms: number; mib: number } {
  const reports = mkdtempSync(join(work, 'memory-'));
  // Each Node.js process tells its peak when it ends.
  const report = `import{writeFileSync}from'node:fs';process.on('exit',()=>writeFileSync(${JSON.stringify(`${reports}/`)}+process.pid,String(process.resourceUsage().maxRSS)))`;
  const start = performance.now();
  const { status, stderr } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(report)}`, ...env },
  });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  const peaks = readdirSync(reports).map((name) => Number(readFileSync(join(reports, name), 'utf8')));
  return { ms, mib: Math.max(...peaks) / 1024 };
}

function median(times: number, measure: () => { ms: number; mib: number }) {
  const runs = Array.from({ length: times }, measure).sort((a, b) => a.ms - b.ms);
  return runs[Math.floor(times / 2)] as { ms: number; mib: number };
}

const row = (name: string, { ms, mib }: { ms: number; mib: number }, note = '') =>
  console.log(`${name.padEnd(44)} ${ms.toFixed(0).padStart(7)} ms ${mib.toFixed(0).padStart(6)} MiB  ${note}`);

/** A federation of n members and n apps, each app on four of them. */
function federation(n: number): string {
  const member = (i: number) => `member-${i % n}`;
  const file = join(work, `federation-${n}.yaml`);
  const spec = {
    controlPlane: {},
    members: Array.from({ length: n }, (_, i) => ({
      name: member(i),
      region: `r${i % 7}`,
      labels: { tier: i % 2 ? 'edge' : 'cloud' },
    })),
    runtimes: [{ name: 'spin' }],
    apps: Array.from({ length: n }, (_, i) => ({
      name: `app-${i}`,
      image: 'ghcr.io/example/app:v1',
      runtime: 'spin',
      placement: { clusters: [0, 1, 2, 3].map((k) => member(i + k)) },
    })),
  };
  const document = {
    apiVersion: 'serverless-federation.io/v1alpha1',
    kind: 'Federation',
    metadata: { name: 'bench' },
    spec,
  };
  writeFileSync(file, dump(document));
  return file;
}

const tsx = ['--import', 'tsx'];
const libraries = "await Promise.all(['cdk8s','cdk8s-plus-28','zod','js-yaml'].map((name)=>import(name)))";
const cdk8s = join(root, 'node_modules/.bin/cdk8s');

try {
  console.log('The default federation');
  row(
    '  npm run synth',
    median(5, () => run('npm', ['run', '--silent', 'synth', '--', '-o', join(work, 'dist')])),
  );
  row(
    '  of it: node alone',
    median(5, () => run(process.execPath, ['-e', '0'])),
  );
  row(
    '  of it: node and tsx',
    median(5, () => run(process.execPath, [...tsx, '-e', '0'])),
  );
  row(
    '  of it: node, tsx, cdk8s, zod, js-yaml',
    median(5, () => run(process.execPath, [...tsx, '--input-type=module', '-e', libraries])),
  );
  row(
    '  npx cdk8s synth',
    median(3, () => run(cdk8s, ['synth', '--check-upgrade=false', '-o', join(work, 'cli')])),
  );

  console.log('\nMembers, with as many apps');
  const scale = new Map<number, number>();
  for (const n of [10, 100, 1000]) {
    const file = federation(n);
    const cost = median(3, () =>
      run(process.execPath, [...tsx, 'main.ts', '-o', join(work, 'dist')], { FEDERATION: file }),
    );
    scale.set(n, cost.ms);
    row(`  ${n}`, cost);
  }
  const at = (n: number) => scale.get(n) as number;
  console.log(
    `\n100 to 1,000 members: ${(at(1000) / at(100)).toFixed(1)} times; with the start-up taken off: ${((at(1000) - at(10)) / (at(100) - at(10))).toFixed(1)} times`,
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}
