import { existsSync, readFileSync } from 'node:fs';
import { Testing } from 'cdk8s';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { WasmRuntimeClass, type WasmRuntimeClassProps } from '../../constructs/wasm/runtime-class.ts';
import { testChart } from '../chart.ts';

const published = '../shared/paper/spin.runtimeClass.yaml';

function synth(props: WasmRuntimeClassProps) {
  const chart = testChart();
  const { runtimeClassName } = new WasmRuntimeClass(chart, 'class', props);
  return { runtimeClassName, manifest: Testing.synth(chart)[0] };
}

test('the handler is called like the class where nothing else is said, and any node will do', () => {
  const { runtimeClassName, manifest } = synth({ name: 'spin' });
  expect(manifest).toEqual({
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name: 'spin' },
    handler: 'spin',
  });
  expect(runtimeClassName).toBe('spin');
});

test('nodes are chosen by labels and tolerations, and the overhead of a pod is counted', () => {
  const { manifest } = synth({
    name: 'wasmtime',
    handler: 'wasmtime-v1',
    nodeSelector: { wasm: 'true' },
    tolerations: [{ key: 'wasm', operator: 'Exists' }],
    overhead: { cpu: '10m', memory: '16Mi' },
  });
  expect(manifest).toMatchObject({
    handler: 'wasmtime-v1',
    scheduling: { nodeSelector: { wasm: 'true' }, tolerations: [{ key: 'wasm', operator: 'Exists' }] },
    overhead: { podFixed: { cpu: '10m', memory: '16Mi' } },
  });
});

test('a handler that containerd could not have is refused', () => {
  expect(() => synth({ name: 'spin', handler: 'Spin!' })).toThrow(
    "'handler' must be a lower case DNS label, such as 'spin', got 'Spin!'",
  );
});

test.skipIf(!existsSync(published))('the published RuntimeClass comes out equal', () => {
  const { manifest } = synth({ name: 'spin', nodeSelector: { 'mrezhi.net/webassembly-runtime': 'true' } });
  expect(manifest).toEqual(load(readFileSync(published, 'utf8')));
});
