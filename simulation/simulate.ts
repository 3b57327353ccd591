import type { Input, Result } from './model.ts';

/**
 * What Karmada 1.18 does with these objects and members: which policy claims each object, where it is placed and with
 * how many replicas, and what each member gets. A pure function: the same input gives the same result; nothing of the
 * input is changed.
 */
export function simulate(_input: Input): Result {
  throw new Error('not there yet');
}
