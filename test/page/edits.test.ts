import { expect, test } from 'vitest';
import { labelsText, parseLabels, parseTaints, taintsText } from '../../page/edits.ts';

test('labels and taints are typed as kubectl takes them, apart by commas or blanks', () => {
  expect(parseLabels('tier=edge, example.com/gpu=  zone=a')).toEqual({
    value: { tier: 'edge', 'example.com/gpu': '', zone: 'a' },
  });
  expect(parseTaints('gpu=true:NoSchedule,down:NoExecute')).toEqual({
    value: [
      { key: 'gpu', value: 'true', effect: 'NoSchedule' },
      { key: 'down', effect: 'NoExecute' },
    ],
  });
  expect(parseLabels(' ')).toEqual({ value: {} });
});

test('what cannot be read is told with the part that is wrong', () => {
  expect(parseLabels('tier=edge, gpu').fault).toBe("a label must be key=value, such as tier=edge, got 'gpu'");
  expect(parseLabels('tier=a/b').fault).toContain("got 'tier=a/b'");
  expect(parseTaints('gpu=true').fault).toContain("got 'gpu=true'");
  expect(parseTaints('gpu=true:Sometimes').fault).toContain("got 'gpu=true:Sometimes'");
});

test('what is shown can be typed again', () => {
  expect(parseLabels(labelsText({ tier: 'edge', gpu: 'true' }))).toEqual({ value: { tier: 'edge', gpu: 'true' } });
  const taints = [{ key: 'gpu', value: 'true', effect: 'NoSchedule' }];
  expect(parseTaints(taintsText(taints))).toEqual({ value: taints });
});
