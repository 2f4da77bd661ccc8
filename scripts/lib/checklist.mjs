/**
 * What a stage of evidence checks, said as it is checked.
 * @returns { check, result }: `check(name, holds, why not)`; `result(...lines)` is what the stage returns, these lines first
 */
export function checklist(say) {
  const checks = [];
  let passed = true;
  return {
    check(name, holds, why = '') {
      passed &&= holds;
      const reason = holds || why === '' ? '' : ` (${why.trim().replace(/\s+/g, ' ')})`;
      checks.push(`- ${holds ? 'passed' : 'FAILED'}: ${name}${reason}`);
      say(`${holds ? 'ok' : 'NOT OK'}: ${name}${reason}`);
    },
    result: (...lines) => ({ passed, lines: [...lines, '', ...checks] }),
  };
}
