import { UPGRADE_NAMESPACE } from '../k3s/system-upgrade-controller.ts';
import { AGENT_NAMESPACE } from '../karmada/agent.ts';
import { CA_FILE, CERTIFICATE_FILE, COMPONENT_CERTIFICATES, KEY_FILE } from '../karmada/certificates/mounts.ts';
import { type CertificateSpec, certificatesOf } from '../karmada/certificates/plan.ts';
import type { OptionalComponent } from '../karmada/names.ts';
import { FEDERATION_NAMESPACE, HOST_CLUSTER, KARMADA_CLUSTER, MANAGEMENT_CLUSTER } from '../names.ts';
import { isOci } from '../network/chart-source.ts';
import { needsSecret } from '../network/vpn.ts';
import type { RequiredSecret } from '../required-secrets.ts';
import { SHIM_NAMESPACE } from '../wasm/shim-installer.ts';
import { outsideAddresses } from './certificates.ts';
import { clustersOf, type FederationSpec, type Member } from './federation.ts';
import { offeredRuntimes } from './runtime.ts';

const TLS = 'kubernetes.io/tls';
const REGISTRY_LOGIN = {
  type: 'kubernetes.io/dockerconfigjson',
  keys: { '.dockerconfigjson': 'credentials of the registry, as docker login writes them' },
};
const PAIR = { [CERTIFICATE_FILE]: 'the certificate', [KEY_FILE]: 'its private key' };
const CERTIFICATE = {
  ...PAIR,
  [CA_FILE]: 'the certificate of the CA that signed it',
};

/** What a certificate has to be that somebody brings along. */
function describe({ issuer, isCa, commonName, organizations, usages, dnsNames, ipAddresses }: CertificateSpec) {
  if (isCa)
    return {
      ...PAIR,
      [CERTIFICATE_FILE]: 'the certificate of the CA of the Karmada API, with which agents get theirs',
    };
  if (!issuer) return { ...PAIR, [KEY_FILE]: 'the private key that signs tokens' };
  const subject = [`CN=${commonName}`, ...organizations.map((organization) => `O=${organization}`)].join(', ');
  const names = [...dnsNames, ...ipAddresses];
  const validFor = names.length > 0 ? `, valid for ${names.join(', ')}` : '';
  return { ...CERTIFICATE, [CERTIFICATE_FILE]: `the certificate of ${subject} for ${usages.join(' and ')}${validFor}` };
}

/** The Secrets that the manifests of a federation name and that somebody has to make. */
export function requiredSecrets(spec: FederationSpec): RequiredSecret[] {
  return [...bootstrapSecrets(spec), ...pullSecrets(spec), ...controlPlaneSecrets(spec), ...appSecrets(spec)];
}

function bootstrapSecrets({ ssh, vpn, controlPlane, members }: FederationSpec): RequiredSecret[] {
  const clusters = [controlPlane, ...members].filter(({ hosts }) => hosts.length > 0);
  const place = { cluster: MANAGEMENT_CLUSTER, namespace: FEDERATION_NAMESPACE };
  const secrets: RequiredSecret[] = [];
  if (clusters.length > 0) {
    secrets.push({
      ...place,
      name: ssh.secret,
      type: 'kubernetes.io/ssh-auth',
      keys: {
        'ssh-privatekey': 'the private key that may log in to every host',
        known_hosts: 'the host keys of every host and jump host, as ssh-keyscan prints them',
      },
    });
  }
  if (vpn && needsSecret(vpn) && clusters.some((cluster) => cluster.vpn)) {
    const { name, key } = vpn.secret;
    secrets.push({
      ...place,
      name,

      keys: { [key]: `the key that hosts join the VPN with (${vpn.provider})` },
    });
  }
  for (const [registry, { secret, caSecret }] of clusters.flatMap(({ k3s }) =>
    Object.entries(k3s.registries.configs),
  )) {
    if (secret) {
      const keys = { username: `the user who pulls from ${registry}`, password: 'the password' };
      secrets.push({ ...place, name: secret, type: 'kubernetes.io/basic-auth', keys });
    }
    if (caSecret) {
      secrets.push({ ...place, name: caSecret, keys: { [CA_FILE]: `the certificate of the CA of ${registry}` } });
    }
  }
  for (const { charts } of clusters.map(({ network }) => network)) {
    const { repository, secret, caSecret } = charts;
    if (secret && isOci(charts)) {
      secrets.push({ ...place, name: secret, ...REGISTRY_LOGIN });
    } else if (secret) {
      const keys = { username: `the user who fetches charts from ${repository}`, password: 'the password' };
      secrets.push({ ...place, name: secret, type: 'kubernetes.io/basic-auth', keys });
    }
    if (caSecret) {
      secrets.push({ ...place, name: caSecret, keys: { [CA_FILE]: `the certificate of the CA of ${repository}` } });
    }
  }
  return secrets;
}

/** Whether a DaemonSet of ours installs shims on the member's nodes. */
function hasInstaller({ runtimes }: FederationSpec, member: Member): boolean {
  return offeredRuntimes(runtimes, member).some(({ shim }) => shim.install === 'k3s' || shim.install === 'installer');
}

