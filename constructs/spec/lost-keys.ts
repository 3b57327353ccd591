import type { Fault } from './faults.ts';

/** The one key that JavaScript's objects cannot hold like any other: who copies it sets their prototype. */
const LOST = '__proto__';

/**
 * Finds keys that would be lost on their way.
 *
 * @param data what the text was read as.
 * @param text the file, which is only looked through where it holds such a text.
 */
export function lostKeys(data: unknown, text: string): Fault[] {
  const faults: Fault[] = [];
  if (!/__proto__|\\/.test(text)) return faults;
  const visit = (value: unknown, path: (string | number)[]) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      const place = [...path, Array.isArray(value) ? Number(key) : key];
      if (key === LOST)
        faults.push({ path: place, atKey: true, message: 'must have another name: this one would be lost' });
      else visit(item, place);
    }
  };
  visit(data, []);
  return faults;
}
