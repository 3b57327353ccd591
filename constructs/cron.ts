const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Bounds of the five fields and names of their values: ParseStandard of github.com/robfig/cron v3, which Karmada uses. */
const FIELDS = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  { low: 1, high: 12, names: MONTHS },
  { low: 0, high: 6, names: DAYS },
];

/** Whether `text` is a field of a cron expression: a list of stars, numbers and ranges, each perhaps with a step. */
function isField(text: string, { low, high, names = [] }: (typeof FIELDS)[number]): boolean {
  return text.split(',').every((part) => {
    const [, range = '', step] = /^([^/]+)(?:\/(\d{1,9}))?$/.exec(part) ?? [];
    if (step !== undefined && Number(step) === 0) return false;
    if (range === '*' || range === '?') return true;
    const bounds = range.split('-').map((bound) => {
      const name = names.indexOf(bound.toLowerCase());
      return name >= 0 ? name + low : /^\d{1,9}$/.test(bound) ? Number(bound) : Number.NaN;
    });
    const [from = Number.NaN, to = step === undefined ? from : high] = bounds;
    return bounds.length <= 2 && from >= low && to <= high && from <= to;
  });
}

/** Whether a cron library of Go's reads the value as when something happens again and again. */
export function isCron(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(value)) return true;
  const fields = value.trim().split(/\s+/);
  return fields.length === FIELDS.length && FIELDS.every((field, i) => isField(fields[i] ?? '', field));
}

const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether no month that a cron expression names has any of its days, such as the 31st of February. */
export function neverComes(cron: string): boolean {
  const [, , days = '*', months = '*', weekdays = '*'] = cron.trim().split(/\s+/);
  // Where days of the week are named as well, either will do.
  if (!/^[\d,-]+$/.test(days) || !/^[*?]/.test(weekdays)) return false;
  const first = Math.min(...days.split(',').map(Number.parseFloat));
  const named = /^[\d,]+$/.test(months) ? months.split(',').map(Number) : LONGEST_MONTHS.map((_, i) => i + 1);
  return named.every((month) => first > (LONGEST_MONTHS[month - 1] ?? 31));
}
