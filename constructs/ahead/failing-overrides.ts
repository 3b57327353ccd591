import { knowsApiDefaults } from '../../simulation/api-defaults.ts';
import type { KubeObject, ObjectRef } from '../../simulation/kubernetes.ts';
import type { Fault } from '../../simulation/model.ts';
import type { Candidates } from '../policy/candidates.ts';
import type { ClusterAffinity } from '../policy/placement.ts';
import type { Path } from '../spec/faults.ts';
import type { Member } from '../spec/federation.ts';
import type { Survey } from './overrides.ts';
import { listed, type View } from './view.ts';

/** What an override rule of the file says, as far as telling rules apart needs it. */
interface Rule {
  readonly target?: ClusterAffinity | undefined;
}

/**
 * Overrides that fail on a member, so that it never gets the object, or give its copy another identity. A field that is not
 * there may come from the API server, where it is not known what that adds.
 */
export function failingOverrides(view: View): Survey {
  const { candidates } = view.reach;
  const found = new Map<string, { path: Path; message: string; isSure: boolean; members: string[] }>();
  return {
    see({ errors, ref, object }) {
      for (const fault of errors) {
        if (fault.code !== 'OverrideFailed' && fault.code !== 'IdentityChanged') continue;
        const path = pathOf(view, candidates, fault, ref);
        const message = withoutMember(fault);
        const key = `${path.join('/')} ${message}`;
        const known = found.get(key);
        if (known) known.members.push(fault.member ?? '');
        else found.set(key, { path, message, isSure: isSure(fault, object), members: [fault.member ?? ''] });
      }
    },
    tell(report) {
      for (const { path, message, isSure, members } of found.values()) {
        const where = `on ${listed(members)}, which would never get the object: ${message}`;
        if (isSure) report(path, `fails ${where}`);
        else report.warn(path, `may fail ${where}, unless the API server adds it`);
      }
    },
  };
}

function isSure({ code, text }: Fault, object: KubeObject): boolean {
  return code === 'IdentityChanged' || !text.endsWith(' is not there') || knowsApiDefaults(object);
}

/** The rule that fails: the first that is for the member and writes what the message is about. */
function pathOf(view: View, candidates: Candidates<Member>, fault: Fault, ref: ObjectRef): Path {
  const policy = fault.policy ?? { ...ref, kind: 'OverridePolicy' };
  const origin = view.origin(policy);
  if (!origin) return ['spec', 'policies'];
  const rules: readonly Rule[] =
    origin.app?.overrides ?? (origin.policy?.type === 'override' ? origin.policy.rules : []);
  const list = origin.app ? origin.path : [...origin.path, 'rules'];
  const reaching = rules
    .map((rule, i) => ({ rule, i }))
    .filter(({ rule: { target } }) => !target || candidates.matching(target).some(({ name }) => name === fault.member));
  const about = (path: string) =>
    fault.code === 'IdentityChanged' ? IDENTITY.includes(path) : fault.message.includes(path);
  const named = reaching.filter(({ rule }) => pathsIn(rule).some(about));
  const [only] = named.length > 0 ? named : reaching;
  return only ? [...list, only.i] : list;
}

/** What names an object. */
export const IDENTITY = ['/apiVersion', '/kind', '/metadata/name', '/metadata/namespace'];

/** The JSON pointers that a rule writes to. */
function pathsIn(rule: object): string[] {
  const { plaintext = [], field = [] } = rule as { plaintext?: { path: string }[]; field?: { path: string }[] };
  return [...plaintext, ...field].map(({ path }) => path);
}

/** A message that is the same for every member. */
function withoutMember({ member, message }: Fault): string {
  return member === undefined
    ? message
    : message.replace(`no Work for ${member}: `, '').replace(`${member} gets`, 'it becomes');
}
