import { z } from 'zod';
import { labelKey, labelValue } from './primitives.ts';

/**
 * A toleration of taints, of nodes by pods as of clusters by what Karmada places. Neither Kubernetes by default nor Karmada
 * 1.18 takes the operators Lt and Gt.
 */
export const toleration = z
  .strictObject({
    key: labelKey.optional().describe('Key of the taint. Default: every taint.'),
    operator: z.enum(['Exists', 'Equal']).optional().describe('Default: Equal.'),
    value: labelValue.optional().describe('Value of the taint, for Equal.'),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional().describe('Default: every effect.'),
    tolerationSeconds: z
      .int()
      .min(0)
      .optional()
      .describe('Seconds to stay after a NoExecute taint. Default: for ever.'),
  })
  .superRefine(({ key, operator = 'Equal', value, effect, tolerationSeconds }, context) => {
    const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (key === undefined && operator !== 'Exists') fault('operator', "must be 'Exists' without a 'key'");
    if (operator === 'Exists' && value) fault('value', "must be left out with 'operator: Exists'");
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      fault('tolerationSeconds', "has a meaning with 'effect: NoExecute' only");
    }
  });
