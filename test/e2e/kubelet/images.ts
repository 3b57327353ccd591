import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TOOLS_IMAGE } from '../../../constructs/versions.ts';
import { trustedAuthority } from '../harness/internet.ts';
import { run } from '../harness/process.ts';

/** Folder of the servers that this project builds. */
const servers = process.env.E2E_BIN!;

/** What holds a pod's namespaces; containerd is told this name. */
export const PAUSE_IMAGE = 'localhost/pause:e2e';

/** An image with one file of this machine. */
export interface FileImage {
  readonly name: string;
  readonly file: string;
  /** Folder of the image that holds it. */
  readonly place: string;
  /** Whether it has what the tools image has, too. @default false */
  readonly tools?: boolean;
}

/** Programs of the tools image, besides kubectl; they are this machine's. */
const TOOLS = [
  ...['base64', 'cat', 'chmod', 'cp', 'cut', 'date', 'dirname', 'env', 'head', 'id', 'install'],
  ...['ln', 'ls', 'mkdir', 'mktemp', 'mv', 'rm', 'sha256sum', 'sleep', 'sort', 'tail', 'touch', 'tr', 'uname', 'uniq'],
  ...['wc', 'awk', 'bash', 'cmp', 'curl', 'find', 'flock', 'grep', 'gzip', 'nsenter', 'openssl', 'sed', 'tar'],
];

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/**
 * Makes an OCI layout of images with these names in `folder`, out of the servers and programs of this machine.
 * An image of a server holds it where the published one does; users, environment and entry points are left empty, for
 * the manifests have to say them. `others` are the images that are neither of servers nor of tools.
 */
export async function makeImages(
  folder: string,
  names: readonly string[],
  others: readonly FileImage[] = [],
): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const base = await layer(blobs, ['--directory', await baseRoot(join(folder, 'base')), '.']);
  const tools = await layer(blobs, ['--directory', await toolsRoot(join(folder, 'tools')), '.']);
  const kubectl = await layer(blobs, held(join(servers, 'kubectl'), 'usr/local/bin'));

  const index: object[] = [];
  const add = (name: string, layers: readonly Descriptor[], config: object) => {
    const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
    const platform = { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch };
    const manifest = json(blobs, 'manifest', {
      schemaVersion: 2,
      mediaType: mediaType('manifest.v1+json'),
      config: json(blobs, 'config', { ...platform, config, rootfs }),
      layers,
    });
    index.push({ ...manifest, platform, annotations: { 'io.containerd.image.name': name } });
  };
  add(PAUSE_IMAGE, [base, tools], { Cmd: ['/usr/bin/sleep', 'infinity'] });
  for (const name of new Set(names)) {
    if (name === TOOLS_IMAGE) {
      add(name, [base, tools, kubectl], {});
      continue;
    }
    const program = basename(name).replace(/[:@].*$/, '');
    if (!existsSync(join(servers, program))) throw new Error(`what image "${name}" holds is unknown here`);
    const place = name.startsWith('registry.k8s.io/') ? 'usr/local/bin' : 'usr/bin';
    add(name, [base, await layer(blobs, held(join(servers, program), place))], {});
  }
  for (const { name, file, place, tools: withTools } of others) {
    add(name, [...(withTools ? [base, tools] : []), await layer(blobs, held(file, place))], {});
  }
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: index }));
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

const mediaType = (name: string) => `application/vnd.oci.image.${name}`;

/** A file of this machine, in a folder of an image. */
const held = (file: string, place: string) => [
  ...['--directory', dirname(file), '--transform', `s,^,${place}/,`, basename(file)],
];

/** What every image has: the folders of a distribution, users, and the authority that signs for the internet. */
async function baseRoot(root: string): Promise<string> {
  const script = `
    mkdir -p "$1"/{dev,proc,sys,run,var,root,etc/ssl/certs,usr/{bin,lib,lib64,local/bin}}
    mkdir -m 1777 "$1/tmp"
    for folder in bin lib lib64; do ln -s "usr/$folder" "$1/$folder"; done
    cp /etc/passwd /etc/group "$1/etc"
    cp "$2" "$1/etc/ssl/certs/ca-certificates.crt"`;
  await run(['bash', '-euc', script, '-', root, trustedAuthority]);
  return root;
}

/** The programs, and the libraries that they are linked with. */
async function toolsRoot(root: string): Promise<string> {
  const script = `
    mkdir -p "$1"/usr/{bin,lib,lib64}
    for folder in lib lib64; do ln -s "usr/$folder" "$1/$folder"; done
    for tool in "\${@:2}"; do
      file=$(command -v "$tool")
      cp -L "$file" "$1/usr/bin/$tool"
      ldd "$file" | grep -o '/[^ ]*'
    done | sort -u | xargs cp -L --parents --target-directory "$1"`;
  await run(['bash', '-euo', 'pipefail', '-c', script, '-', root, ...TOOLS]);
  for (const link of ['lib', 'lib64']) rmSync(join(root, link)); // the base has them
  return root;
}

/** Packs files as a layer. */
async function layer(blobs: string, files: readonly string[]): Promise<Descriptor> {
  const file = join(blobs, 'layer');
  const options = ['--create', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '--sort=name'];
  const tar = spawn('tar', [...options, ...files], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((done) => tar.on('close', done));
  const hash = createHash('sha256');
  let size = 0;
  tar.stdout.on('data', (part: Buffer) => {
    hash.update(part);
    size += part.length;
  });
  await pipeline(tar.stdout, createWriteStream(file));
  if ((await ended) !== 0) throw new Error(`tar could not pack ${files.join(' ')}`);
  const hex = hash.digest('hex');
  renameSync(file, join(blobs, hex));
  return { mediaType: mediaType('layer.v1.tar'), digest: `sha256:${hex}`, size };
}

function json(blobs: string, kind: string, content: object): Descriptor {
  const text = JSON.stringify(content);
  const hex = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(blobs, hex), text);
  return { mediaType: mediaType(`${kind}.v1+json`), digest: `sha256:${hex}`, size: text.length };
}
