import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';

const project = join(import.meta.dirname, '../..');
const work = mkdtempSync(join(tmpdir(), 'package-'));
const folder = join(work, 'shop-floor');
const npm = { encoding: 'utf8', env: { ...process.env, INIT_CWD: undefined } } as const;
let packed: string;

beforeAll(() => {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', work], { ...npm, cwd: project });
  packed = join(work, readdirSync(work).find((name) => name.endsWith('.tgz')) as string);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  execFileSync('npm', ['install', '--silent', '--offline', packed], { ...npm, cwd: folder });
}, 600_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

function command(...args: string[]) {
  return spawnSync(join(folder, 'node_modules/.bin/serverless-federation'), args, { ...npm, cwd: folder, input: '' });
}

test('the package is small, and brings nothing else', () => {
  expect(statSync(packed).size).toBeLessThan(3_000_000);
  expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    'serverless-federation',
  ]);
});

test('what its README leads to is in the package', () => {
  const installed = join(folder, 'node_modules/serverless-federation');
  const links = [...readFileSync(join(installed, 'README.md'), 'utf8').matchAll(/\]\(([^)#\s]+)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link));
  expect(links).toContain('docs/operations.md');
  expect(links.filter((link) => !existsSync(join(installed, link)))).toEqual([]);
});

test('init, synth, check, plan and view go one after the other in an empty folder', () => {
  const init = command('init', '--member', 'berlin=de', '--member', 'paris=fr');
  expect(init.stderr).toBe('');
  expect(readFileSync(join(folder, 'federation.yaml'), 'utf8')).toContain('- { name: paris, region: fr }');
  expect(existsSync(join(folder, '.github/workflows/federation.yaml'))).toBe(true);

  expect(command('check', '--dist').status).toBe(1);
  expect(command('synth').stdout).toMatch(/^shop-floor: \d+ files in /);
  expect(existsSync(join(folder, 'dist/members/paris/00-member.yaml'))).toBe(true);
  expect(command('check', '--dist').stdout).toBe('shop-floor: federation.yaml is right, and dist is what it makes\n');
  const readme = readFileSync(join(folder, 'dist/README.md'), 'utf8');
  expect(readme).toContain('`serverless-federation apply host`');
  expect(readme).not.toMatch(/scripts\/|npm run/);
  const { placements } = JSON.parse(command('plan', '-o', 'json').stdout) as { placements: { name: string }[] };
  expect(placements.map(({ name }) => name)).toContain('hello');
  expect(command('view').status).toBe(0);
  expect(readFileSync(join(folder, 'federation.html'), 'utf8')).toMatch(/<script>.{10000}/s);
});

test('the steps of the workflow that init wrote check the folder, and comment the plan', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a workflow, of which the steps are run
  const written = load(readFileSync(join(folder, '.github/workflows/federation.yaml'), 'utf8')) as any;
  const { env, steps } = written.jobs.plan;
  const [summary, comments] = [join(work, 'summary.md'), join(work, 'comments')];
  mkdirSync(join(work, 'bin'));
  const standIn = (name: string, script: string) =>
    writeFileSync(join(work, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  // Stands in for GitHub's command, which would comment.
  standIn('gh', `echo "$@" >>'${comments}'`);
  const given = {
    ...{ NUMBER: '17', GITHUB_STEP_SUMMARY: summary, npm_config_offline: 'true' },
    PATH: `${join(work, 'bin')}:${process.env.PATH}`,
  };
  const run = (line: string) =>
    spawnSync('bash', ['-e', '-o', 'pipefail', '-c', line], {
      ...npm,
      cwd: folder,
      env: { ...npm.env, ...env, ...given },
    });
  const lines = (steps as { run?: string }[]).flatMap((step) => (step.run ? [step.run] : []));
  expect(lines.length).toBe(4);
  const runAll = () => {
    rmSync(summary, { force: true });
    for (const line of lines) {
      const { status, stderr } = run(line);
      expect(status, `${line}\n${stderr}`).toBe(0);
    }
    return readFileSync(summary, 'utf8');
  };
  // A first commit follows nothing.
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=me', '-c', 'user.email=me@example.com', ...args], { ...npm, cwd: folder });
  const commit = () => {
    git('add', 'federation.yaml', 'dist');
    git('commit', '--quiet', '--message', 'Change');
  };
  git('init', '--quiet');
  commit();
  expect(run(lines[0] as string).status).toBe(0);
  // Stands in from here on for npx, which takes longer to find the package than the package takes to answer.
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  const installed = join(folder, 'node_modules/.bin/serverless-federation');
  standIn('npx', `[ "$1 $2" = '--yes serverless-federation@${version}' ] && shift 2 && exec '${installed}' "$@"`);
  expect(runAll()).toBe(command('plan', '-o', 'markdown').stdout);
  expect(readFileSync(join(folder, 'plan.md'), 'utf8')).toBe(readFileSync(summary, 'utf8'));
  expect(readFileSync(comments, 'utf8')).toBe('pr comment 17 --body-file plan.md --edit-last --create-if-none\n');

  const file = join(folder, 'federation.yaml');
  const moved = readFileSync(file, 'utf8').replaceAll('paris', 'lyon');
  writeFileSync(file, moved);
  expect(command('synth').status).toBe(0);
  commit();
  expect(runAll()).toMatch(/^Deployment default\/hello +paris 1 → -, lyon - → 1$/m);

  writeFileSync(file, `${moved}  unknown: 1\n`);
  expect(run(lines[0] as string).status).toBe(1);
  writeFileSync(file, moved);
});

test('a script works on the folder that it is called in, and says how it is called', () => {
  const { status, stdout } = command('apply', '--dry-run', 'karmada');
  expect(status).toBe(0);
  expect(stdout).toContain(`${join(folder, 'dist/karmada')}/`);
  expect(stdout).toContain(join(folder, '.kube/karmada.kubeconfig'));
  const wrong = command('apply', 'elsewhere');
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain('See serverless-federation apply --help.');
});

test('status works on the folder that it is called in, and so does its script', () => {
  const { status, stdout } = command('status', '--dry-run');
  expect(status).toBe(0);
  expect(stdout).toContain(`kubectl --kubeconfig ${join(folder, '.kube/karmada.kubeconfig')} get --raw /apis/`);
  const script = join(folder, 'node_modules/serverless-federation/scripts/status.sh');
  expect(spawnSync(script, ['--dry-run'], { ...npm, cwd: folder }).stdout).toBe(stdout);
});

test('constructs can be imported, with types', () => {
  for (const name of ['cdk8s', 'cdk8s-plus-28', 'constructs', 'zod', '@types']) {
    symlinkSync(join(project, 'node_modules', name), join(folder, 'node_modules', name));
  }
  const program = (props: string) => `import { App, Chart } from 'cdk8s';
import { WasmRuntimeClass } from 'serverless-federation';
const chart = new Chart(new App(), 'runtimes');
new WasmRuntimeClass(chart, 'spin', ${props});
console.log(JSON.stringify(chart.toJson()));
`;
  writeFileSync(join(folder, 'right.mts'), program("{ name: 'wasm', handler: 'spin' }"));
  writeFileSync(join(folder, 'wrong.mts'), program('{ name: 1 }'));
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--types',
    'node',
  ];
  const files = ['right.mts', 'wrong.mts'];
  const { stdout } = spawnSync(
    process.execPath,
    [join(project, 'node_modules/typescript/bin/tsc'), ...options, ...files],
    { ...npm, cwd: folder },
  );
  expect(stdout).toContain('wrong.mts(4,');
  expect(stdout).not.toContain('right.mts');

  // Without its types it is JavaScript as it stands.
  renameSync(join(folder, 'right.mts'), join(folder, 'right.mjs'));
  const [made] = JSON.parse(execFileSync(process.execPath, ['right.mjs'], { ...npm, cwd: folder }));
  expect(made).toMatchObject({ kind: 'RuntimeClass', metadata: { name: 'wasm' }, handler: 'spin' });
});
