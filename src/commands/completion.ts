import { basename } from 'node:path';
import { defineCommand } from '../command-line/command.ts';
import { CertRebindError } from '../text/errors.ts';

/** The shells for which completion scripts exist. */
const completingShells = ['powershell', 'bash'] as const;

type CompletingShell = (typeof completingShells)[number];

/**
 * The script that makes a shell complete this program's command lines. Every script only asks the program itself, so
 * that none has to be reinstalled when a command gets another option.
 */
function completionScript(shell: CompletingShell): string {
  switch (shell) {
    case 'powershell':
      return powershell;
    case 'bash':
      return bash;
  }
}

/**
 * Windows PowerShell 5.1 and 7. The program is started by the name that was typed, and an empty last word is handed over
 * as a quoted pair, because 5.1 drops an empty argument of a native program.
 */
const powershell = `# certrebind: completion for PowerShell. For good: certrebind completion powershell | Add-Content $PROFILE
Register-ArgumentCompleter -Native -CommandName 'certrebind', 'certrebind.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
            Where-Object { $_.Extent.EndOffset -le $cursorPosition -and $_.Extent.Text -ne $wordToComplete } |
            Select-Object -Skip 1 | ForEach-Object { $_.Extent.Text })
    $begun = $wordToComplete.Trim("'", '"')
    $last = if ($begun) { $begun } elseif ($PSVersionTable.PSVersion -lt [version] '7.3') { '""' } else { '' }
    & $commandAst.CommandElements[0].Extent.Text --get-yargs-completions certrebind @words $last 2>$null |
        Where-Object { $_.StartsWith($begun, [System.StringComparison]::OrdinalIgnoreCase) } |
        ForEach-Object {
            $typed = if ($_ -match '^[\\w.:/*+=-]+$') { $_ } else { "'" + $_.Replace("'", "''") + "'" }
            [System.Management.Automation.CompletionResult]::new($typed, $_, 'ParameterValue', $_)
        }
}`;

const bash = `# certrebind: completion for bash. For good: certrebind completion bash >> ~/.bashrc
_certrebind() {
  local word begun="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r word; do
    [[ $word != "$begun"* ]] || COMPREPLY+=("$(printf '%q' "$word")")
  done < <(SHELL=bash certrebind --get-yargs-completions "\${COMP_WORDS[@]}" 2>/dev/null)
}
complete -o default -F _certrebind certrebind`;

export const completion = defineCommand({
  examples: [
    [
      'completion powershell | Add-Content $PROFILE',
      'For PowerShell, from the next session on. Do not use >>: it writes UTF-16',
    ],
    ['completion bash >> ~/.bashrc', 'For bash'],
  ],
  build: (yargs) =>
    yargs.positional('shell', { choices: completingShells, describe: 'Default on Windows: powershell' }),
  async run(args, { shell }) {
    const of = args.shell ?? shellOf(shell.env);
    const script = completionScript(of);
    shell.result({ schema: 'certrebind/completion/1', shell: of, script }, () => script);
    return 0;
  },
});

function shellOf({ SHELL = '' }: NodeJS.ProcessEnv): CompletingShell {
  if (process.platform === 'win32') return 'powershell';
  const found = completingShells.find((name) => name === basename(SHELL));
  if (found !== undefined) return found;
  throw new CertRebindError('usage', {
    message: `Name your shell: ${completingShells.join(', ')}.`,
    hint: 'For example: certrebind completion powershell',
  });
}
