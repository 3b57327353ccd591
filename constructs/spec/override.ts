import { z } from 'zod';
import type { AppOverrideRule } from '../apps/app-overrides.ts';
import type { Json, OverrideRule } from '../policy/override-policy.ts';
import { mapping } from './free-keys.ts';
import { affinity } from './placement.ts';
import {
  dnsLabel,
  envName,
  isKept,
  NOT_KEPT,
  objectAnnotations,
  objectLabels,
  processText,
  replicas,
  variableName,
} from './primitives.ts';
import { someResources } from './resources.ts';

/*
 * What differs from member to member. What Karmada's webhooks refuse is refused here: pkg/webhook/overridepolicy and
 * pkg/util/validation of Karmada 1.18.
 */

const jsonPointer = z.string().regex(/^(\/([^~]|~[01])*)?$/, "must be a JSON pointer, such as '/spec/replicas'");
const fieldPath = jsonPointer.min(1, "must be a JSON pointer, such as '/spec/replicas'");

/** A JSON value without null, which manifests can't hold. */
const json = z
  .json()
  .refine(
    (value) => !holds(value, (one) => one === null),
    "must not hold null: take the operator 'remove' in its place",
  )
  .refine((value) => !holds(value, (one) => typeof one === 'number' && !isKept(one)), NOT_KEPT)
  .transform((value) => value as Json);

