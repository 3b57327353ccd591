import { Argument, Command } from 'commander';

/** @param program whose subcommands it completes. */
export function completionCommand(program: Command): Command {
  return new Command('completion')
    .description('Print a script that has a shell complete this command.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `
Examples:
  source <(serverless-federation completion bash)    # in ~/.bashrc
  source <(serverless-federation completion zsh)     # in ~/.zshrc, after compinit
  serverless-federation completion fish > ~/.config/fish/completions/serverless-federation.fish`,
    )
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const [shells, { completedCommands }] = await Promise.all([
        import('../completion/shells.ts'),
        import('../completion/commands.ts'),
      ]);
      process.stdout.write(shells[shell](completedCommands(program)));
    });
}
