import { structuredPatch } from 'diff';
import { toYaml } from '../../constructs/output/yaml.ts';
import type { KubeObject } from '../../simulation/kubernetes.ts';

/** What a server sets by itself. */
const OWN = ['managedFields', 'generation', 'resourceVersion', 'uid', 'creationTimestamp', 'selfLink'];

/** What kubectl keeps of an apply, whole. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The lines that differ between an object and what an apply would make of it, with some around them.
 *
 * @param before nothing where it is new.
 * @param after nothing where it is deleted.
 * @returns hunks as of `diff -u`; none where the two are the same.
 */
export function patchOf(before: KubeObject | undefined, after: KubeObject | undefined): string[] {
  const [from, to] = maskSecrets(before && cleaned(before), after && cleaned(after));
  const { hunks } = structuredPatch('', '', from ? toYaml(from) : '', to ? toYaml(to) : '', '', '', { context: 3 });
  return hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ]);
}

function cleaned(object: KubeObject): KubeObject {
  const { status: _, ...rest } = object as KubeObject & { status?: unknown };
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !OWN.includes(key)));
  return { ...rest, metadata } as KubeObject;
}

type Secret = KubeObject & { data?: Record<string, unknown>; stringData?: Record<string, unknown> };

/** Secrets without their values: of two that differ it is said that they do. */
function maskSecrets(before?: KubeObject, after?: KubeObject): [KubeObject | undefined, KubeObject | undefined] {
  if ((after ?? before)?.kind !== 'Secret') return [before, after];
  const [from, to] = [before, after] as [Secret?, Secret?];
  return [masked(from, to, 'before'), masked(to, from, 'after')];
}

function masked(secret: Secret | undefined, other: Secret | undefined, side: string): KubeObject | undefined {
  if (!secret) return undefined;
  const hidden = (key: 'data' | 'stringData') =>
    secret[key] && {
      [key]: Object.fromEntries(
        Object.entries(secret[key]).map(([name, value]) => {
          const others = other?.[key]?.[name];
          return [name, others === undefined || others === value ? '***' : `*** (${side})`];
        }),
      ),
    };
  const { [LAST_APPLIED]: _, ...annotations } = secret.metadata.annotations ?? {};
  const metadata = { ...secret.metadata, ...(secret.metadata.annotations && { annotations }) };
  return { ...secret, metadata, ...hidden('data'), ...hidden('stringData') };
}
