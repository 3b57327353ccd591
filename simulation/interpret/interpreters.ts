import type { KubeObject } from '../kubernetes.ts';
import type { Input, Interpreter } from '../model.ts';
import { NATIVE } from './native.ts';
import { SPIN_APP } from './spin-app.ts';
import { at } from './values.ts';

export type Interpreters = (object: KubeObject) => Interpreter | undefined;

/** Finds how an object's kind is read: what the input says, what Karmada knows, what the project teaches it. */
export function interpretersOf(input: Pick<Input, 'objects' | 'interpreters'>): Interpreters {
  const taught = input.objects.some(
    (object) =>
      object.kind === 'ResourceInterpreterCustomization' &&
      at(object, 'spec', 'target', 'apiVersion') === SPIN_APP.apiVersion &&
      at(object, 'spec', 'target', 'kind') === SPIN_APP.kind,
  );
  const known = [...NATIVE, ...(taught ? [SPIN_APP] : []), ...(input.interpreters ?? [])];
  const byKind = new Map(known.map((interpreter) => [`${interpreter.apiVersion} ${interpreter.kind}`, interpreter]));
  return ({ apiVersion, kind }) => byKind.get(`${apiVersion} ${kind}`);
}
