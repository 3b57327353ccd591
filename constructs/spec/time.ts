import { z } from 'zod';
import { isCron } from '../cron.ts';
import { isTimeZone, meantTimeZone } from './time-zones.ts';

/** When something happens again and again. */
export const cron = z
  .string()
  .regex(
    /^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|(\S+\s+){4}\S+)$/,
    "must be a cron expression of five fields, such as '0 8 * * 1-5'",
  )
  .refine(isCron, 'has a field out of its bounds: minute 0-59, hour 0-23, day 1-31, month 1-12, day of the week 0-6');

/**
 * A name of the time zone database, as it is spelt there: Karmada's webhook looks it up in a copy of that (`time/tzdata`,
 * pkg/webhook/cronfederatedhpa/validating.go).
 */
export const timeZone = z.string().superRefine((value, context) => {
  if (isTimeZone(value)) return;
  const meant = meantTimeZone(value);
  const hint = meant === undefined ? ", such as 'Europe/Berlin'" : `, did you mean '${meant}'?`;
  context.addIssue({ code: 'custom', message: `must be a name of the time zone database${hint}` });
});
