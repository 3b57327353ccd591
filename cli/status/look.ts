import { ESTIMATOR_NAME } from '../../constructs/karmada/names.ts';
import type { Placement } from '../../simulation/model.ts';
import { planKey } from '../../simulation/plan.ts';
import type { Access } from '../servers/access.ts';
import { ApiServer } from '../servers/api-server.ts';
import { certificatesOf } from './certificates.ts';
import { computedFor } from './computed.ts';
import type { Desired } from './desired.ts';
import { faultsOf } from './faults.ts';
import { type Host, readHost, readKarmada } from './live.ts';
import { membersOf } from './members.ts';
import { objectsOf, withoutBinding } from './objects.ts';
import type { ComponentStatus, EstimatorStatus, StatusReport } from './report.ts';

/** Objects without a binding that are looked for one by one; of more it is clear enough what is wrong. */
const MOST_LOOKED_FOR = 50;

const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

const ESTIMATOR = `${ESTIMATOR_NAME}-`;

/** How to look. */
export interface LookOptions {
  readonly host: Access;
  readonly karmada: Access;
  /** Of all clusters whose certificates are looked at. */
  readonly kubeconfigs: () => readonly Access[];
  /** Milliseconds that one request may last. */
  readonly timeout: number;
  /** How many days before its end a certificate is a fault. */
  readonly days: number;
}

/** Looks at a federation as often as asked, over connections that it keeps. */
export class Observer {
  private readonly servers = new Map<string, ApiServer>();

  constructor(private readonly options: LookOptions) {}

  /** How the federation is now. What does not answer is told in the report. */
  async look(desired: Desired): Promise<StatusReport> {
    const { options } = this;
    const unknown: string[] = [];
    const asked = async <T>(name: string, access: Access, read: (server: ApiServer) => Promise<T>) => {
      try {
        return await read(await this.server(name, access));
      } catch (error) {
        this.drop(name);
        unknown.push(`${name === 'host' ? 'the host' : 'Karmada'} does not answer: ${(error as Error).message}`);
        return undefined;
      }
    };
    const [host, rest] = await Promise.all([
      asked('host', options.host, (server) => readHost(server, desired.federation)),
      asked('karmada', options.karmada, async (server) => {
        const karmada = await readKarmada(server, desired.federation);
        const result = computedFor(desired, karmada);
        return { karmada, result, missing: await missingOf(server, withoutBinding(result, karmada)) };
      }),
    ]);
    const now = new Date();
    const members = rest ? membersOf(desired.members, rest.karmada) : [];
    const found = {
      ...componentsOf(host),
      certificates: certificatesOf(host, options.kubeconfigs(), now.getTime(), options.days),
      members,
      objects: rest ? objectsOf(rest.result, rest.karmada, members, rest.missing) : [],
    };
    const faults = faultsOf(found, { host: host !== undefined, karmada: rest !== undefined }, options.days);
    return {
      federation: desired.federation,
      at: now.toISOString(),
      verdict: unknown.length > 0 ? 'unknown' : faults.length > 0 ? 'wrong' : 'well',
      faults,
      unknown,
      ...found,
    };
  }

  close(): void {
    for (const name of [...this.servers.keys()]) this.drop(name);
  }

  private async server(name: string, access: Access): Promise<ApiServer> {
    const known = this.servers.get(name);
    if (known) return known;
    const server = await ApiServer.connect(access, this.options.timeout, name);
    this.servers.set(name, server);
    return server;
  }

  private drop(name: string): void {
    this.servers.get(name)?.close();
    this.servers.delete(name);
  }
}

/** Those that the Karmada API does not hold, by `planKey`. */
async function missingOf(server: ApiServer, placements: readonly Placement[]): Promise<ReadonlySet<string>> {
  const looked = placements.slice(0, MOST_LOOKED_FOR).map(async ({ object, ref }) => {
    const path = await server.pathOf(object);
    const there = path !== undefined && (await server.call('GET', path, undefined, METADATA)).status !== 404;
    return there ? [] : [planKey(ref)];
  });
  return new Set((await Promise.all(looked)).flat());
}

/** The control plane's workloads on the host, estimators apart. */
function componentsOf(host: Host | undefined): { controlPlane: ComponentStatus[]; estimators: EstimatorStatus[] } {
  const all = (host?.workloads ?? []).map(({ kind, metadata, spec, status }) => ({
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ready: status?.readyReplicas ?? 0,
    wanted: spec?.replicas ?? 1,
  }));
  return {
    controlPlane: all.filter(({ name }) => !name.startsWith(ESTIMATOR)),
    estimators: all
      .filter(({ name }) => name.startsWith(ESTIMATOR))
      .map(({ name, ready, wanted }) => ({ member: name.slice(ESTIMATOR.length), ready, wanted })),
  };
}
