import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../harness/process.ts';

/** What the sandbox shall see of these folders beside what the machine has there. */
const WRITTEN = ['/opt', '/usr/local/bin'];

/** k3s always names this one: containerd adds it by itself only where there is no other. */
const RUNC = `
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
`;

/**
 * Lays the node out as k3s does, and returns the command that starts its containerd: `k3s.sh` plays k3s.
 *
 * @param config containerd's configuration, as k3s would write it, but for the runtimes
 * @param folder For files that the sandbox writes
 */
export async function asK3s(config: string, folder: string): Promise<readonly string[]> {
  for (const place of WRITTEN) {
    const over = join(folder, 'k3s', place);
    const [upper, work] = [join(over, 'upper'), join(over, 'work')];
    for (const made of [upper, work]) mkdirSync(made, { recursive: true });
    const options = `lowerdir=${place},upperdir=${upper},workdir=${work}`;
    await run(['mount', '-t', 'overlay', 'overlay', '-o', options, place]);
  }
  for (const name of ['k3s', 'systemctl'])
    copyFileSync(join(import.meta.dirname, 'k3s.sh'), join('/usr/local/bin', name));
  const data = '/var/lib/rancher/k3s';
  for (const made of ['agent/etc/containerd', 'data/current/bin']) mkdirSync(join(data, made), { recursive: true });
  symlinkSync((await run(['bash', '-c', 'command -v containerd'])).trim(), join(data, 'data/current/bin/containerd'));
  mkdirSync('/run/k3s');
  writeFileSync('/run/k3s/base.toml', `${readFileSync(config, 'utf8')}${RUNC}`);
  return ['k3s', 'agent'];
}
