import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the page runs and how it looks. */
export interface Bundle {
  readonly script: string;
  readonly style: string;
}

const PROJECT = join(import.meta.dirname, '../..');

/** Where a package keeps, as JSON, what `bundlePage` made when it was packed: it has neither the sources nor esbuild. */
export const PACKED_PAGE = 'lib/page.json';

let bundled: Promise<Bundle> | undefined;

/** The program and the style of the page, each as one text. A process bundles them once. */
export async function pageBundle(project = PROJECT): Promise<Bundle> {
  if (!existsSync(join(project, 'page'))) {
    return JSON.parse(readFileSync(join(project, PACKED_PAGE), 'utf8')) as Bundle;
  }
  bundled ??= bundlePage();
  return bundled;
}

/** Bundles the sources in `page/` and what they use. */
export async function bundlePage(): Promise<Bundle> {
  const { build } = await import('esbuild');
  const page = join(PROJECT, 'page');
  const { outputFiles } = await build({
    entryPoints: [join(page, 'main.tsx'), join(page, 'style.css')],
    tsconfig: join(page, 'tsconfig.json'),
    bundle: true,
    format: 'iife',
    target: 'es2023',
    minify: true,
    legalComments: 'none',
    // Never written: names what is made.
    outdir: page,
    write: false,
    logLevel: 'warning',
  });
  const made = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text.trim() ?? '';
  return { script: made('.js'), style: made('.css') };
}
