import { createHash } from 'node:crypto';
import type { Result } from '../../simulation/model.ts';
import { planOf } from '../../simulation/plan.ts';
import type { Manifests } from '../manifests.ts';
import type { FederationSpec } from '../spec/federation.ts';
import { readme } from './readme.ts';
import type { Called } from './targets.ts';

/** Members up to which the README tells why an object is not on one: with more, nobody reads it. */
const MOST_REASONS = 12;

/**
 * The files of `dist/`, with a README.md that shows what they come to.
 *
 * @param called what a user types for a subcommand. Default: the package's command, and the subcommand's name.
 */
export function* withReadme(
  spec: FederationSpec,
  result: Result,
  manifests: Manifests,
  called: Called = (subcommand) => `serverless-federation ${subcommand}`,
): Generator<readonly [path: string, text: string]> {
  const plan = planOf(result, { reasons: spec.members.length <= MOST_REASONS });
  const folders = new Set<string>();
  for (const file of manifests.files()) {
    folders.add(file[0].slice(0, file[0].lastIndexOf('/')));
    yield file;
  }
  yield ['README.md', `${readme(spec, plan, folders, called)}${madeOf(spec)}`];
}

/** A line from which `scripts/apply.sh` knows whether the federation's file has changed since. */
function madeOf({ source }: FederationSpec): string {
  if (source?.text === undefined) return '';
  return `\n<!-- made of sha256:${createHash('sha256').update(source.text).digest('hex')} -->\n`;
}
