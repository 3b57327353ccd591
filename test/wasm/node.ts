import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const run = promisify(execFile);

/** A k3s node: its containerd, and what its k3s renders. */
export interface NodeProps {
  /** Path of the containerd in its k3s. */
  readonly containerd: string;
  /** Release of k3s. */
  readonly k3s: string;
  /** Version of the containerd configuration that this k3s renders by itself. */
  readonly renders: 2 | 3;
  /** Whether its base template imports the drop-in folder. */
  readonly imports: boolean;
}

/** A run of the installer. */
export interface Run {
  readonly code: number;
  readonly log: string;
}

/** A folder tree as k3s lays it out, with a k3s that has started once; `k3s-node.sh` plays the programs on it. */
export class Node {
  readonly root = mkdtempSync(join(tmpdir(), 'serverless-federation-node.'));
  readonly dataDir = join(this.root, 'var/lib/rancher/k3s');
  readonly etc = join(this.dataDir, 'agent/etc/containerd');
  /** A folder that k3s searches for shims. */
  readonly pathDir = join(this.root, 'usr/local/bin');
  /** Where shims go that k3s shall not find. */
  readonly ownDir = join(this.root, 'opt/serverless-federation/bin');
  private readonly programs = join(this.root, 'programs');

  constructor(readonly props: NodeProps) {
    const bin = join(this.dataDir, 'data/current/bin');
    for (const dir of [this.etc, this.pathDir, this.ownDir, this.programs, bin]) mkdirSync(dir, { recursive: true });
    for (const name of ['nsenter', 'systemctl', 'k3s']) symlinkSync(here('k3s-node.sh'), join(this.programs, name));
    symlinkSync(here('k3s-node.sh'), join(bin, 'containerd'));
  }

  private env(props: Partial<NodeProps> = {}): NodeJS.ProcessEnv {
    const { containerd, k3s, renders, imports } = { ...this.props, ...props };
    return {
      PATH: `${this.programs}:${process.env.PATH}`,
      NODE: this.root,
      HOST_ROOT: '',
      K3S_DATA_DIR: this.dataDir,
      CONTAINERD: containerd,
      K3S_VERSION: k3s,
      RENDERS: String(renders),
      IMPORTS: imports ? '1' : '',
      SAID: process.env.SAID,
    };
  }

  /** Starts k3s, of another release where `upgrade` says so. */
  start(upgrade: Partial<NodeProps> = {}): this {
    Object.assign(this.props, upgrade);
    execFileSync('systemctl', ['start', 'k3s-agent.service'], { env: this.env(), stdio: 'pipe' });
    return this;
  }

  /** Runs the installer. */
  async install(settings: Record<string, string>): Promise<Run> {
    const env = { ...this.env(), RUNTIME: 'spin', BINARY: 'containerd-shim-spin-v2', ...settings };
    try {
      const { stderr } = await run('bash', [here('../../constructs/wasm/install-shim.sh')], { env, timeout: 60_000 });
      return { code: 0, log: stderr };
    } catch (error) {
      const { code, stderr } = error as { code: number; stderr: string };
      return { code, log: stderr };
    }
  }

  /** What the node's containerd makes of the configuration that k3s started it with. */
  dump(): string {
    const containerd = join(this.dataDir, 'data/current/bin/containerd');
    return execFileSync(containerd, ['--config', join(this.etc, 'config.toml'), 'config', 'dump'], {
      encoding: 'utf8',
      env: this.env(),
    });
  }

  /** How often k3s was restarted, and by which name. */
  restarts(): string[] {
    const file = join(this.root, 'restarts');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  /** Every file of the node with its content, mode and time of change. */
  files(): Record<string, string> {
    const files: Record<string, string> = {};
    for (const entry of readdirSync(this.root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile()) continue;
      const { mode, mtimeNs } = statSync(path, { bigint: true });
      files[path.slice(this.root.length + 1)] = `${mode.toString(8)} ${mtimeNs} ${readFileSync(path, 'utf8')}`;
    }
    return files;
  }

  read(...path: string[]): string {
    return readFileSync(join(...path), 'utf8');
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The containerd of Debian's package, version 1, or nothing. */
export function containerd1(): string | undefined {
  try {
    const version = execFileSync('containerd', ['--version'], { encoding: 'utf8' });
    return / v?1\.[67]\./.test(version)
      ? execFileSync('sh', ['-c', 'command -v containerd'], { encoding: 'utf8' }).trim()
      : undefined;
  } catch {
    return undefined;
  }
}

/** A containerd 2, built from its Go module: now where CI is, else by whoever wants this test to run. */
export function containerd2(): string | undefined {
  try {
    const args = process.env.CI === 'true' ? [] : ['--built'];
    return execFileSync(here('containerd/build.sh'), args, { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
