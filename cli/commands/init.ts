import { Command, Option } from 'commander';
import { given, several } from './options.ts';

export function initCommand(): Command {
  return new Command('init')
    .description(
      'Start a federation in this folder: write federation.yaml and its schema, .gitignore and a workflow for pull requests.',
    )
    .option('--name <name>', 'name of the federation (default: that of the folder)', given)
    .option('--address <host>', 'where members and operators reach the Karmada API: a host name or IP address', given)
    .option(
      '--member <name[=region]>',
      'a cluster that exists, to run apps on (may be given several times; default: cloud and edge)',
      several,
    )
    .addOption(
      new Option('--vpn <provider>', 'the VPN between the clusters').choices([
        'none',
        'headscale',
        'tailscale',
        'netbird',
      ]),
    )
    .option('--vpn-server <url>', 'URL of the VPN’s own server, for headscale or a netbird of your own', given)
    .option('--no-workflow', 'write no .github/workflows/federation.yaml')
    .addHelpText(
      'after',
      `
At a terminal it asks for what no option says; elsewhere it never asks, and takes the defaults. What is there already is
never overwritten: it then writes nothing at all, but for a .gitignore, which stays as it is.

Exit status: 0 when the files were written, 1 when one is there already or can't be written, 2 for a wrong call.

Examples:
  serverless-federation init
  serverless-federation init --name shops --address karmada.example.com --member berlin=de --member paris=fr`,
    )
    .action(async (options) => {
      const { init } = await import('../init/init.ts');
      await init(options);
    });
}
