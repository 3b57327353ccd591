import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes the folder where stand-ins keep what the real programs behind them say, for as long as the tests run. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'said-'));
  process.env.SAID = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
