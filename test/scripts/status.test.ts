import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith, onlyTools, Place } from './run.ts';

/* What the command itself tells is in test/cli/status.test.ts. */

describeWith(['bash', 'kubectl'], 'status.sh', () => {
  test('is the command, with paths as they are where it is called', () => {
    const place = new Place();
    mkdirSync(join(place.folder, 'own'));
    renameSync(join(place.kubeconfigs, 'host.kubeconfig'), join(place.folder, 'own/config'));
    const { status, stdout } = place.run('status.sh', '--dry-run', '--kubeconfig', 'host=own/config');
    expect(status).toBe(0);
    expect(stdout).toContain(`kubectl --kubeconfig ${join(place.folder, 'own/config')} get --raw`);
    expect(stdout).toContain(`kubectl --kubeconfig ${join(place.kubeconfigs, 'karmada.kubeconfig')} get --raw`);
  });

  test('says that it needs Node.js', () => {
    const place = new Place();
    const path = onlyTools(place, ['bash', 'env', 'dirname', 'readlink']);
    const { status, stderr } = new Place({ env: { PATH: path } }).run('status.sh');
    expect(status).toBe(1);
    expect(stderr).toBe('status.sh: not found on the PATH: node\n');
  });
});
