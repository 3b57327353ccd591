import type { Quantity } from './kubernetes.ts';

/** Billionths: the finest unit that Kubernetes' quantities have. */
const NANO = 1_000_000_000n;

const SUFFIXES: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': NANO,
  k: NANO * 10n ** 3n,
  M: NANO * 10n ** 6n,
  G: NANO * 10n ** 9n,
  T: NANO * 10n ** 12n,
  P: NANO * 10n ** 15n,
  E: NANO * 10n ** 18n,
  Ki: NANO << 10n,
  Mi: NANO << 20n,
  Gi: NANO << 30n,
  Ti: NANO << 40n,
  Pi: NANO << 50n,
  Ei: NANO << 60n,
};

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/;

/** Whether a value is a quantity as Kubernetes reads them. */
export function isQuantity(value: Quantity): boolean {
  const text = String(value).trim();
  return FORM.test(text) && /\d/.test(text.replace(/[eE].*/, ''));
}

/** A quantity in billionths. What is no quantity counts as none: the API server refuses it before Karmada sees it. */
export function nanos(quantity: Quantity | undefined): bigint {
  const match = FORM.exec(String(quantity ?? 0).trim());
  if (match === null) return 0n;
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match;
  let unit = SUFFIXES[suffix] ?? NANO;
  const power = Number(exponent ?? 0);
  const digits = BigInt(`${whole}${fraction}` || '0');
  let divisor = 10n ** BigInt(fraction.length);
  if (power > 0) unit *= 10n ** BigInt(Math.min(power, 40));
  if (power < 0) divisor *= 10n ** BigInt(Math.min(-power, 40));
  const size = ceilDivide(digits * unit, divisor);
  return sign === '-' ? -size : size;
}

/** In whole units, rounded up: Quantity.Value() of Kubernetes. */
export function units(nano: bigint): number {
  return Number(ceilDivide(nano, NANO));
}

/** In thousandths, rounded up: Quantity.MilliValue() of Kubernetes. */
export function millis(nano: bigint): number {
  return Number(ceilDivide(nano, 1_000_000n));
}

/** Whether Kubernetes holds it in binary units (`1Gi`): then sums of component sets count units, else thousandths. */
export function isBinary(quantity: Quantity | undefined): boolean {
  return typeof quantity === 'string' && quantity.trim().endsWith('i');
}

function ceilDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by > 0n ? quotient + 1n : quotient;
}
