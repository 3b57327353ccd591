import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.ts';

/** As long as nobody thinks of renewing them. */
const DAYS = ['-days', '365'];

/** A certificate authority of one cluster, in a folder: `ca.crt`, `ca.key`, and what it signs beside them. */
export class Authority {
  private constructor(readonly folder: string) {}

  static async create(folder: string): Promise<Authority> {
    mkdirSync(folder, { recursive: true });
    const authority = new Authority(folder);
    await run([
      ...request,
      '-x509',
      ...DAYS,
      '-subj',
      '/CN=kubernetes-ca',
      '-keyout',
      authority.key('ca'),
      '-out',
      authority.crt('ca'),
    ]);
    await run(['openssl', 'genrsa', '-out', authority.key('sa'), '2048']);
    return authority;
  }

  crt(name: string): string {
    return join(this.folder, `${name}.crt`);
  }

  key(name: string): string {
    return join(this.folder, `${name}.key`);
  }

  /**
   * Signs a certificate for clients and servers.
   * @param subject As openssl writes it: `/O=system:masters/CN=admin`.
   * @param names Alternative names as openssl writes them: `DNS:localhost`, `IP:127.0.0.1`.
   */
  async sign(name: string, subject: string, names: readonly string[] = []): Promise<void> {
    const extensions = ['-addext', 'basicConstraints=CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth,clientAuth'];
    if (names.length > 0) extensions.push('-addext', `subjectAltName=${names.join(',')}`);
    await run([
      ...[...request, '-x509', ...DAYS, '-subj', subject, ...extensions],
      ...['-CA', this.crt('ca'), '-CAkey', this.key('ca'), '-keyout', this.key(name), '-out', this.crt(name)],
    ]);
  }

  /** Writes a kubeconfig for a signed client; cluster, user and context bear the cluster's name. */
  kubeconfig(cluster: string, server: string, client: string): string {
    const data = (file: string) => readFileSync(file).toString('base64');
    const file = join(this.folder, `${client}.kubeconfig`);
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': data(this.crt('ca')) } }],
      users: [
        {
          name: cluster,
          user: { 'client-certificate-data': data(this.crt(client)), 'client-key-data': data(this.key(client)) },
        },
      ],
      contexts: [{ name: cluster, context: { cluster, user: cluster } }],
      'current-context': cluster,
    };
    writeFileSync(file, JSON.stringify(config, undefined, 2), { mode: 0o600 });
    return file;
  }
}

const request = ['openssl', 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
