import { closeSync, existsSync, mkdirSync, openSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { reasonOf } from '../../constructs/reason.ts';
import { type Fault, formatPath, type Path } from '../../constructs/spec/faults.ts';
import { InvalidFederation, parseFederation } from '../../constructs/spec/load.ts';
import { Failure } from '../failure.ts';
import { Misuse } from '../misuse.ts';
import { schema } from '../schema.ts';
import { version } from '../version.ts';
import { federationYaml, type Start } from './federation-yaml.ts';
import { GITIGNORE } from './gitignore.ts';
import { MEMBER_FORM, memberIn } from './member.ts';
import { workflow } from './workflow.ts';

const WORKFLOW = '.github/workflows/federation.yaml';

/** Options of `init`, as its help tells them. */
export interface InitOptions {
  readonly name?: string;
  readonly address?: string;
  readonly member?: readonly string[];
  readonly vpn?: Start['vpn'];
  readonly vpnServer?: string;
  readonly workflow: boolean;
}

/**
 * Writes the files of a new federation into the folder that the command is called in.
 *
 * @throws Failure where one of them is there, or what is asked for makes no federation.
 */
export async function init(options: InitOptions): Promise<void> {
  const folder = process.cwd();
  const isThere = (path: string) => existsSync(join(folder, path));
  const paths = ['federation.yaml', 'federation.schema.json', ...(options.workflow ? [WORKFLOW] : [])];
  const there = paths.filter(isThere);
  if (there.length > 0) {
    throw new Failure(
      `${there.join(', ')}: there already; init overwrites nothing${
        there.includes(WORKFLOW) ? ' (--no-workflow leaves the workflow out)' : ''
      }`,
    );
  }
  // Whoever has a repository already has one of these.
  const ignoring = isThere('.gitignore');
  if (!ignoring) paths.push('.gitignore');
  const asking = process.stdin.isTTY && process.stdout.isTTY;
  const defaults = startOf(options, basename(folder));
  const start = asking ? await (await import('./questions.ts')).ask(defaults, options, faultOf) : defaults;
  if (start === undefined) throw new Failure('nothing was written');
  if ((start.vpn === 'none' || start.vpn === 'tailscale') && options.vpnServer !== undefined) {
    throw new Misuse(`--vpn-server names the server of a VPN, and --vpn ${start.vpn} has none of your own`, 'init');
  }
  const texts: Readonly<Record<string, string>> = {
    'federation.yaml': federationYaml(start),
    'federation.schema.json': schema(),
    '.gitignore': GITIGNORE,
    [WORKFLOW]: workflow(version()),
  };
  const faults = faultsIn(texts['federation.yaml'] as string);
  if (faults.length > 0) {
    const lines = faults.map(({ path, message }) => `${optionOf(path)}: ${message}`);
    throw new Misuse(`nothing was written, for this makes no federation:\n${lines.join('\n')}`, 'init');
  }
  writeAll(
    folder,
    paths.map((path) => [path, texts[path] as string]),
  );
  if (ignoring) console.error('.gitignore is there already, and stays as it is: it should name .kube/ and .secrets/');
  // npx finds the command of a package that is installed in a folder, and the shell does not.
  const command = `${process.env.npm_command === 'exec' ? 'npx ' : ''}serverless-federation`;
  console.log(`wrote ${paths.join(', ')}

Next: look at federation.yaml, then
  ${command} synth    makes dist/ of it
  ${command} plan     shows where everything will run`);
}

/** What the options say, and the defaults for the rest. */
function startOf({ name, address, member, vpn, vpnServer }: InitOptions, folder: string): Start {
  return {
    name: name ?? (nameOf(folder) || 'federation'),
    address: address ?? 'karmada.example.com',
    members: (member ?? ['cloud=eu', 'edge=home']).map((text) => {
      const member = memberIn(text);
      if (member === undefined) throw new Misuse(`--member must be ${MEMBER_FORM}, got '${text}'`, 'init');
      return member;
    }),
    vpn: vpn ?? 'none',
    ...(vpnServer !== undefined && { vpnServer }),
  };
}

/** A folder's name, as far as it can name a federation. */
function nameOf(folder: string): string {
  return folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
}

/** What is wrong with a start as far as it is known, without its place; undefined where nothing is. */
function faultOf(start: Start): string | undefined {
  return faultsIn(federationYaml(start))[0]?.message;
}

/** What is wrong in a new file. What an app says of the members, they say already. */
function faultsIn(text: string): readonly Fault[] {
  try {
    parseFederation(text, 'federation.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof InvalidFederation)) throw error;
    return error.faults.filter(({ path }) => path[1] !== 'apps');
  }
}

/** The option that a place of the file comes from. */
function optionOf(path: Path): string {
  const place = formatPath(path);
  if (place === 'metadata.name') return '--name';
  if (place === 'spec.controlPlane.address') return '--address';
  if (place === 'spec.vpn.server') return '--vpn-server';
  return place.startsWith('spec.members[') ? '--member' : place;
}

/**
 * Writes all files into a folder, or none.
 *
 * @throws Failure for the first that can't be written.
 */
function writeAll(folder: string, files: readonly (readonly [path: string, text: string])[]): void {
  const undo: (() => void)[] = [];
  for (const [path, text] of files) {
    const file = join(folder, path);
    try {
      const made = mkdirSync(dirname(file), { recursive: true });
      if (made !== undefined) undo.push(() => rmSync(made, { recursive: true }));
      // What has come since it was looked for is not overwritten, either.
      const descriptor = openSync(file, 'wx');
      undo.push(() => unlinkSync(file));
      try {
        writeFileSync(descriptor, text);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw new Failure(`cannot write '${path}', so nothing was written: ${reasonOf(error)}`);
    }
  }
}
