import type { Path, Report } from '../faults.ts';
import { quantityValue } from '../primitives.ts';

type Amounts = Readonly<Record<string, string>>;

/**
 * What is most likely meant by an amount of bytes that is less than anything runs in: `128m` is an eighth of a byte, and
 * `128` are bytes. The API server takes both, and of the first warns (pkg/api/pod/warnings.go of Kubernetes).
 */
export function tinyFault(amount: string, unit = 'Mi'): string | undefined {
  const bytes = quantityValue(amount);
  if (bytes === 0 || bytes >= 2 ** 20) return undefined;
  const [, number] = /^(\d{1,5})m?$/.exec(amount) ?? [];
  const hint = number === undefined ? ': give more' : `, did you mean '${number}${unit}'?`;
  return `is ${amount}, less than a mebibyte${hint}`;
}

/** Warns of memory that no container can start with. */
export function checkAmounts(
  resources: { readonly requests?: Amounts | undefined; readonly limits?: Amounts | undefined } = {},
  path: Path,
  report: Report,
): void {
  for (const key of ['requests', 'limits'] as const) {
    const memory = resources[key]?.memory;
    const fault = memory === undefined ? undefined : tinyFault(memory);
    if (fault) report.warn([...path, key, 'memory'], fault);
  }
}
