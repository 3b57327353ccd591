import { InvalidFederation, parseFederation } from '../../../constructs/spec/load.ts';

/** A federation file that has this `spec`, as YAML indented by two. */
export const federationOf = (spec: string): string =>
  `apiVersion: serverless-federation.io/v1alpha1\nkind: Federation\nmetadata: { name: test }\nspec:\n${spec}`;

/** What is warned of in a federation that has this `spec`, but for what is fetched unverified: a line each, likewise. */
export function warningsOf(spec: string): string[] {
  const told: string[] = [];
  parseFederation(federationOf(spec), 'f', (line) => told.push(line.replace(/^f:(\d+:\d+:)? warning: /, '')));
  return told.filter((line) => !line.includes('is fetched without being verified'));
}

/** What is wrong with a federation that has this `spec`: a line each, without the file's name. */
export function faultsOf(spec: string): string[] {
  try {
    parseFederation(federationOf(spec), 'f');
  } catch (error) {
    if (error instanceof InvalidFederation) {
      return error.message.split('\n').map((line) => line.replace(/^f:(\d+:\d+:)? /, ''));
    }
    throw error;
  }
  return [];
}
