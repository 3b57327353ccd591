import { expect, test } from 'vitest';
import { InvalidFederation, parseFederation } from '../../constructs/spec/load.ts';

const faultsOf = (text: string): string => {
  try {
    parseFederation(text, 'f.yaml');
  } catch (error) {
    if (error instanceof InvalidFederation) return error.message;
    throw error;
  }
  return '';
};

test.each(['\\ud800', '\\uDC00', '\\U0000dabc', '\\udc00\\ud800'])('refuses %s, which no file can hold', (half) => {
  expect(faultsOf(`metadata: { name: "a${half}b" }`)).toMatch(
    /metadata\.name: holds '\\ud\w+', which is half of a char/,
  );
});

test('refuses it in a key', () => {
  expect(faultsOf('metadata: { "\\ud800": x }')).toContain('which is half of a character');
});

test('takes a whole one, and the letters of an escape', () => {
  expect(faultsOf('metadata: { name: "\\ud83d\\ude00" }')).not.toContain('half of a character');
  expect(faultsOf("metadata: { name: '\\ud800' }")).not.toContain('half of a character');
});
