import { spawn } from 'node:child_process';
import { request as http } from 'node:http';
import { request as https } from 'node:https';
import { connect } from 'node:net';
import type { Obj } from '../harness/api.ts';
import { sleep } from '../harness/wait.ts';

export interface Probed {
  readonly address: string;
  /** Process id of what the container runs. */
  readonly main: () => number | undefined;
}

/** Runs a probe until `over`, and reports each change of its verdict. */
export async function watchProbe(
  container: Obj,
  probe: Obj,
  target: Probed,
  over: () => boolean,
  verdict: (good: boolean) => void,
): Promise<void> {
  let [good, bad] = [0, 0];
  let told: boolean | undefined;
  // The delays of the manifests are for slow machines, and are not what is tested.
  const period = Math.min(probe.periodSeconds ?? 10, 2) * 1000;
  await sleep(Math.min(probe.initialDelaySeconds ?? 0, 5) * 1000);
  while (!over()) {
    if (await look(container, probe, target)) {
      bad = 0;
      if (++good >= (probe.successThreshold ?? 1) && told !== true) {
        told = true;
        verdict(true);
      }
    } else {
      good = 0;
      if (++bad >= (probe.failureThreshold ?? 3) && told !== false) {
        told = false;
        verdict(false);
      }
    }
    await sleep(period);
  }
}

async function look(container: Obj, probe: Obj, { address, main }: Probed): Promise<boolean> {
  const timeout = Math.max(probe.timeoutSeconds ?? 1, 5) * 1000;
  const port = (name: number | string) =>
    typeof name === 'number' ? name : container.ports.find((known: Obj) => known.name === name).containerPort;
  if (probe.httpGet) {
    const { host = address, path = '/', scheme = 'HTTP' } = probe.httpGet;
    return answers(scheme, host, port(probe.httpGet.port), path, timeout);
  }
  if (probe.tcpSocket) return opens(probe.tcpSocket.host ?? address, port(probe.tcpSocket.port), timeout);
  if (probe.exec) return succeeds(probe.exec.command, main(), timeout);
  throw new Error(`a probe of this kind is not simulated: ${Object.keys(probe).join(', ')}`);
}

function answers(scheme: string, host: string, port: number, path: string, timeout: number): Promise<boolean> {
  return new Promise((done) => {
    const options = { host, port, path, timeout, rejectUnauthorized: false, agent: false }; // as kubelet does
    const outgoing = (scheme === 'HTTPS' ? https : http)(options, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      done(statusCode >= 200 && statusCode < 400);
    });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => done(false));
    outgoing.on('close', () => done(false));
    outgoing.end();
  });
}

function opens(host: string, port: number, timeout: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout }, () => {
      done(true);
      socket.destroy();
    });
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => done(false));
    socket.on('close', () => done(false));
  });
}

function succeeds(command: readonly string[], main: number | undefined, timeout: number): Promise<boolean> {
  if (!main) return Promise.resolve(false);
  return new Promise((done) => {
    const enter = ['--target', String(main), '--mount', '--net', '--pid', '--root', '--wd'];
    const child = spawn('nsenter', [...enter, '--', ...command], { stdio: 'ignore', timeout, killSignal: 'SIGKILL' });
    child.on('error', () => done(false));
    child.on('exit', (code) => done(code === 0));
  });
}
