import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutatingWebhooks, validatingWebhooks } from '../../../constructs/karmada/static-resources/webhooks.ts';
import type { Cluster } from './cluster.ts';
import { Authority } from './pki.ts';
import { Process, run, runFolder } from './process.ts';

const ADDRESS = '127.0.0.1';

/**
 * Karmada's webhook, asked by an API server of the harness for whatever the control plane asks it for: with the
 * configurations of `dist/host`, but for where it is.
 */
export class Webhook {
  private constructor(private readonly process: Process) {}

  /** Starts it and registers it; the API server must know Karmada's kinds. */
  static async start(cluster: Cluster, port = 9443): Promise<Webhook> {
    const authority = await Authority.create(join(runFolder, 'webhook'));
    await authority.sign('tls', '/CN=karmada-webhook', [`IP:${ADDRESS}`]);
    const webhook = new Process('karmada-webhook', {
      command: [
        'karmada-webhook',
        `--kubeconfig=${cluster.kubeconfig}`,
        `--bind-address=${ADDRESS}`,
        `--secure-port=${port}`,
        `--cert-dir=${authority.folder}`,
        `--health-probe-bind-address=${ADDRESS}:${port + 1}`,
        '--metrics-bind-address=0',
        // As a control plane with 'failover: true' has it.
        '--allow-no-execute-taint-policy=true',
      ],
    }).start();
    const probe = ['curl', '-fsS', '--cacert', authority.crt('ca'), `https://${ADDRESS}:${port}/readyz/`];
    await webhook.ready('to be ready', () => run(probe));

    const ca = readFileSync(authority.crt('ca')).toString('base64');
    const file = join(runFolder, 'webhook.json');
    const items = [mutatingWebhooks('karmada-system'), validatingWebhooks('karmada-system')];
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
      .replaceAll(/https:\/\/[^/"]+(:443)?\//g, `https://${ADDRESS}:${port}/`)
      .replaceAll('{{caBundle}}', ca);
    writeFileSync(file, text);
    await cluster.kubectl(['apply', '--server-side', '--filename', file]);
    return new Webhook(webhook);
  }

  stop(): Promise<void> {
    return this.process.stop();
  }
}
