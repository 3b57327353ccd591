import { expect, test, vi } from 'vitest';
import * as checks from '../../constructs/spec/checks/index.ts';
import { InvalidFederation, parseFederation } from '../../constructs/spec/load.ts';

const TEXT = `apiVersion: serverless-federation.io/v1alpha1
kind: Federation
metadata: { name: test }
spec:
  controlPlane: {}
`;

test('a warning is told as a line with its place, and the file is taken', () => {
  vi.spyOn(checks, 'check').mockImplementation((_, report) => report.warn(['metadata', 'name'], 'is a poor name'));
  const told: string[] = [];

  expect(parseFederation(TEXT, 'f.yaml', (line) => told.push(line)).name).toBe('test');
  expect(told).toEqual(['f.yaml:3:19: warning: metadata.name: is a poor name']);
});

test('a file that is refused tells its faults alone', () => {
  vi.spyOn(checks, 'check').mockImplementation((_, report) => {
    report.warn(['metadata', 'name'], 'is a poor name');
    report(['spec'], 'is wrong');
  });
  const told: string[] = [];

  expect(() => parseFederation(TEXT, 'f.yaml', (line) => told.push(line))).toThrow(InvalidFederation);
  expect(told).toEqual([]);
});
