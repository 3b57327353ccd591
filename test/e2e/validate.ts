/**
 * Applies every manifest of the given folders to a real kube-apiserver, with strict field validation, as a dry run:
 *
 *     test/e2e/run.sh validate dist/host dist/karmada
 *
 * Ends with 1 and a line for each object that is refused.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, Etcd } from './harness/cluster.ts';
import { clusterGroups, installCrds, karmadaGroups } from './harness/crds.ts';
import { validate } from './harness/validation.ts';

const folders = process.argv.slice(2);
if (folders.length === 0) throw new Error('name the folders to validate: test/e2e/run.sh validate DIR…');

const etcd = new Etcd();
await etcd.start();
const cluster = await Cluster.start('validation', { index: 1 });
const missing = await installCrds(cluster, [...clusterGroups, ...karmadaGroups]);
for (const group of missing)
  console.error(`no definitions of ${group} on this machine: its objects cannot be validated`);

const files = (path: string): string[] =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path)
        .sort()
        .flatMap((entry) => files(join(path, entry)));
const manifests = folders.flatMap(files).filter((file) => /\.ya?ml$/.test(file));
if (manifests.length === 0) throw new Error(`no manifest in ${folders.join(', ')}`);
const { accepted, refused } = await validate(cluster.api, manifests);
for (const { file, object, why } of refused) console.error(`${file}: ${object}: ${why}`);
console.error(`${accepted} objects accepted, ${refused.length} refused, in ${manifests.length} files`);
await cluster.stop();
await etcd.stop();
process.exit(refused.length > 0 ? 1 : 0);
