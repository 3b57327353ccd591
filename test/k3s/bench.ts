/**
 * Prints what a bootstrap of hosts takes: `npm run bench:hosts`, for a minute or two.
 *
 * SSH is real, k3s and its installer are stand-ins that take no time, so what is measured is the bootstrap's own: its
 * waiting for k3s to stay up, and its work, which all hosts here share one machine for. Compare the ratio.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart, Yaml } from 'cdk8s';
import { BootstrapScripts, ClusterBootstrap } from '../../constructs/k3s/bootstrap-job.ts';
import { noSshd, type SshHost, startSshHost } from './ssh-host.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/bootstrap.sh');

/** Seconds that `bootstrap.sh --all` takes for clusters of this many hosts each: a server, and agents. */
async function seconds(clusters: number, hosts: number): Promise<number> {
  const work = mkdtempSync(join(tmpdir(), 'bench-hosts-'));
  const machines: SshHost[] = [];
  try {
    mkdirSync(join(work, 'dist/bootstrap'), { recursive: true });
    const sshDir = join(work, 'ssh');
    const write = (name: string, fill: (chart: Chart) => void) => {
      const chart = new Chart(new App(), name);
      fill(chart);
      writeFileSync(join(work, 'dist/bootstrap', `${name}.yaml`), Yaml.stringify(...chart.toJson()));
    };
    write('00-scripts', (chart) => new BootstrapScripts(chart, 'scripts'));
    for (let i = 0; i < clusters; i++) {
      const made: SshHost[] = [];
      for (let j = 0; j < hosts; j++) made.push(await startSshHost({ sshDir }));
      machines.push(...made);
      write(`20-c${i}`, (chart) => {
        new ClusterBootstrap(chart, 'bootstrap', {
          cluster: {
            name: `c${i}`,
            vpn: false,
            hosts: made.map(({ port, user }, j) => ({
              name: `c${i}-${j}`,
              role: j === 0 ? 'server' : 'agent',
              address: '127.0.0.1',
              ssh: { port, user },
            })),
            k3s: { version: 'v1.35.6+k3s1', installer: { url: made[0]?.installerUrl } },
          },
          network: {},
          ssh: { user: 'root', port: 22, secret: 'federation-ssh' },
        });
      });
    }
    const start = performance.now();
    const args = ['--dist', join(work, 'dist'), '--kubeconfig-dir', join(work, 'kube'), '--ssh-dir', sshDir, '--all'];
    const child = spawn(SCRIPT, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.on('data', (data) => {
      log += data;
    });
    const status = await new Promise((resolve) => child.on('close', resolve));
    if (status !== 0) throw new Error(log);
    return (performance.now() - start) / 1000;
  } finally {
    for (const machine of machines) await machine.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

if (noSshd) throw new Error(noSshd);
const one = await seconds(1, 1);
console.log(`one host                   ${one.toFixed(1).padStart(7)} s`);
const ten = await seconds(5, 2);
console.log(`ten hosts of five clusters ${ten.toFixed(1).padStart(7)} s, ${(ten / one).toFixed(2)} times as long`);
