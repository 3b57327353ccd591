import { createHash } from 'node:crypto';

/** First 8 hexadecimal digits of the SHA-256 of what something consists of. */
export function contentHash(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 8);
}

/**
 * Name of a Job with this content. A Job cannot be changed, so other content gets another name; the same content keeps
 * its name, so that applying it again changes nothing. Never more than 63 characters, for it becomes a label of pods.
 */
export function jobName(name: string, ...content: readonly string[]): string {
  return `${name.slice(0, 54).replace(/[-.]+$/, '')}-${contentHash(name, ...content)}`;
}
