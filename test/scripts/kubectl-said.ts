import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes the folder where the stand-in of kubectl keeps what the real one says, for as long as the tests run. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-said-'));
  process.env.KUBECTL_SAID = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
