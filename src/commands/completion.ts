import { choicesOf, isList, settings } from '../session/setup/settings.ts';
import { defineCommand } from '../shell/command.ts';

/**
 * Windows PowerShell 5.1 and 7. The script only asks the program, so that it stays good when a command gets another option. The
 * program is started by the name that was typed, and an empty last word is handed over as a quoted pair, because 5.1 drops
 * an empty argument of a native program.
 */
const powershell = `# certrebind: completion for PowerShell. For good: certrebind completion powershell | Add-Content $PROFILE
Register-ArgumentCompleter -Native -CommandName 'certrebind', 'certrebind.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
            Where-Object { $_.Extent.EndOffset -le $cursorPosition -and $_.Extent.Text -ne $wordToComplete } |
            Select-Object -Skip 1 | ForEach-Object { $_.Extent.Text })
    $last = if ($wordToComplete) { $wordToComplete } elseif ($PSVersionTable.PSVersion -lt [version] '7.3') { '""' } else { '' }
    & $commandAst.CommandElements[0].Extent.Text --get-yargs-completions certrebind @words $last 2>$null |
        Where-Object { $_.StartsWith($wordToComplete, [System.StringComparison]::OrdinalIgnoreCase) } |
        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}`;

export const completion = defineCommand({
  onlyLooks: true,
  examples: [
    [
      'completion powershell | Add-Content $PROFILE',
      'For PowerShell, from the next session on. Do not use >>: it writes UTF-16',
    ],
  ],
  build: (yargs) =>
    yargs.positional('shell', {
      choices: ['powershell'],
      default: 'powershell',
      describe: 'The shell to complete for',
    }),
  async run(_args, { shell }) {
    const document = { schema: 'certrebind/completion/1', shell: 'powershell', script: powershell };
    return shell.result(document, () => powershell);
  },
});

const optionsWithValue: readonly string[] = ['--server', '--replay', '--lab', '--config', '--state', '--progress'];

/**
 * Settings and the words that they take, which the parser does not know. `null` if neither is asked for.
 * @param words the line as the shell has it, the program's name first, the word to be completed last
 */
export function completedSetting(words: readonly string[]): readonly string[] | null {
  const [last = '', before = ''] = words.toReversed();
  if (last.startsWith('-') || optionsWithValue.includes(before)) return null;
  const isOption = (word: string, place: number) =>
    word.startsWith('-') || optionsWithValue.includes(words[place - 1] ?? '');
  const [, command, how, key, more] = words.slice(0, -1).filter((word, place) => !isOption(word, place));
  if (command !== 'config' || !['set', 'add', 'remove'].includes(how ?? '') || more !== undefined) return null;
  // A list is given to `set` as JSON, which completion does not offer.
  const meant = settings.filter(
    (setting) => isList(setting) === (how !== 'set') || (how === 'set' && key === undefined),
  );
  const named = meant.filter((setting) => setting.key === key);
  const offers = key === undefined ? meant.map((setting) => setting.key) : named.flatMap(choicesOf);
  return offers.filter((offer) => offer.toLowerCase().startsWith(last.toLowerCase()));
}
