import { expect, test } from 'vitest';
import { APP, said, warned } from './said.ts';

const host = (n: number) => ({ hosts: [{ name: `n${n}`, publicIp: `192.168.1.${n}` }] });
const edge = { name: 'edge', ...host(1) };
const of = (app: object, member: object = {}, spec: object = {}) =>
  warned(said({ apps: [{ ...APP, port: 80, ...app }], ...spec }, [{ ...edge, ...member }, { name: 'theirs' }]));
const balanced = { service: { type: 'LoadBalancer', port: 8080 } };

test('a Service of type LoadBalancer where nothing balances is warned of', () => {
  const warning = expect.stringMatching(/^apps\[0\]\.service\.type: is LoadBalancer, and 'edge' has no load balancer/);
  expect(of(balanced)).toEqual([]);
  expect(of(balanced, { network: { loadBalancer: 'none' } })).toEqual([warning]);
  expect(of(balanced, { k3s: { disable: ['servicelb'] } })).toEqual([warning]);
  const pool = { loadBalancer: 'metallb', metallb: { addresses: ['192.168.9.0/28'] } };
  expect(of(balanced, { network: pool })).toEqual([]);
});

test('a port of nodes that somebody else has is warned of', () => {
  const web = { service: { type: 'LoadBalancer', port: 443 } };
  const warning = (i: number, port: number, owner: string) =>
    `apps[${i}].service.port: is ${port}, which ${owner} has on 'edge', and k3s's load balancer has each port of a node once: give another, or take metallb`;
  expect(of(web)).toEqual([warning(0, 443, 'Traefik')]);
  expect(of(web, { network: { ingress: 'none' } })).toEqual([]);
  expect(of(web, { k3s: { disable: ['traefik'] } })).toEqual([]);
  const apps = ['v', 'w'].map((name) => ({ ...APP, name, port: 80, ...balanced }));
  expect(of({}, {}, { apps })).toEqual([warning(1, 8080, "the app 'v'")]);
});

test('an Ingress of a class that a cluster has no controller of is warned of', () => {
  const app = (className?: string) => ({ ingress: { host: 'a.example.com', className } });
  const warning = expect.stringContaining(
    "apps[0].ingress.className: is 'traefik' by 'spec.network.ingress', of which 'edge'",
  );
  expect(of(app())).toEqual([]);
  expect(of(app(), { network: { ingress: 'ingress-nginx' } })).toEqual([warning]);
  expect(of(app(), { k3s: { disable: ['traefik'] } })).toEqual([warning]);
  expect(of(app('nginx'), { network: { ingress: 'ingress-nginx' } })).toEqual([]);
  expect(of(app('haproxy'), { network: { ingress: 'ingress-nginx' } })).toEqual([]);
  // Whoever takes none brings one.
  expect(of(app('nginx'), { network: { ingress: 'none' } })).toEqual([]);
});

test('the Karmada API by a load balancer that its cluster lacks is warned of', () => {
  const karmada = { apiserver: { service: { type: 'LoadBalancer' } } };
  const controlPlane = { address: 'k.example.com', karmada, ...host(9) };
  const place = 'controlPlane.karmada.apiserver.service.type: is LoadBalancer, and the central cluster has no load';
  expect(of({}, {}, { controlPlane })).toEqual([]);
  expect(of({}, {}, { controlPlane: { ...controlPlane, network: { loadBalancer: 'none' } } })).toEqual([
    expect.stringContaining(place),
  ]);
});
