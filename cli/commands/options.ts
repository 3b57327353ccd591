import { type Command, InvalidArgumentError, Option } from 'commander';

/** For options whose value must not be empty, as an unset variable of a shell makes it. */
export function given(value: string): string {
  if (value === '') throw new InvalidArgumentError('It needs a value.');
  return value;
}

/** For options that may be given several times. */
export const several = (value: string, earlier: string[] = []) => [...earlier, given(value)];

/** `-o json`. */
export const jsonOutput = () => new Option('-o, --output <format>', 'print JSON for programs').choices(['json']);

/** Options that say what is looked at: `cli/outlook.ts` reads it. */
export function outlookOptions(command: Command): Command {
  return command
    .option(
      '--room <file>',
      'take the room and the kinds of members from these Cluster objects ("kubectl get clusters -o yaml")',
      given,
    )
    .option(
      '--manifests <path>',
      'look at the objects of this file or folder in place of a federation file; needs --members',
      given,
    )
    .option('--members <file>', 'the members, as "kubectl get clusters -o yaml" prints them', given);
}

/** Options that say how clusters are reached. */
export function accessOptions(command: Command): Command {
  return command
    .option('--kubeconfig <[cluster=]file>', 'kubeconfig of a cluster (may be given several times)', several)
    .option('--context <[cluster=]name>', 'context in that file (may be given several times)', several)
    .option('--kubeconfig-dir <dir>', 'kubeconfig folder (default: $KUBECONFIG_DIR, else .kube)', given);
}

/** Options that say how a federation is looked at: `cli/status/status.ts` reads them. */
export function lookOptions(command: Command): Command {
  return accessOptions(command)
    .option('--dist <dir>', 'the synthesized manifests (default: dist)', given)
    .option('--timeout <seconds>', 'how long one request may last (default: 30)', given)
    .option('--days <number>', 'a certificate that ends within so many days is a fault (default: 30)', given);
}
