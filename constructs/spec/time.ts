import { z } from 'zod';
import { isCron } from '../cron.ts';

/** When something happens again and again. */
export const cron = z
  .string()
  .regex(
    /^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|(\S+\s+){4}\S+)$/,
    "must be a cron expression of five fields, such as '0 8 * * 1-5'",
  )
  .refine(isCron, 'has a field out of its bounds: minute 0-59, hour 0-23, day 1-31, month 1-12, day of the week 0-6');

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
