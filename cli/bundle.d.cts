import type { BuildOptions } from 'esbuild';

/** Bundles the command, or what `options` say. */
export function build(root: string, options?: BuildOptions): Promise<{ body: string; sources: string[] }>;
