import { lookAhead } from '../../constructs/ahead/look-ahead.ts';
import { Federation } from '../../constructs/federation.ts';
import { InvalidFederation, judge, parseFederation } from '../../constructs/spec/load.ts';

const MEMBERS = [
  { name: 'oslo', region: 'no', labels: { tier: 'edge' } },
  { name: 'bern', region: 'ch', labels: { tier: 'edge' } },
  { name: 'lyon', labels: { tier: 'cloud' } },
];
export const APP = { name: 'w', image: 'registry.example.org/web:v1' };

/** What looking ahead says of a federation with these parts, faults or warnings, each as `PATH: MESSAGE`. */
export function said(spec: object, members: object[] = MEMBERS) {
  const file = {
    apiVersion: 'serverless-federation.io/v1alpha1',
    kind: 'Federation',
    metadata: { name: 't' },
    spec: { controlPlane: { address: 'k.example.com' }, members, ...spec },
  };
  const warnings: string[] = [];
  const onWarning = (line: string) => void warnings.push(line.replace(/^t\.yaml:\d+:\d+: /, ''));
  const federation = parseFederation(JSON.stringify(file), 't.yaml', onWarning);
  warnings.length = 0;
  const objects = new Federation(federation).manifests.objects('karmada');
  try {
    judge(federation, (report) => lookAhead(federation, objects, report));
    return { faults: [], warnings };
  } catch (error) {
    if (!(error instanceof InvalidFederation)) throw error;
    return { faults: error.message.split('\n').map((line) => line.replace(/^t\.yaml:\d+:\d+: /, '')), warnings };
  }
}

/** The same of one app. */
export const saidOf = (app: object, rest: object = {}) => said({ apps: [{ ...APP, ...app }], ...rest });

/** The same of an app with one override. */
export const overridden = (rule: object, app: object = {}) => saidOf({ ...app, overrides: [rule] });

/** The target of a rule: one member. */
export const oslo = { target: { clusters: ['oslo'] } };

/** All that is said in warnings, without the word, where there are no faults. */
export function warned({ faults, warnings }: ReturnType<typeof said>): string[] {
  return [...faults.map((line) => `fault: ${line}`), ...warnings.map((line) => line.replace(/^warning: spec\./, ''))];
}
