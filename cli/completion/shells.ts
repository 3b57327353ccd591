import type { CompletedCommand, CompletedOption } from './commands.ts';

const NAME = 'serverless-federation';
const FUNCTION = '_serverless_federation';

/** A text in single quotes, as all three shells read it. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const words = ({ short, long }: CompletedOption) => [...(short ? [`-${short}`] : []), `--${long}`];

/** A script that has bash complete the command. */
export function bash(commands: readonly CompletedCommand[]): string {
  const ofEach = commands.map(
    ({ name, options, choices }) =>
      `      ${name}) words=${quoted([...choices, ...options.flatMap(words)].join(' '))} ;;\n`,
  );
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter(({ value }) => value !== undefined)
      .map((option) => {
        const patterns = words(option).map((word) => quoted(`${name} ${word}`));
        return `    ${patterns.join(' | ')}) words=${quoted(option.choices.join(' '))} ;;\n`;
      }),
  );
  return `# bash completion for ${NAME}; load it with: source <(${NAME} completion bash)
${FUNCTION}() {
  local current=\${COMP_WORDS[COMP_CWORD]} words="" word
  if ((COMP_CWORD == 1)); then
    words=${quoted(commands.map(({ name }) => name).join(' '))}
  else
    case \${COMP_WORDS[1]} in
${ofEach.join('')}    esac
  fi
  # Where nothing of these is meant, files are.
  case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD - 1]}" in
${values.join('')}  esac
  COMPREPLY=()
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$current")
}
complete -o default -F ${FUNCTION} ${NAME}
`;
}

/** A script that has zsh complete the command. */
export function zsh(commands: readonly CompletedCommand[]): string {
  const plain = (text: string) => text.replace(/[[\]:\\]/g, '\\$&');
  const argument = ({ short, long, description, value, choices }: CompletedOption) => {
    const rest = `[${plain(description)}]${value === undefined ? '' : `:${plain(value)}:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}`}`;
    return short ? `'(-${short} --${long})'{-${short},--${long}}${quoted(rest)}` : quoted(`--${long}${rest}`);
  };
  const ofEach = commands.map(({ name, options, choices }) => {
    const others = choices.length > 0 ? `'*:argument:(${choices.join(' ')})'` : "'*:file:_files'";
    return `    ${name})\n      _arguments -s ${[...options.map(argument), others].join(' \\\n        ')}\n      ;;\n`;
  });
  return `#compdef ${NAME}
# zsh completion for ${NAME}; load it with: source <(${NAME} completion zsh)
${FUNCTION}() {
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    ${quoted(`${name}:${plain(description)}`)}\n`).join('')}  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  shift words
  ((CURRENT -= 1))
  case $words[1] in
${ofEach.join('')}  esac
}
if [[ $funcstack[1] == ${FUNCTION} ]]; then
  ${FUNCTION} "$@"
else
  compdef ${FUNCTION} ${NAME}
fi
`;
}

/** A script that has fish complete the command. */
export function fish(commands: readonly CompletedCommand[]): string {
  const text = (value: string) => `'${value.replace(/['\\]/g, '\\$&')}'`;
  const lines = commands.flatMap(({ name, description, options, choices }) => {
    const after = text(`__fish_seen_subcommand_from ${name}`);
    return [
      `complete -c ${NAME} -n __fish_use_subcommand -f -a ${name} -d ${text(description)}`,
      ...(choices.length > 0 ? [`complete -c ${NAME} -n ${after} -f -a ${text(choices.join(' '))}`] : []),
      ...options.map(({ short, long, description, value, choices }) => {
        const given = choices.length > 0 ? ` -x -a ${text(choices.join(' '))}` : value === undefined ? '' : ' -r';
        return `complete -c ${NAME} -n ${after}${short ? ` -s ${short}` : ''} -l ${long}${given} -d ${text(description)}`;
      }),
    ];
  });
  return `# fish completion for ${NAME}; load it with: ${NAME} completion fish | source\n${lines.join('\n')}\n`;
}
