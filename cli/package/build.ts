/**
 * Makes `lib/`, which the package holds in place of the sources: the command as one bundle, the constructs as another
 * with their types, and the page. `npm pack` runs this.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../bundle.cjs';
import { bundlePage, PACKED_PAGE } from '../view/bundle.ts';

const root = join(import.meta.dirname, '../..');
const lib = join(root, 'lib');

/** The bundle that `cli/start.cjs` runs. It is of no sources that could change. */
async function command(): Promise<void> {
  const { body } = await build(root, { minifyWhitespace: true });
  const id = createHash('sha256').update(body).digest('hex');
  writeFileSync(join(lib, 'command.cjs'), `//${JSON.stringify({ id })}\n${body}`, 'latin1');
}

/** What `import` gets. cdk8s stays outside: its constructs must be of the same classes as those of whoever imports them. */
async function constructs(): Promise<void> {
  const { body } = await build(root, {
    entryPoints: ['constructs/index.ts'],
    format: 'esm',
    minifyWhitespace: true,
    external: ['cdk8s', 'constructs'],
    banner: {
      js: `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const root = require('node:path').join(import.meta.dirname, '..');`,
    },
  });
  writeFileSync(join(lib, 'index.js'), body);
}

function types(): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const settings = join(import.meta.dirname, 'tsconfig.json');
  // `npm run typecheck` says whether they fit, which takes longer than to write them.
  execFileSync(process.execPath, [tsc, '-p', settings, '--noCheck', '--checkers', '1'], { stdio: 'inherit' });
}

rmSync(lib, { recursive: true, force: true });
mkdirSync(lib);
await command();
await constructs();
writeFileSync(join(root, PACKED_PAGE), JSON.stringify(await bundlePage()));
types();
