import { k8s } from 'cdk8s-plus-28';
import { SERVICES } from '../names.ts';
import { CA_BUNDLE, type Manifest, make } from './manifest.ts';

/*
 * What the Karmada API asks Karmada's webhook before it stores an object (cmd/webhook/app/webhook.go of Karmada).
 */

interface WebhookRow {
  readonly group: string;
  readonly resource: string;
  /** First part of the webhook's name; and of its path, behind what it does. */
  readonly name: string;
  readonly path: string;
  /** @default 'Namespaced' */
  readonly scope?: 'Namespaced' | 'Cluster' | '*';
  /** @default - CREATE and UPDATE */
  readonly operations?: string[];
  /** Seconds. @default 3 */
  readonly timeout?: number;
  /** @default 'None' */
  readonly sideEffects?: 'None' | 'NoneOnDryRun';
  /** @default - all objects */
  readonly objectSelector?: k8s.LabelSelector;
}

const MUTATING: WebhookRow[] = [
  { name: 'propagationpolicy', group: 'policy', resource: 'propagationpolicies', path: 'mutate-propagationpolicy' },
  {
    name: 'clusterpropagationpolicy',
    group: 'policy',
    resource: 'clusterpropagationpolicies',
    path: 'mutate-clusterpropagationpolicy',
    scope: 'Cluster',
  },
  { name: 'overridepolicy', group: 'policy', resource: 'overridepolicies', path: 'mutate-overridepolicy' },
  {
    name: 'resourcebinding',
    group: 'work',
    resource: 'resourcebindings',
    path: 'mutate-resourcebinding',
    operations: ['CREATE'],
  },
  {
    name: 'clusterresourcebinding',
    group: 'work',
    resource: 'clusterresourcebindings',
    path: 'mutate-clusterresourcebinding',
    scope: 'Cluster',
    operations: ['CREATE'],
  },
  { name: 'work', group: 'work', resource: 'works', path: 'mutate-work' },
  { name: 'autoscaling', group: 'autoscaling', resource: 'federatedhpas', path: 'mutate-federatedhpa' },
  {
    name: 'multiclusterservice',
    group: 'networking',
    resource: 'multiclusterservices',
    path: 'mutate-multiclusterservice',
  },
];

const VALIDATING: WebhookRow[] = [
  { name: 'propagationpolicy', group: 'policy', resource: 'propagationpolicies', path: 'validate-propagationpolicy' },
  {
    name: 'clusterpropagationpolicy',
    group: 'policy',
    resource: 'clusterpropagationpolicies',
    path: 'validate-clusterpropagationpolicy',
    scope: 'Cluster',
  },
  { name: 'overridepolicy', group: 'policy', resource: 'overridepolicies', path: 'validate-overridepolicy' },
  {
    name: 'clusteroverridepolicy',
    group: 'policy',
    resource: 'clusteroverridepolicies',
    path: 'validate-clusteroverridepolicy',
    scope: 'Cluster',
  },
  {
    name: 'config',
    group: 'config',
    resource: 'resourceinterpreterwebhookconfigurations',
    path: 'validate-resourceinterpreterwebhookconfiguration',
    scope: 'Cluster',
  },
  {
    name: 'resourceinterpretercustomization',
    group: 'config',
    resource: 'resourceinterpretercustomizations',
    path: 'validate-resourceinterpretercustomization',
    scope: 'Cluster',
    timeout: 10,
  },
  {
    name: 'federatedresourcequota',
    group: 'policy',
    resource: 'federatedresourcequotas',
    path: 'validate-federatedresourcequota',
  },
  {
    name: 'multiclusteringress',
    group: 'networking',
    resource: 'multiclusteringresses',
    path: 'validate-multiclusteringress',
  },
  {
    name: 'multiclusterservice',
    group: 'networking',
    resource: 'multiclusterservices',
    path: 'validate-multiclusterservice',
  },
  {
    name: 'resourcedeletionprotection',
    group: '*',
    resource: '*',
    path: 'validate-resourcedeletionprotection',
    scope: '*',
    operations: ['DELETE'],
    objectSelector: {
      matchExpressions: [{ key: 'resourcetemplate.karmada.io/deletion-protected', operator: 'Exists' }],
    },
  },
  {
    name: 'resourcebinding',
    group: 'work',
    resource: 'resourcebindings',
    path: 'validate-resourcebinding',
    sideEffects: 'NoneOnDryRun',
  },
  // The webhook checks these three as well (cmd/webhook/app/webhook.go), but the chart forgets to ask it, unlike
  // artifacts/deploy/webhook-configuration.yaml.
  { name: 'federatedhpa', group: 'autoscaling', resource: 'federatedhpas', path: 'validate-federatedhpa' },
  { name: 'cronfederatedhpa', group: 'autoscaling', resource: 'cronfederatedhpas', path: 'validate-cronfederatedhpa' },
  {
    name: 'clustertaintpolicy',
    group: 'policy',
    resource: 'clustertaintpolicies',
    path: 'validate-clustertaintpolicy',
    scope: 'Cluster',
  },
];

function toWebhook(namespace: string, row: WebhookRow) {
  return {
    name: `${row.name}.karmada.io`,
    rules: [
      {
        operations: row.operations ?? ['CREATE', 'UPDATE'],
        apiGroups: [row.group === '*' ? '*' : `${row.group}.karmada.io`],
        apiVersions: ['*'],
        resources: [row.resource],
        scope: row.scope ?? 'Namespaced',
      },
    ],
    clientConfig: { url: `https://${SERVICES.webhook}.${namespace}.svc:443/${row.path}`, caBundle: CA_BUNDLE },
    objectSelector: row.objectSelector,
    failurePolicy: 'Fail',
    sideEffects: row.sideEffects ?? 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: row.timeout ?? 3,
  };
}

export function mutatingWebhooks(namespace: string): Manifest {
  return make(k8s.KubeMutatingWebhookConfiguration, {
    metadata: { name: 'mutating-config', labels: { app: SERVICES.webhook } },
    webhooks: MUTATING.map((row) => toWebhook(namespace, row)),
  });
}

export function validatingWebhooks(namespace: string): Manifest {
  return make(k8s.KubeValidatingWebhookConfiguration, {
    metadata: { name: 'validating-config', labels: { app: SERVICES.webhook } },
    webhooks: VALIDATING.map((row) => toWebhook(namespace, row)),
  });
}