/** What the platform's pods pull their images with, where they have no field for it themselves. */
function pullSecrets(spec: FederationSpec): RequiredSecret[] {
  const clusters = clustersOf(spec);
  const places = [
    ...(clusters.some(({ cluster }) => cluster.hosts.length > 0)
      ? [{ cluster: MANAGEMENT_CLUSTER, namespace: FEDERATION_NAMESPACE }]
      : []),
    ...clusters.flatMap(({ cluster: { name, k3s } }) =>
      k3s.upgrade.by === 'plans' ? [{ cluster: name, namespace: UPGRADE_NAMESPACE }] : [],
    ),
    ...spec.members.flatMap((member) =>
      hasInstaller(spec, member) ? [{ cluster: member.name, namespace: SHIM_NAMESPACE }] : [],
    ),
  ];
  return places.flatMap((place) => spec.imagePullSecrets.map((name) => ({ ...place, name, ...REGISTRY_LOGIN })));
}

function controlPlaneSecrets({ controlPlane, members }: FederationSpec): RequiredSecret[] {
  const { karmada } = controlPlane;
  const { namespace, certificates, etcd, apiserver, schedulerEstimator, descheduler, search, metricsAdapter } = karmada;
  const { aggregatedApiserver, kubeControllerManager, controllerManager, scheduler, webhook } = karmada;
  const place = { cluster: HOST_CLUSTER, namespace };
  const external = 'external' in etcd ? etcd.external : undefined;
  const secrets: RequiredSecret[] = [];
  const pulling = [
    karmada,
    'external' in etcd ? undefined : etcd,
    ...[apiserver, aggregatedApiserver, kubeControllerManager, controllerManager, scheduler, webhook],
    ...[schedulerEstimator, descheduler, search, metricsAdapter],
  ];
  for (const name of new Set(pulling.flatMap((part) => part?.imagePullSecrets ?? []))) {
    secrets.push({ ...place, name, ...REGISTRY_LOGIN });
  }
  for (const { name: cluster } of members.filter(({ registration }) => registration === 'pull')) {
    for (const name of karmada.agent.imagePullSecrets ?? []) {
      secrets.push({ cluster, namespace: AGENT_NAMESPACE, name, ...REGISTRY_LOGIN });
    }
  }
  if (external) secrets.push({ ...place, name: external.secretName, type: TLS, keys: CERTIFICATE });
  for (const [what, source] of [
    ["Kubernetes' EncryptionConfiguration", apiserver.encryption],
    ['the CA of the OIDC issuer', apiserver.oidcCa],
  ] as const) {
    if (source) secrets.push({ ...place, name: source.name, keys: { [source.key]: what } });
  }
  if (certificates.source === 'existing') {
    const components: OptionalComponent[] = [
      ...(external ? [] : (['etcd'] as const)),
      ...(schedulerEstimator ? (['schedulerEstimator'] as const) : []),
      ...(['descheduler', 'search', 'metricsAdapter'] as const).filter((component) => karmada[component]),
    ];
    // A CA whose key nobody here signs with stays where it is.
    const used = new Set(Object.values(COMPONENT_CERTIFICATES).flatMap((mounts) => Object.values(mounts)));
    const hosts = outsideAddresses(controlPlane);
    for (const certificate of certificatesOf({ ...karmada, components, hosts })) {
      const { purpose, secretName } = certificate;
      if (!used.has(purpose)) continue;
      const name = certificates.secretNames[purpose] ?? secretName;
      secrets.push({ ...place, name, type: TLS, keys: describe(certificate) });
    }
  }
  return secrets;
}

/** What apps name: it goes to the Karmada API, from where it follows them to the members. */
function appSecrets({ apps }: FederationSpec): RequiredSecret[] {
  return apps.flatMap(
    ({
      name: app,
      namespace,
      imagePullSecrets = [],
      envFrom = {},
      variablesFrom = {},
      volumes = [],
      spin,
      ingress,
    }) => {
      const place = { cluster: KARMADA_CLUSTER, namespace };
      const values = Object.entries({ ...envFrom, ...variablesFrom }).flatMap(
        ([variable, { secret, key, optional }]) =>
          secret && !optional ? [{ ...place, name: secret, keys: { [key]: `${variable} of the app ${app}` } }] : [],
      );
      const { runtimeConfigSecret } = spin;
      return [
        ...imagePullSecrets.map((name) => ({ ...place, name, ...REGISTRY_LOGIN })),
        ...values,
        // Which keys a volume has is only known where the file lists them.
        ...volumes.flatMap(({ secret, keys, optional, mountPath }) =>
          secret && keys && !optional
            ? [
                {
                  ...place,
                  name: secret,
                  keys: Object.fromEntries(keys.map((key) => [key, `${mountPath}/${key} of the app ${app}`])),
                },
              ]
            : [],
        ),
        ...(runtimeConfigSecret
          ? [
              {
                ...place,
                name: runtimeConfigSecret,

                keys: { 'runtime-config.toml': `Spin's runtime configuration of the app ${app}` },
              },
            ]
          : []),
        ...(ingress?.tlsSecret && !ingress.issuer
          ? [
              {
                ...place,
                name: ingress.tlsSecret,
                type: TLS,
                keys: { [CERTIFICATE_FILE]: `the certificate of ${ingress.host}`, [KEY_FILE]: 'its private key' },
              },
            ]
          : []),
      ];
    },
  );
}
