import { Testing } from 'cdk8s';
import { expect, test } from 'vitest';
import { RequiredSecrets } from '../constructs/required-secrets.ts';
import { testChart } from './chart.ts';

test('lists each Secret with its cluster, type and keys, as secrets.sh reads it', () => {
  const chart = testChart();
  new RequiredSecrets(chart, 'secrets', {
    secrets: [
      {
        cluster: 'management',
        namespace: 'serverless-federation',
        name: 'federation-ssh',
        type: 'kubernetes.io/ssh-auth',
        keys: { 'ssh-privatekey': 'the private key', known_hosts: 'the host keys' },
      },
      { cluster: 'edge-1', namespace: 'default', name: 'token', keys: { token: 'a token' } },
    ],
  });
  expect(Testing.synth(chart)[0]).toMatchObject({
    kind: 'ConfigMap',
    metadata: { name: 'secrets', namespace: 'serverless-federation' },
    data: {
      'management_serverless-federation_federation-ssh':
        'kubernetes.io/ssh-auth\nssh-privatekey the private key\nknown_hosts the host keys\n',
      'edge-1_default_token': 'Opaque\ntoken a token\n',
    },
  });
});

test('a Secret that is used in two ways has the keys of both, and the type that its uses need', () => {
  const place = { cluster: 'karmada', namespace: 'default', name: 'shop' };
  const login = { ...place, type: 'kubernetes.io/dockerconfigjson', keys: { '.dockerconfigjson': 'a login' } };
  const value = { ...place, keys: { password: 'a password' } };
  for (const secrets of [
    [login, value],
    [value, login],
  ]) {
    const chart = testChart();
    new RequiredSecrets(chart, 'secrets', { secrets });
    expect(Testing.synth(chart)[0].data.karmada_default_shop).toMatch(
      /^kubernetes\.io\/dockerconfigjson\n(\.dockerconfigjson a login\npassword a password|password a password\n\.dockerconfigjson a login)\n$/,
    );
  }
});
