import { z } from 'zod';
import { dataKey, dnsLabel, dnsName, quantity } from './primitives.ts';

const SOURCES = ['emptyDir', 'configMap', 'secret', 'claim'] as const;

/** An entry of an app's `volumes`: where the files come from, and where the app finds them. */
export const volume = z
  .strictObject({
    name: dnsLabel.describe('Name of the volume, unique in the app.'),
    mountPath: z
      .string()
      .regex(/^\/[^:\0]*$/, "must be an absolute path without a colon, such as '/data'")
      .describe('Where the app finds it.'),
    subPath: z
      .string()
      .regex(/^(?!(.*\/)?\.\.(\/|$))[^/].*$/, "must be a relative path inside the volume, without '..'")
      .optional()
      .describe('File or folder of the volume to mount, in place of all of it. Such files do not follow changes.'),
    readOnly: z.boolean().optional().describe('Whether the app may only read it. Default: false.'),
    emptyDir: z
      .strictObject({
        medium: z.literal('Memory').optional().describe("Memory: held in the node's memory. Default: on its disk."),
        sizeLimit: quantity.optional().describe('Size at which the pod is evicted. Default: no limit.'),
      })
      .optional()
      .describe('A folder that is empty at first, and lasts as long as the pod.'),
    configMap: dnsName.optional().describe('Name of a ConfigMap, whose keys become files. It goes along with the app.'),
    secret: dnsName
      .optional()
      .describe(
        "Name of a Secret, whose keys become files. It goes along with the app. 'scripts/secrets.sh' asks for 'keys'.",
      ),
    claim: dnsName
      .optional()
      .describe(
        'Name of a PersistentVolumeClaim in the Karmada API, which goes along: each member makes a volume of its own.',
      ),
    keys: z.array(dataKey).min(1).optional().describe('Keys of the ConfigMap or Secret to take. Default: all.'),
    optional: z
      .boolean()
      .optional()
      .describe('Whether the app starts without the ConfigMap or Secret. Default: false.'),
  })
  .superRefine((value, context) => {
    const given = SOURCES.filter((source) => value[source] !== undefined);
    if (given.length !== 1) {
      context.addIssue({ code: 'custom', message: "must have one of 'emptyDir', 'configMap', 'secret' or 'claim'" });
    }
    if (value.configMap !== undefined || value.secret !== undefined) return;
    for (const path of ['keys', 'optional'] as const) {
      if (value[path] !== undefined) {
        context.addIssue({ code: 'custom', path: [path], message: 'is for a ConfigMap or a Secret, leave it out' });
      }
    }
  });
