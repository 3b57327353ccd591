import type { KubeObject } from '../../../simulation/kubernetes.ts';
import type { Gate, Input } from '../../../simulation/model.ts';
import { ApiError, type Obj } from '../harness/api.ts';
import { until } from '../harness/wait.ts';
import { asBefore, comparison, type Observed, observe, type Question, type Tally } from './compare.ts';
import { type ControlPlane, pathOf } from './control-plane.ts';
import { type Federation, keyOf, named } from './federation.ts';
import { silent } from './members.ts';
import { policyOf } from './policies.ts';
import { REPLICAS } from './templates.ts';
import { FEDERATION_LABEL } from './vocabulary.ts';

/** The gates that `simulation.yaml` turns on. */
export const GATES: Readonly<Partial<Record<Gate, boolean>>> = {
  Failover: true,
  PropagationPolicyPreemption: true,
  WorkloadAffinity: true,
  FederatedQuotaEnforcement: true,
};

/** One step of a federation's life: what the simulation was asked, and what Karmada has done. */
export interface Step extends Question {
  readonly name: string;
  readonly observed: ReadonlyMap<string, Observed>;
  /** What Karmada has done otherwise than computed. */
  readonly differences: readonly string[];
  /** Whether a quota refuses some of it. */
  readonly exceeded: boolean;
}

export interface Outcome {
  readonly steps: readonly Step[];
  /** Policies that Karmada's webhook has refused. */
  readonly refused: readonly string[];
}

/** Plays a federation in Karmada, and computes it, step by step. */
export class Play {
  private readonly federation: Federation;
  private policies: readonly Obj[] = [];
  /** What is to be propagated, as the API server holds it. */
  private templates: readonly Obj[] = [];
  /** The same as a file holds it. */
  private written: readonly Obj[] = [];
  private before: ReadonlyMap<string, Observed> = new Map();
  private readonly refused: string[] = [];

  /** @param name What the federation is called in the control plane; none may have had it before. */
  constructor(
    private readonly karmada: ControlPlane,
    federation: Federation,
    private readonly name: string,
    private readonly tally: Tally,
  ) {
    this.federation = named(federation, name);
  }

  async run(): Promise<Outcome> {
    const { federation } = this;
    await this.karmada.createNamespace(this.name);
    await this.join();
    const evicting = federation.failover ? [this.evicting()] : [];
    await this.addPolicies([...federation.policies, ...federation.overrides, ...evicting]);
    const { later, lost } = federation;
    const steps = [await this.step('first placement', () => this.addTemplates())];
    // Whom a quota refuses, Karmada tries again at times of its own.
    if (!steps[0]!.exceeded) steps.push(await this.step('replicas changed', () => this.scale()));
    // One after another: which of two comes first would be chance.
    for (const policy of later) steps.push(await this.step('another policy', () => this.addPolicies([policy])));
    if (lost) steps.push(await this.step('a member lost', () => this.lose(lost), [lost]));
    void this.karmada.remove([...this.templates, ...this.policies]);
    return { steps, refused: this.refused };
  }

  private async join(): Promise<void> {
    const { members } = this.federation;
    await Promise.all(members.map((member) => this.karmada.join(member)));
    await until(
      `the members of ${this.name} to be known`,
      () => {
        const known = this.karmada.clusters.of(this.name);
        return known.length === members.length && known.every(isKnown);
      },
      { seconds: 300 },
    );
    await this.karmada.catchUpWithMembers(this.name);
  }

  /** Has Karmada evict what is on members that are not ready: what `failover` in a federation file makes, for these alone. */
  private evicting(): Obj {
    const ready = { conditionType: 'Ready', statusValues: ['True'] };
    const policy = policyOf('ClusterTaintPolicy', 'eviction', {
      targetClusters: { labelSelector: { matchLabels: { [FEDERATION_LABEL]: this.name } } },
      addOnConditions: [{ ...ready, operator: 'NotIn' }],
      removeOnConditions: [{ ...ready, operator: 'In' }],
      taints: [{ key: 'cluster.karmada.io/not-ready', effect: 'NoExecute' }],
    });
    return named(policy, this.name);
  }

