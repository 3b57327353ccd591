import { z } from 'zod';
import { lookup } from '../../simulation/lookup.ts';
import { mapping } from './free-keys.ts';
import { labelKey, quantity, quantityValue } from './primitives.ts';

/*
 * Amounts by the name of a resource, as the API server takes them: pkg/apis/core/validation and
 * pkg/apis/core/helper of Kubernetes 1.35.
 */

const isHugePages = (name: string) => name.startsWith('hugepages-');

/** Whether a name is one of Kubernetes' own, which have no prefix or one under kubernetes.io. */
const isNative = (name: string) => !name.includes('/') || name.includes('kubernetes.io/');

/** Whether a name is one of those that device plugins and the like bring, such as `nvidia.com/gpu`. */
const isExtended = (name: string) =>
  !isNative(name) && !name.startsWith('requests.') && labelKey.safeParse(`requests.${name}`).success;

const CONTAINER = ['cpu', 'memory', 'ephemeral-storage'];

/** What counts whole things. */
const COUNTED = [
  'pods',
  'services',
  'services.nodeports',
  'services.loadbalancers',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
];

const QUOTA = [
  ...COUNTED,
  ...CONTAINER.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
  'requests.storage',
];

/** What is wrong with the name of a resource that a container asks for, or nothing. */
function containerFault(name: string): string | undefined {
  if (!name.includes('/')) {
    if (CONTAINER.includes(name) || isHugePages(name)) return undefined;
    return `is no resource of a container, take one of 'cpu', 'memory', 'ephemeral-storage' and 'hugepages-<size>', or one with a prefix, such as 'nvidia.com/gpu'`;
  }
  return isNative(name) || isExtended(name)
    ? undefined
    : "is no resource that a container can ask for, such as 'nvidia.com/gpu'";
}

/** What is wrong with the name of a resource that a quota limits, or nothing. */
function quotaFault(name: string): string | undefined {
  if (name.includes('/') || QUOTA.includes(name) || /^(requests\.)?hugepages-/.test(name)) return undefined;
  return "is no resource that a quota limits, such as 'cpu', 'memory', 'pods' or 'count/deployments.apps'";
}

type Amounts = Record<string, string>;

/** Amounts of resources whose names a rule takes; those that count things must be whole. */
function amounts(fault: (name: string) => string | undefined) {
  return mapping(labelKey, quantity).superRefine((value: Amounts, context) => {
    for (const [name, amount] of Object.entries(value)) {
      const message =
        fault(name) ??
        ((isExtended(name) || COUNTED.includes(name)) && !Number.isInteger(quantityValue(amount))
          ? 'must be an integer, for it counts things'
          : isHugePages(name) && !isMultiple(amount, name.slice('hugepages-'.length))
            ? 'must be a multiple of the size of a page'
            : undefined);
      if (message) context.addIssue({ code: 'custom', path: [name], message });
    }
  });
}

function isMultiple(amount: string, page: string): boolean {
  if (!quantity.safeParse(page).success) return false;
  const [bytes, size] = [quantityValue(amount), quantityValue(page)];
  return size > 0 && Number.isInteger(size) && Number.isInteger(bytes / size);
}

/** What a quota limits. */
export const quotaAmounts = amounts(quotaFault);

/** Some of what a container asks for, and may use at most. */
export const someResources = z.strictObject({
  requests: amounts(containerFault).optional().describe('What is reserved, such as cpu and memory.'),
  limits: amounts(containerFault).optional().describe('What may be used at most.'),
});

/** All that a container asks for, and may use at most. */
export const resources = someResources.superRefine((value, context) =>
  checkResources(value, (path, message) => context.addIssue({ code: 'custom', path, message })),
);
export type Resources = z.output<typeof resources>;

/** Whether requests and limits fit each other. */
export function checkResources(
  { requests = {}, limits = {} }: z.output<typeof someResources>,
  fault: (path: string[], message: string) => void,
): void {
  for (const [name, request] of Object.entries(requests)) {
    const limit = lookup(limits, name);
    const isShared = isNative(name) && !isHugePages(name);
    if (limit === undefined) {
      if (!isShared) fault(['requests', name], "must be in 'limits' too, for it can't be overcommitted");
    } else if (quantityValue(request) > quantityValue(limit)) {
      fault(['requests', name], `must not be more than the limit, which is ${limit}`);
    } else if (!isShared && quantityValue(request) !== quantityValue(limit)) {
      fault(['requests', name], `must be equal to the limit, which is ${limit}, for it can't be overcommitted`);
    }
  }
  const names = Object.keys({ ...requests, ...limits });
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    fault([], "must have 'cpu' or 'memory' beside huge pages");
  }
}
