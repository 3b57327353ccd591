import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCRIPTS } from '../cli/scripts.ts';
import { describeWith, kubeconfig, REAL_ANSWERS, standIns } from './scripts/run.ts';

/*
 * What the documents say is tried: commands in `console` blocks, links, examples in TypeScript, messages of scripts.
 */

const PROJECT = join(import.meta.dirname, '..');
const markdownIn = (folder: string) =>
  readdirSync(join(PROJECT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
/** Documents that are written, not made. */
const DOCUMENTS = [...markdownIn('.'), ...markdownIn('docs')].sort();
/** Documents whose commands are tried: CONTRIBUTING's work on the project itself. */
const TRIED = DOCUMENTS.filter((name) => !['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'].includes(name));

const read = (name: string) => readFileSync(join(PROJECT, name), 'utf8');

interface Step {
  /** The line as a reader would type it. */
  readonly command: string;
  /** What is shown of its output. */
  readonly output: readonly string[];
  /** Another file than the default that the block is about, as a comment before it says. */
  readonly federation: string | undefined;
}

/** The commands of a document, in their order. */
function stepsOf(text: string): Step[] {
  const blocks = text.matchAll(/(?:<!-- federation: (\S+) -->\n\n)?^```console\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, federation, block = '']) => {
    const steps: { command: string; output: string[]; federation: string | undefined }[] = [];
    for (const line of block.trimEnd().split('\n')) {
      if (line.startsWith('$ ')) steps.push({ command: line.slice(2), output: [], federation });
      else steps.at(-1)?.output.push(line);
    }
    return steps;
  });
}

/** Commands that are not for a test: from the net, the tests themselves, hosts, secrets, and a server that answers. */
const NOT_HERE = [
  /^npm ci/,
  /^ssh(-keyscan)? /,
  /^curl -i /,
  /^git diff /,
  /^etcd(ctl|utl) /,
  /^tar .* \| kubectl /,
  /^kubectl .* -f \.secrets\//,
  /^npm pack/,
  /^cd /,
  /^npx serverless-federation init/,
  /^npm install /,
  /^serverless-federation init/,
  /^mkdir -p (-m 700 |\.\.\/)/,
  /^umask /,
];

/** Subcommands that are scripts. */
const SCRIPTED = new RegExp(`^serverless-federation (${Object.keys(SCRIPTS).join('|')})\\b`);

/** Scripts of `package.json` that npm has run. */
const ranByNpm = new Set<string>();

/**
 * A command as it is run here: the one that a package installs is the project's own, and npm runs each of its scripts
 * once, for its own start takes as long as theirs.
 */
function asRun(command: string): string {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  return command
    .replace(/^(FEDERATION=\S+ )?serverless-federation /, '$1node cli/start.cjs ')
    .replace(/\bnpm run --silent (\w+)(?: --(?= ))?/, (asWritten, name) => {
      if (ranByNpm.has(name)) return scripts[name] ?? asWritten;
      ranByNpm.add(name);
      return asWritten;
    });
}

/** Whether lines are among the others in their order: `…` in a line is any text, alone on a line any lines. */
function shows(output: string, shown: readonly string[]): boolean {
  const escaped = shown.map((line) =>
    line === '…'
      ? '(?:.*\\n)*?'
      : `${line
          .split('…')
          .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
          .join('.*')}\\n`,
  );
  return new RegExp(`^${escaped.join('')}$`).test(`${output.trimEnd()}\n`);
}

describeWith(['bash', 'kubectl'], 'commands of the documents', () => {
  let root: string;
  let kubectl: NodeJS.ProcessEnv;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'docs-'));
    // It is the real one; of the same manifests it says only once what is in them.
    kubectl = standIns(root, ['kubectl'], REAL_ANSWERS);
    for (const name of ['dist', 'federation.yaml', 'package.json', 'scripts']) {
      cpSync(join(PROJECT, name), join(root, name), { recursive: true });
    }
    // What the folder's own place means nothing to, and what no command changes.
    for (const name of ['cli', 'constructs', 'examples', 'node_modules', 'tsconfig.json']) {
      symlinkSync(join(PROJECT, name), join(root, name));
    }
    mkdirSync(join(root, '.kube'));
    // Examples are there for the commands that take them.
    for (const { name, text } of saved) writeFileSync(join(root, name), text);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  /** What commands came to that several documents have. */
  const outcomes = new Map<string, { status: number | null; output: string }>();

  function run(command: string, env: NodeJS.ProcessEnv = {}) {
    const key = JSON.stringify([command, env]);
    const outcome = outcomes.get(key) ?? runOnce(command, env);
    outcomes.set(key, outcome);
    return outcome;
  }

  function runOnce(command: string, env: NodeJS.ProcessEnv) {
    for (const cluster of ['management', 'host', 'karmada', 'argocd', 'hpc-kube', 'us-azure', 'de-wide', 'l26-ugd']) {
      // Nobody listens there.
      writeFileSync(join(root, `.kube/${cluster}.kubeconfig`), kubeconfig(cluster, 'default', 'http://127.0.0.1:1'));
    }
    const { INIT_CWD: _, FEDERATION: __, ...own } = process.env;
    const { status, stdout, error } = spawnSync('bash', ['-c', `exec 2>&1\n${asRun(command)}`], {
      cwd: root,
      env: { ...own, ...kubectl, ...env },
      encoding: 'utf8',
      timeout: 110_000,
    });
    if (error) throw error;
    return { status, output: stdout };
  }

  /** Manifests of another federation file than the default. */
  function distOf(federation: string): string {
    const dist = join(root, `dist-of-${federation.replace(/\W/g, '-')}`);
    if (!existsSync(dist)) {
      const { status, output } = run(`npm run --silent synth -- --output '${dist}'`, { FEDERATION: federation });
      expect(status, output).toBe(0);
    }
    return dist;
  }

  function attempt({ command, output: shown, federation }: Step): void {
    if (NOT_HERE.some((pattern) => pattern.test(command))) return;
    if (command.startsWith('scripts/') || SCRIPTED.test(command)) {
      const dry = /--(list|help)\b/.test(command) ? '' : ' --dry-run';
      const dist = federation ? ` --dist '${distOf(federation)}'` : '';
      // Without kubeconfigs, for a prune would ask the cluster in a dry run, too.
      const { status, output } = run(`${command}${dry}${dist} </dev/null`, { KUBECONFIG_DIR: '/nonexistent' });
      expect(status, `${command}\n${output}`).toBe(0);
      if (shown.length > 0) expect(shows(output, shown), `${command} printed\n${output}`).toBe(true);
    } else if (command.startsWith('serverless-federation diff')) {
      const { status, output } = run(command);
      expect(status, `${command}\n${output}`).toBe(2);
      expect(output, 'is no wrong call').not.toMatch(/--help/);
    } else if (command.startsWith('kubectl ')) {
      const { status, output } = run(command.replace(/ &$/, '').replace(/ >\S+$/, ''));
      // It got as far as asking the server.
      expect(status, command).toBe(1);
      expect(output, command).toMatch(
        /connection to the server 127\.0\.0\.1:1 was refused|127\.0\.0\.1:1: connect: connection refused/,
      );
    } else {
      expect(command, 'is a command that the test knows').toMatch(
        /^(FEDERATION=\S+ )?(npm run|node|ls|sed|serverless-federation) /,
      );
      const { status, output } = run(command);
      const fails = shown.some((line) => /^\S+:\d+:\d+: (?!warning)/.test(line));
      expect(status, `${command}\n${output}`).toBe(fails ? 1 : 0);
      if (shown.length > 0) expect(shows(output, shown), `${command} printed\n${output}`).toBe(true);
    }
  }

  const saved = DOCUMENTS.map(read).flatMap((text) => [...typescriptOf(text), ...yamlOf(text)]);

  test.each(TRIED.filter((name) => stepsOf(read(name)).length > 0))('%s', (name) => {
    for (const step of stepsOf(read(name))) attempt(step);
  });
});

/** Examples in TypeScript, each with the name that the text before it gives, if it does. */
function typescriptOf(text: string): { name: string; text: string }[] {
  return [...text.matchAll(/(?:as `([\w-]+\.ts)`:\n\n)?^```ts\n(.*?)^```$/gms)].map(([, name, code = ''], i) => ({
    name: name ?? `example-${i}.ts`,
    text: code,
  }));
}

/** Examples in YAML that the text before them gives a name. */
function yamlOf(text: string): { name: string; text: string }[] {
  const named = text.matchAll(/as `([\w-]+\.yaml)`:\n\n^```yaml\n(.*?)^```$/gms);
  return [...named].map(([, name = '', yaml = '']) => ({ name, text: yaml }));
}

test('examples in TypeScript are right in their types', () => {
  const examples = DOCUMENTS.flatMap((document) => typescriptOf(read(document)));
  expect(examples.length).toBeGreaterThan(1);
  // In the project, where modules are found, and in the folder that git ignores.
  mkdirSync(join(PROJECT, 'build'), { recursive: true });
  const folder = mkdtempSync(join(PROJECT, 'build/docs-'));
  try {
    const files = examples.map(({ name, text }) => {
      writeFileSync(join(folder, name), text.replaceAll("from './", "from '../../"));
      return name;
    });
    const options = { extends: '../../tsconfig.json', include: files };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
    const { status, stdout } = spawnSync(join(PROJECT, 'node_modules/.bin/tsc'), ['--noEmit', '-p', folder], {
      encoding: 'utf8',
    });
    expect(status, stdout).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('links of the documents', () => {
  /** As GitHub makes an anchor of a heading. */
  const anchor = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  const anchorsOf = (text: string) =>
    new Set(
      [...text.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchor(heading)),
    );

  test.each(DOCUMENTS)('%s', (name) => {
    const links = [
      ...read(name)
        .replace(/^```.*?^```$/gms, '')
        .matchAll(/\]\(([^)\s]+)\)/g),
    ].map(([, link = '']) => link);
    const dead = links.filter((link) => {
      if (/^https?:/.test(link)) return false;
      const [path = '', heading] = link.split('#');
      const target = path === '' ? name : relative(PROJECT, join(PROJECT, dirname(name), path));
      if (!existsSync(join(PROJECT, target))) return true;
      return heading !== undefined && !anchorsOf(read(target)).has(heading);
    });
    expect(dead).toEqual([]);
  });

  test('lead to every document from the README', () => {
    const pages = DOCUMENTS.filter((name) => name.startsWith('docs/'));
    expect(pages.filter((page) => !read('README.md').includes(`(${page}`))).toEqual([]);
  });

  test('lead to every example from the list of examples', () => {
    const examples = readdirSync(join(PROJECT, 'examples')).filter((name) => name.endsWith('.yaml'));
    expect(examples.filter((name) => !read('docs/examples.md').includes(`(../examples/${name})`))).toEqual([]);
  });
});

test('messages in the tables of troubleshooting are those of the sources', () => {
  const sources = ['scripts', 'constructs', 'cli']
    .flatMap((folder) =>
      readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|sh)$/.test(name))
        .map((name) => read(join(folder, name))),
    )
    .join('\n');
  const sections = read('docs/troubleshooting.md').split(/^## /m);
  const messages = sections
    .filter((section) => /^(The synth|Hosts|Scripts|Joining)\n/.test(section))
    .flatMap((section) => [...section.matchAll(/^\| (.*?) \|/gm)].map(([, cell = '']) => cell))
    .flatMap((cell) => [...cell.matchAll(/`(.*?)`/g)].map(([, message = '']) => message));
  const parts = messages.flatMap((message) => message.split(/'?…'?|ADDRESS|NAME/).map((part) => part.trim()));
  const said = parts.filter((part) => part.length >= 10);
  expect(said.length).toBeGreaterThan(30);
  expect(said.filter((part) => !sources.includes(part))).toEqual([]);
});
