import { z } from 'zod';

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

/** When something happens again and again. */
export const cron = z
  .string()
  .regex(
    /^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|(\S+\s+){4}\S+)$/,
    "must be a cron expression of five fields, such as '0 8 * * 1-5'",
  )
  .refine((text) => {
    const fields = text.split(/\s+/);
    return text.startsWith('@') || FIELDS.every((field, i) => isField(fields[i] ?? '', field));
  }, 'has a field out of its bounds: minute 0-59, hour 0-23, day 1-31, month 1-12, day of the week 0-6');

/** A name of the time zone database. */
export const timeZone = z
  .string()
  .regex(/^[A-Za-z_]+(\/[-A-Za-z0-9_+]+)*$/, "must be a time zone, such as 'Europe/Berlin'")
  .refine((name) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: name });
      return true;
    } catch {
      return false;
    }
  }, "is no time zone that is known, such as 'Europe/Berlin'");
