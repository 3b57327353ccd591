import { Command } from 'commander';

export function schemaCommand(): Command {
  return new Command('schema')
    .description('Print the JSON Schema of federation files, by which editors complete and check them.')
    .addHelpText(
      'after',
      `
A federation file names it on its first line: # yaml-language-server: $schema=./federation.schema.json

Examples:
  serverless-federation schema > federation.schema.json`,
    )
    .action(async () => {
      const { schema } = await import('../schema.ts');
      process.stdout.write(schema());
    });
}
