import { groupBy } from '../../simulation/lookup.ts';
import { planKey } from '../../simulation/plan.ts';
import type { Event } from './live.ts';

/** What fails on the way from an object in the Karmada API to its members. */
export interface SyncFailure {
  /** What Karmada says of it. */
  readonly message: string;
  /** Each member for which an override fails, with the policy as Karmada calls it. */
  readonly overrides: ReadonlyMap<string, string>;
}

/** pkg/util/overridemanager/overridemanager.go */
const OVERRIDE_FAILED = /^Apply (?<policy>(?:cluster )?override policy\(.+?\)) for cluster\((?<member>.+?)\) failed/;

/**
 * Objects of which the last try to send them has failed, by `planKey`. No condition tells of that: a copy that was sent
 * before stays, and counts as applied. Events tell it (pkg/controllers/binding), and are kept for an hour; Karmada tries
 * again, and tells anew, every quarter of an hour at the latest.
 */
export function failuresOf(events: readonly Event[]): ReadonlyMap<string, SyncFailure> {
  const failures = new Map<string, SyncFailure>();
  for (const [key, all] of groupBy(events, ({ involvedObject }) => planKey(involvedObject))) {
    const failed = last(all.filter(({ reason }) => reason === 'SyncWorkFailed'));
    const done = last(all.filter(({ reason }) => reason === 'SyncWorkSucceed'));
    if (!failed || (done && timeOf(done) >= timeOf(failed))) continue;
    const overrides = new Map<string, string>();
    for (const event of all) {
      const { member, policy } = OVERRIDE_FAILED.exec(event.message ?? '')?.groups ?? {};
      if (member && policy && !(done && timeOf(done) >= timeOf(event))) overrides.set(member, policy);
    }
    failures.set(key, { message: failed.message ?? 'it cannot be sent', overrides });
  }
  return failures;
}

/** As RFC 3339, to seconds: texts of one length. */
const timeOf = ({ lastTimestamp }: Event) => lastTimestamp ?? '';

function last(events: readonly Event[]): Event | undefined {
  return events.reduce<Event | undefined>((a, b) => (a && timeOf(a) > timeOf(b) ? a : b), undefined);
}