  private async addPolicies(policies: readonly Obj[]): Promise<void> {
    const taken = await Promise.all(
      policies.map(async (policy) => {
        try {
          await this.karmada.create(policy);
          return [policy];
        } catch (error) {
          if (!(error instanceof ApiError) || !/denied the request/.test(error.message)) throw error;
          this.refused.push(error.message);
          return [];
        }
      }),
    );
    this.policies = [...this.policies, ...taken.flat()];
    await this.karmada.catchUpWithPolicies();
  }

  private async addTemplates(): Promise<void> {
    this.written = this.federation.templates;
    const made = await this.each(this.written, (template) => this.karmada.create(template));
    this.templates = made.map((object, index) => asHeld(object, this.written[index]!));
  }

  /** Does something with objects; one after another has come to its place, where that matters. */
  private async each(objects: readonly Obj[], act: (object: Obj) => Promise<Obj>): Promise<Obj[]> {
    if (!this.federation.oneByOne) return Promise.all(objects.map(act));
    const done: Obj[] = [];
    for (const object of objects) {
      done.push(await act(object));
      await this.karmada.catchUp();
    }
    return done;
  }

  private async scale(): Promise<void> {
    const { scaled } = this.federation;
    const change = (template: Obj): Obj => {
      const replicas = scaled[keyOf(template)];
      const field = REPLICAS[template.kind];
      if (replicas === undefined || field === undefined) return template;
      return { ...template, spec: { ...template.spec, [field]: replicas } };
    };
    const changed = this.templates.map(change);
    this.written = this.written.map(change);
    await this.each(
      changed.filter((template, index) => template !== this.templates[index]),
      (template) => this.karmada.merge(pathOf(template), { spec: template.spec }),
    );
    this.templates = changed;
  }

  /** Has a member look as it does when its agent is silent. */
  private async lose(member: string): Promise<void> {
    const found = () => this.karmada.clusters.of(this.name).find(({ metadata }) => metadata.name === member);
    await this.karmada.report(member, silent(found()?.status));
    await until(
      `${member} to be tainted`,
      () => {
        const taints: Obj[] = found()?.spec.taints ?? [];
        const has = (key: string, effect: string) =>
          taints.some((taint) => taint.key === `cluster.karmada.io/${key}` && taint.effect === effect);
        return has('unreachable', 'NoSchedule') && has('not-ready', 'NoExecute') === this.federation.failover;
      },
      { seconds: 300 },
    );
  }

  /** Does something, waits until Karmada has done all that follows, and compares. */
  private async step(name: string, act: () => Promise<void>, lost?: readonly string[]): Promise<Step> {
    const members = this.karmada.clusters.of(this.name);
    await act();
    const input: Input = {
      objects: [...this.policies, ...this.templates] as KubeObject[],
      members,
      gates: GATES,
      evictsNoExecute: true,
      before: asBefore(this.templates, this.before),
    };
    const question = { input, written: this.written as KubeObject[], lost };
    const compared = comparison(question);
    const differences = await this.karmada.settle(this.name, () => compared(this.observed(), { ...this.tally }));
    this.before = this.observed();
    compared(this.before, this.tally);
    return { name, ...question, observed: this.before, differences, exceeded: compared.exceeded };
  }

  private observed(): Map<string, Observed> {
    return observe(this.karmada.bindingsOf(this.name), this.karmada.works.of(this.name));
  }
}

/** Whether Karmada has prepared everything for a member and holds it ready. */
function isKnown({ metadata, spec, status }: Obj): boolean {
  const notReady = spec.taints?.some(({ key }: Obj) => key.startsWith('cluster.karmada.io/'));
  return metadata.finalizers?.length > 0 && status?.conditions?.length > 0 && !notReady;
}

/** The object with what the API server has added to it, before Karmada writes on it. */
function asHeld(made: Obj, template: Obj): Obj {
  const { status: _, ...object } = made;
  return { ...object, metadata: { ...template.metadata, uid: made.metadata.uid } };
}