/** Whether a value is such, or holds one. */
function holds(value: unknown, isSuch: (value: unknown) => boolean): boolean {
  if (isSuch(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some((inner) => holds(inner, isSuch));
}

const operator = z.enum(['add', 'remove', 'replace']);

function valueFitsOperator(
  { operator, value }: { operator: string; value?: unknown },
  context: z.core.$RefinementCtx,
): void {
  if (operator === 'remove' && value !== undefined) {
    context.addIssue({ code: 'custom', path: ['value'], message: "must be left out with the operator 'remove'" });
  } else if (operator !== 'remove' && value === undefined) {
    context.addIssue({ code: 'custom', path: ['value'], message: `must be given with the operator '${operator}'` });
  }
}

const containerName = dnsLabel.describe('Name of the container.');

function commandOverrider<Container extends z.ZodType>(container: Container) {
  return z.array(
    z.strictObject({
      container,
      operator: z.enum(['add', 'remove']).describe('Appends the values, or takes out those that are equal.'),
      value: z.array(processText).min(1).describe('Words of the command.'),
    }),
  );
}

const patches = z.array(
  z
    .strictObject({
      subPath: jsonPointer.describe('JSON pointer into the document in the field.'),
      operator: operator.describe('What to do there.'),
      value: json.optional().describe('Value, for add and replace.'),
    })
    .superRefine(valueFitsOperator),
);

/** What the parts of an image may be: github.com/distribution/reference. A tag may give way to a digest. */
const IMAGE_PARTS = {
  Registry: {
    form: /^[a-zA-Z0-9][-a-zA-Z0-9.]*(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/,
    right: "must be a registry without scheme, such as 'registry.example.com:5000'",
  },
  Repository: {
    form: /^[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/,
    right: "must be a repository in lower case letters, such as 'team/app'",
  },
  Tag: {
    form: /^([A-Za-z0-9_][-A-Za-z0-9_.]{0,127}|sha256:[0-9a-f]{64})$/,
    right: "must be a tag or a digest, such as 'v1.2.0'",
  },
} as const;

const ruleShape = {
  target: affinity.prefault({}).describe('Members to change it on. Default: every member.'),
  image: z
    .array(
      z
        .strictObject({
          component: z.enum(['Registry', 'Repository', 'Tag']).describe('Part of [registry/]repository[:tag].'),
          operator: operator.describe('add appends to the part, replace sets it, remove takes it out.'),
          value: z.string().min(1).optional().describe('Value, for add and replace.'),
          path: fieldPath.optional().describe('JSON pointer of the image. Default: the images of all containers.'),
        })
        .superRefine(valueFitsOperator)
        .superRefine(({ component, operator, value }, context) => {
          if (operator !== 'replace' || value === undefined || IMAGE_PARTS[component].form.test(value)) return;
          context.addIssue({ code: 'custom', path: ['value'], message: IMAGE_PARTS[component].right });
        }),
    )
    .optional()
    .describe('Parts of images.'),
  labels: z
    .array(
      z.strictObject({
        operator: operator.describe('What to do with them.'),
        value: objectLabels.describe('Labels by key; to remove them, their values matter not.'),
      }),
    )
    .optional()
    .describe('Labels of the object.'),
  annotations: z
    .array(
      z.strictObject({
        operator: operator.describe('What to do with them.'),
        value: objectAnnotations.describe('Annotations by key; to remove them, their values matter not.'),
      }),
    )
    .optional()
    .describe('Annotations of the object.'),
  field: z
    .array(
      z
        .strictObject({
          path: fieldPath.describe("JSON pointer of a text field, such as '/data/config.yaml'."),
          json: patches.min(1).optional().describe('Changes, where the text is JSON.'),
          yaml: patches.min(1).optional().describe('Changes, where the text is YAML.'),
        })
        .superRefine(({ json, yaml }, context) => {
          if ((json === undefined) === (yaml === undefined))
            context.addIssue({ code: 'custom', message: "must have either 'json' or 'yaml'" });
        }),
    )
    .optional()
    .describe('Parts of a JSON or YAML document in a text field.'),
  plaintext: z
    .array(
      z
        .strictObject({
          path: fieldPath.describe("JSON pointer of the field, such as '/spec/replicas'."),
          operator: operator.describe('What to do there; remove and replace need the field to exist.'),
          value: json.optional().describe('Value, for add and replace.'),
        })
        .superRefine(valueFitsOperator),
    )
    .optional()
    .describe('Any field.'),
};

function commands<Container extends z.ZodType>(container: Container) {
  const overrider = commandOverrider(container).optional();
  return {
    command: overrider.describe("Words of a container's command."),
    args: overrider.describe('Arguments of a container.'),
  };
}

/** Refuses a rule without a change. */
function changesSomething(kinds: string) {
  const isEmpty = (value: unknown): boolean =>
    value === undefined || (typeof value === 'object' && Object.values(value ?? {}).every(isEmpty));
  return ({ target: _, ...changes }: { target?: unknown }, context: z.core.$RefinementCtx): void => {
    if (isEmpty(changes)) context.addIssue({ code: 'custom', message: `changes nothing, give it ${kinds}` });
  };
}

const OVERRIDERS = 'image, command, args, labels, annotations, field or plaintext';

/** What to change on which members. That a value fits its operator is checked; from then on the type says so. */
export const overrideRule = z
  .strictObject({ ...ruleShape, ...commands(containerName) })
  .superRefine(changesSomething(OVERRIDERS))
  .transform((value) => value as OverrideRule);

/** As `overrideRule`, for an app: its own container needs no name, and its values have one. */
export const appOverrideRule = z
  .strictObject({
    ...ruleShape,
    ...commands(containerName.optional().describe("Name of the container. Default: the app's own.")),
    env: mapping(envName, processText)
      .optional()
      .describe('Environment variables by name, added or in the place of those of the app. No secrets here.'),
    variables: mapping(variableName, processText)
      .optional()
      .describe('Spin variables by name, added or in the place of those of the app. No secrets here.'),
    replicas: replicas
      .optional()
      .describe("Replicas on each of these members, for an app that is copied to all. Else see 'placement.replicas'."),
    resources: someResources
      .optional()
      .describe('CPU and memory to reserve and limits, each in the place of that of the app.'),
  })
  .superRefine(changesSomething(`env, variables, replicas, resources, ${OVERRIDERS}`))
  .transform((value) => value as AppOverrideRule);
