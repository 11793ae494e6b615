/** `tessera completion`: a script for the shell, made from the commands as they are. */
import { Argument, type Command } from 'commander';

export function define(completion: Command, whole: () => Promise<Command>): void {
  completion
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      '\nbash: source <(tessera completion bash)\nzsh:  source <(tessera completion zsh)\nfish: tessera completion fish | source',
    )
    .action(async (shell: string) => {
      const words = wordsByPath(await whole());
      process.stdout.write(shell === 'fish' ? fish(words) : shell === 'zsh' ? zsh(words) : bash(words));
    });
}

type WordsByPath = ReadonlyMap<string, readonly string[]>;

/** What may follow each command: its commands and options. The top has the path ''. */
function wordsByPath(command: Command, path = ''): WordsByPath {
  const subcommands = command.commands.flatMap((each) => [each.name(), ...each.aliases()]);
  const options = command.options.flatMap((option) =>
    option.long === undefined || option.long === null ? [] : [option.long],
  );
  const words = new Map<string, readonly string[]>([[path, [...subcommands, ...options, '--help']]]);
  for (const each of command.commands) {
    for (const name of [each.name(), ...each.aliases()]) {
      for (const [below, theirs] of wordsByPath(each, `${path} ${name}`.trim())) words.set(below, theirs);
    }
  }
  return words;
}

/** The path is the words that are commands; what follows the longest known one is offered. */
function bash(words: WordsByPath): string {
  const cases = [...words].map(([path, next]) => `    '${path}') next='${next.join(' ')}' ;;`);
  return `_tessera() {
  local path='' known='' word next=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    known="\${path:+$path }$word"
    case "$known" in
      ${[...words.keys()]
        .filter((path) => path !== '')
        .map((path) => `'${path}'`)
        .join('|')}) path="$known" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _tessera tessera
`;
}

/** zsh runs bash's completions. */
function zsh(words: WordsByPath): string {
  return `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;
}

function fish(words: WordsByPath): string {
  const lines = [...words].flatMap(([path, next]) => {
    const seen =
      path === ''
        ? '__fish_use_subcommand'
        : path
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ');
    return next.map((word) =>
      word.startsWith('--')
        ? `complete -c tessera -n '${seen}' -l ${word.slice(2)}`
        : `complete -c tessera -f -n '${seen}' -a ${word}`,
    );
  });
  return `${lines.join('\n')}\n`;
}
