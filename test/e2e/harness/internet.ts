import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { Authority } from './pki.ts';
import { runFolder } from './process.ts';

/** Address of what is outside of all clusters: the sandbox's own end of the bridge. */
export const ADDRESS = '172.30.0.1';
const HOST = 'github.com';
/** Where VPN clients' packages are, and the path of the key of each. */
const PACKAGES = {
  'pkgs.tailscale.com': /^\/stable\/debian\/\w+\.noarmor\.gpg$/,
  'pkgs.netbird.io': /^\/debian\/public\.key$/,
};
const folder = join(runFolder, 'internet');

/** The authority that pods trust, as they trust the public ones in their images. */
export const trustedAuthority = join(folder, 'ca.crt');

/** URL of what stands in for k3s's installer. */
export const installerUrl = `https://${HOST}/k3s-io/k3s/install.sh`;
const installer = join(import.meta.dirname, '../../k3s/stand-in/installer.sh');

/**
 * The internet as far as the clusters need it: names, the release of Karmada under its public address, an installer, and
 * keys of packages. Everything else there is not found.
 */
export class Internet {
  /** Signs for servers that everybody trusts. */
  authority!: Authority;
  private server?: Server;

  /** @param names Addresses by name, besides the internet's own. */
  async start(names: Readonly<Record<string, string>>): Promise<void> {
    this.authority = await Authority.create(folder);
    const { authority } = this;
    const own = [HOST, ...Object.keys(PACKAGES)];
    const subjects = own.map((name) => `DNS:${name}`);
    await authority.sign('server', `/CN=${HOST}`, subjects);
    const release = readFileSync(join(process.env.E2E_BIN!, 'crds.tar.gz'));
    const options = { cert: readFileSync(authority.crt('server')), key: readFileSync(authority.key('server')) };
    this.server = createServer(options, ({ url = '' }, response) => {
      if (/^\/karmada-io\/karmada\/releases\/download\/v[^/]+\/crds\.tar\.gz$/.test(url)) response.end(release);
      else if (url === new URL(installerUrl).pathname) response.end(readFileSync(installer));
      else if (Object.values(PACKAGES).some((key) => key.test(url))) response.end('a key');
      else response.writeHead(404).end();
    });
    await new Promise<void>((done, failed) => this.server?.on('error', failed).listen(443, ADDRESS, done));
    const here = Object.fromEntries(own.map((name) => [name, ADDRESS]));
    const lines = Object.entries({ localhost: '127.0.0.1', ...here, ...names });
    writeFileSync(join(runFolder, 'hosts'), lines.map(([name, address]) => `${address} ${name}\n`).join(''));
  }

  stop(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}
