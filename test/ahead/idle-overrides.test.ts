import { describe, expect, test } from 'vitest';
import { oslo, overridden, said, saidOf, warned } from './said.ts';

const RULE = 'apps[0].overrides[0]';
const remove = (value: object) => [{ operator: 'remove', value }];

describe('an override that changes nothing is warned of', () => {
  test.each<[string, object, object, string]>([
    [
      'a label that is not there, taken away',
      { labels: remove({ nope: '' }) },
      {},
      `labels[0]: does nothing: no object has 'nope'`,
    ],
    [
      'an annotation that is not there, replaced',
      { annotations: [{ operator: 'replace', value: { nope: 'x' } }] },
      {},
      `annotations[0]: does nothing: no object has 'nope', to set it take the operator 'add'`,
    ],
    [
      'an argument that is not there',
      { args: remove(['zz']) },
      { args: ['a'] },
      `args[0]: does nothing: the args hold none of these words`,
    ],
    [
      'arguments of an app without any',
      { args: remove(['zz']) },
      {},
      `args[0]: does nothing: the args hold none of these words`,
    ],
    [
      'a word of the command that is not there',
      { command: remove(['zz']) },
      { command: ['run'] },
      `command[0]: does nothing: the command holds none of these words`,
    ],
    [
      'a container that is not there',
      { args: [{ container: 'zz', operator: 'add', value: ['-v'] }] },
      {},
      `args[0]: does nothing: there is no container 'zz', but 'w'`,
    ],
    [
      'a registry that the image does not name',
      { image: [{ component: 'Registry', operator: 'remove' }] },
      { image: 'web:v1' },
      `image[0]: does nothing: no image has a registry`,
    ],
    [
      'the status, which no member gets',
      { plaintext: [{ path: '/status', operator: 'add', value: { ready: true } }] },
      {},
      `plaintext[0]: does nothing: Karmada sends no /status to members`,
    ],
    [
      'a value that is there already',
      { plaintext: [{ path: '/spec/replicas', operator: 'replace', value: 2 }] },
      { replicas: 2 },
      `plaintext[0]: does nothing: it is so already`,
    ],
  ])('%s', (_, rule, app, message) => {
    expect(warned(overridden({ ...oslo, ...rule }, app))).toEqual([`${RULE}.${message}`]);
  });

  test('a variable that has this value everywhere', () => {
    expect(warned(overridden({ ...oslo, env: { A: 'b' } }, { env: { A: 'b' } }))).toEqual([
      `${RULE}: sets what the app has already`,
    ]);
  });

  test('a rule that another one undoes', () => {
    const add = (value: string) => ({ ...oslo, labels: [{ operator: 'add', value: { a: value } }] });
    expect(warned(saidOf({ overrides: [add('b'), add('c')] }))).toEqual([
      `${RULE}.labels[0]: does nothing, for other overrides undo it: leave one of them out`,
    ]);
  });

  test('an image of a kind whose containers Karmada does not know', () => {
    const rules = [{ image: [{ component: 'Tag', operator: 'replace', value: 'v2' }] }];
    const resources = [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'x' }];
    expect(warned(said({ policies: [{ type: 'override', name: 'o', resources, rules }] }))).toEqual([
      "policies[0].rules[0].image[0]: does nothing: Karmada knows no containers of CronJob, say by 'path' where the image is",
    ]);
  });
});

describe('an override that changes something is taken without a word', () => {
  test('on one of the members that it is for', () => {
    const overrides = [{ ...oslo, labels: [{ operator: 'add', value: { a: 'b' } }] }, { labels: remove({ a: '' }) }];
    expect(warned(saidOf({ labels: { a: 'c' }, overrides: overrides.slice(1) }))).toEqual([]);
    const later = [{ labels: [{ operator: 'add', value: { a: 'b' } }] }, overrides[0]];
    expect(warned(saidOf({ overrides: [later[0], { ...oslo, labels: remove({ a: '' }) }] }))).toEqual([]);
  });

  test('where others build on it', () => {
    const plaintext = [
      { path: '/metadata/annotations/note', operator: 'add', value: 'a' },
      { path: '/metadata/annotations/note', operator: 'replace', value: 'b' },
    ];
    expect(warned(overridden({ ...oslo, plaintext }))).toEqual([]);
  });

  test('a share of replicas that is not the number of the app', () => {
    const placement = { clusters: ['oslo', 'bern'], replicas: { type: 'weighted' } };
    const plaintext = [{ path: '/spec/replicas', operator: 'replace', value: 4 }];
    expect(warned(overridden({ ...oslo, plaintext }, { replicas: 4, placement }))).toEqual([]);
  });
});
