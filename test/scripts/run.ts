import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, onTestFinished } from 'vitest';

/** Path of a program on the PATH. */
export function find(program: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
}

/**
 * kubectl itself. That of Google's SDK first asks the server for its version, for seconds where none answers, and then
 * starts the one of that version: they lie beside it.
 */
function itself(kubectl: string): string {
  const folder = dirname(realpathSync(kubectl));
  const versions = readdirSync(folder).filter((name) => /^kubectl\.1\.\d+$/.test(name));
  return versions.length > 0 ? join(folder, versions.sort().at(-1) as string) : kubectl;
}

const KUBECTL = find('kubectl');
const REAL_KUBECTL = KUBECTL && itself(KUBECTL);

/**
 * `describe` for tests that need programs. Where one is missing they are skipped, which the report shows together with
 * the way to get it; in CI (`CI=true`) they fail instead.
 */
export function describeWith(programs: readonly string[], title: string, tests: () => void): void {
  const missing = programs.filter((program) => !find(program));
  if (missing.length === 0) describe(title, { timeout: 120_000 }, tests);
  else if (process.env.CI) throw new Error(`not on the PATH: ${missing.join(', ')}; .ci/run installs them`);
  else describe.skip(`${title} (not on the PATH: ${missing.join(', ')}; see .ci/run for how to install them)`, tests);
}

const SCRIPTS = join(import.meta.dirname, '../../scripts');
const STAND_IN = join(import.meta.dirname, 'stand-in/tool.sh');
const FIXTURE = join(import.meta.dirname, 'fixture');

/**
 * Makes stand-ins for programs in a folder.
 *
 * @param answers body of a shell function that gets a stand-in's whole command as `$1`, and then its words, and answers
 * for it. What kubectl does without a cluster, the real one does.
 * @returns the environment in which they are found.
 */
export function standIns(folder: string, programs: readonly string[], answers: string): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const program of programs) {
    // By bash's own path: to have env find it takes as long as the stand-in itself.
    writeFileSync(join(bin, program), `#!${find('bash')}\n. '${STAND_IN}'\n`, { mode: 0o755 });
  }
  writeFileSync(join(folder, 'answers'), `answer() {\n${answers || ':'}\n}\n`);
  return {
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    CALLS: join(folder, 'calls'),
    ANSWERS: join(folder, 'answers'),
    REAL_KUBECTL,
    SAID: process.env.SAID,
    GOGC: process.env.GOGC,
  };
}

/** Answers of the real kubectl. */
export const REAL_ANSWERS = 'shift && exec "$REAL_KUBECTL" "$@"';

/** The clusters of the manifests that scripts are tried with. */
export const CLUSTERS = ['management', 'host', 'karmada', 'argocd', 'cloud', 'edge'];

/** What a script did. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** How the stand-ins were called, in order: the command, with what it read from standard input indented below it. */
  readonly calls: readonly string[];
}

export interface Situation {
  /** What stand-ins answer, as `standIns` takes it. */
  readonly answers?: string;
  /** Files to write into the synthesized manifests, by their path in `dist/`. */
  readonly manifests?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Programs that are stand-ins. */
  readonly tools?: readonly string[];
  /** Clusters that there are kubeconfigs of. */
  readonly kubeconfigs?: readonly string[];
}

/** A folder with manifests, kubeconfigs and stand-ins, in which scripts run. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'scripts-'));
  readonly dist = join(this.folder, 'dist');
  readonly kubeconfigs = join(this.folder, 'kube');
  private readonly env: NodeJS.ProcessEnv;

  /** @param finished what a test that runs beside others is told of its end by; it is its context's own. */
  constructor(situation: Situation = {}, finished = onTestFinished) {
    finished(() => rmSync(this.folder, { recursive: true, force: true }));
    cpSync(FIXTURE, this.dist, { recursive: true });
    for (const [path, text] of Object.entries(situation.manifests ?? {})) this.write(join('dist', path), text);
    for (const cluster of situation.kubeconfigs ?? CLUSTERS) {
      this.write(`kube/${cluster}.kubeconfig`, kubeconfig(cluster));
    }
    this.env = {
      ...standIns(this.folder, situation.tools ?? ['kubectl', 'kubectl-karmada'], situation.answers ?? ''),
      HOME: this.folder,
      KUBECONFIG_DIR: this.kubeconfigs,
      STATE: this.folder,
      ...situation.env,
    };
  }

  write(path: string, text: string): string {
    const file = join(this.folder, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  run(script: string, ...args: readonly string[]): Outcome {
    writeFileSync(this.env.CALLS!, '');
    const options = { ...this.options, encoding: 'utf8' } as const;
    const { status, stdout, stderr, error } = spawnSync(join(SCRIPTS, script), ['--dist', this.dist, ...args], options);
    if (error) throw error;
    return { status, stdout, stderr, calls: this.calls() };
  }

  /** As `run`, for a script that needs something of this process meanwhile, such as a server. */
  async runBeside(script: string, ...args: readonly string[]): Promise<Outcome> {
    writeFileSync(this.env.CALLS!, '');
    const child = spawn(join(SCRIPTS, script), ['--dist', this.dist, ...args], this.options);
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout!),
      text(child.stderr!),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    return { status, stdout, stderr, calls: this.calls() };
  }

  private get options(): SpawnOptions {
    return { cwd: this.folder, env: this.env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 100_000 };
  }

  private calls(): string[] {
    return readFileSync(this.env.CALLS!, 'utf8')
      .split(/\n(?! )/)
      .filter((call) => call !== '');
  }
}

/** A kubeconfig as k3s writes it: everything in it has one name. */
export function kubeconfig(cluster: string, name = 'default', server = `https://${cluster}.example.com:6443`): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: ${name}
    cluster: { server: "${server}", certificate-authority-data: ${Buffer.from(`ca of ${cluster}`).toString('base64')} }
users:
  - name: ${name}
    user: { token: token-of-${cluster} }
contexts:
  - name: ${name}
    context: { cluster: ${name}, user: ${name} }
current-context: ${name}
`;
}

/** A folder with links to the named programs alone, to be a PATH on which others are missing. */
export function onlyTools(place: Place, programs: readonly string[]): string {
  const folder = join(place.folder, 'only');
  mkdirSync(folder);
  for (const program of programs) {
    const path = find(program);
    if (path) symlinkSync(path, join(folder, program));
  }
  chmodSync(folder, 0o755);
  return folder;
}
