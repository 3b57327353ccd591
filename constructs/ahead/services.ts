import { at, list, text } from '../../simulation/interpret/values.ts';
import { INGRESS_CLASSES } from '../network/ingress.ts';
import { quote, type Report } from '../spec/faults.ts';
import { type App, listed, type View } from './view.ts';
import { isScaled } from './weights.ts';

/**
 * Where apps are reached: Services of members that do not have them, or that nobody else calls (a member's own endpoints
 * are not sent to it, endpointslice_dispatch_controller.go); and two apps at one address.
 */
export function checkServices(view: View, report: Report): void {
  providers(view, report);
  addresses(view, report);
  certificates(view, report);
}

/**
 * cert-manager makes one Certificate of a Secret, and leaves alone the one that another Ingress has made (its
 * ingress-shim); what comes from the Karmada API stands in its way.
 */
function certificates(view: View, report: Report): void {
  const owners = new Map<string, { app: App; members: ReadonlySet<string> }[]>();
  for (const { app, path } of view.apps()) {
    const { ingress, namespace, name } = app;
    const secret = ingress?.tlsSecret ?? (ingress?.issuer && `${name}-tls`);
    if (!ingress || secret === undefined) continue;
    const members = new Set(view.mayReach(app).map((member) => member.name));
    const others = owners.get(`${namespace}/${secret}`) ?? [];
    for (const { app: other, members: theirs } of others) {
      const shared = [...members].filter((member) => theirs.has(member));
      const issuers = [ingress.issuer, other.ingress?.issuer].filter((issuer) => issuer !== undefined).length;
      if (shared.length === 0 || issuers === 0 || (issuers === 2 && ingress.host === other.ingress?.host)) continue;
      report.warn(
        [...path, 'ingress', ingress.tlsSecret === undefined ? 'issuer' : 'tlsSecret'],
        `is for the Secret ${quote(secret)} on ${listed(shared)}, which the app ${quote(other.name)} has for its own host: cert-manager makes a Secret for one Ingress alone, give each its own 'tlsSecret'`,
      );
    }
    owners.set(`${namespace}/${secret}`, [...others, { app, members }]);
  }
}

function providers(view: View, report: Report): void {
  const members = new Set(view.spec.members.map(({ name }) => name));
  for (const { app, path, workload } of view.apps()) {
    const { multiClusterService } = app;
    if (!multiClusterService) continue;
    const place = [...path, 'multiClusterService'];
    const reached = new Set(view.mayReach(app).map(({ name }) => name));
    for (const [i, name] of (multiClusterService.providers ?? []).entries()) {
      if (!members.has(name)) continue;
      if (!reached.has(name)) {
        report(
          [...place, 'providers', i],
          `is ${quote(name)}, where the placement never takes the app: it serves from ${listed([...reached])}`,
        );
      } else if (!isScaled(app) && !workload.uncertain && workload.verdict(name)?.reason.code === 'NoShare') {
        report.warn([...place, 'providers', i], `is ${quote(name)}, which gets none of the app's replicas`);
      }
    }
    const serve = (multiClusterService.providers ?? [...reached]).filter((name) => reached.has(name));
    const call = multiClusterService.consumers ?? [...members];
    if (serve.length > 0 && call.every((name) => serve.every((other) => other === name))) {
      report.warn(
        place,
        `does nothing: ${listed(serve)} is the only member that serves and the only one that calls, and there the app's own Service does`,
      );
    }
  }
}

interface Address {
  /** Who has it, as messages name it. */
  readonly name: string;
  readonly members: ReadonlySet<string>;
}

/** An ingress controller takes one of two apps with the same host and path, and which one is not told. */
function addresses(view: View, report: Report): void {
  const owners = ownAddresses(view);
  for (const { app, path } of view.apps()) {
    const { ingress, name, namespace } = app;
    if (!ingress || isCanary(ingress.annotations)) continue;
    const members = new Set(view.mayReach(app).map((member) => member.name));
    const key = addressOf(view, ingress.host, ingress.path, ingress.className);
    const others = owners.get(key) ?? [];
    for (const other of others) {
      const shared = [...members].filter((member) => other.members.has(member));
      if (shared.length === 0) continue;
      report(
        [...path, 'ingress'],
        `is ${ingress.host}${ingress.path} on ${listed(shared)}, where the ${other.name} has it already: give one of them another host or path`,
      );
    }
    const shown = `${namespace === 'default' ? '' : `${namespace}/`}${name}`;
    owners.set(key, [...others, { name: `app ${quote(shown)}`, members }]);
  }
}

/** Whether an Ingress takes part of what another one at its address gets, as ingress-nginx has it. */
function isCanary(annotations: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(annotations).some(([name, value]) => name.endsWith('/canary') && value === 'true');
}

/** To an ingress controller '/a' and '/a/' are one prefix, and each class has a controller of its own. */
function addressOf(view: View, host: string, path: string, className: string | undefined): string {
  const { ingress } = view.spec.network;
  return `${className ?? INGRESS_CLASSES[ingress] ?? ingress} ${host}${path.replace(/\/+$/, '')}`;
}

/** The addresses of Ingresses that the file brings as they are. */
function ownAddresses(view: View): Map<string, Address[]> {
  const owners = new Map<string, Address[]>();
  const apps = new Set(view.spec.apps.map(({ namespace, name }) => `${namespace}/${name}`));
  for (const { ref, object, members } of view.result.placements) {
    if (ref.kind !== 'Ingress' || apps.has(`${ref.namespace}/${ref.name}`)) continue;
    if (isCanary(object.metadata.annotations)) continue;
    const className = text(at(object, 'spec', 'ingressClassName'));
    const names = new Set(members.map(({ name }) => name));
    for (const { host, http } of list(at(object, 'spec', 'rules'))) {
      for (const { path } of list(at(http, 'paths'))) {
        const key = addressOf(view, text(host) ?? '', text(path) ?? '/', className);
        owners.set(key, [...(owners.get(key) ?? []), { name: `Ingress ${quote(ref.name)}`, members: names }]);
      }
    }
  }
  return owners;
}
