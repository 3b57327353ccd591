/**
 * Orders versions and releases: below 0 where the first is older. `v1.35.6-rc2+k3s1` comes before `v1.35.6-rc10+k3s1`,
 * and both before `v1.35.6+k3s1`; `+k3s2` after that. A leading `v` says nothing.
 */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [parse(one), parse(other)];
  return (
    compareParts(a.core, b.core) ||
    // A version without a pre-release comes after all of its own.
    Number(b.pre.length > 0) - Number(a.pre.length > 0) ||
    compareParts(a.pre, b.pre) ||
    compareParts(a.build, b.build)
  );
}

/** `1.35` of `v1.35.6+k3s1`. */
export function minorOf(version: string): string {
  return parse(version).core.slice(0, 2).join('.');
}

type Part = number | string;

function parse(version: string): { core: Part[]; pre: Part[]; build: Part[] } {
  const [, core = '', pre = '', build = ''] = /^v?([0-9.]+)(?:-([^+]*))?(?:\+(.*))?$/.exec(version) ?? [];
  return { core: parts(core), pre: parts(pre), build: parts(build) };
}

/** Numbers and what stands between them: `rc10` is `rc` and 10. */
function parts(text: string): Part[] {
  return (text.match(/\d+|[A-Za-z]+/g) ?? []).map((part) => (/^\d/.test(part) ? Number(part) : part));
}

function compareParts(one: readonly Part[], other: readonly Part[]): number {
  for (const [i, a] of one.entries()) {
    const b = other[i];
    if (b === undefined) return 1;
    if (a === b) continue;
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    // As semver has it: numbers before words.
    if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
    return a < b ? -1 : 1;
  }
  return one.length - other.length;
}
