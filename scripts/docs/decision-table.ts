import { blockCodes } from '../../src/base/codes/plan-codes.ts';
import { decisionTable } from '../../test/engine/plan/decision-table.ts';

const headings: Readonly<Record<(typeof decisionTable)[number]['result'], string>> = {
  replace: 'Replaced',
  'replace, noted': 'Replaced, with a note',
  blocked: 'Blocked',
  skipped: 'Skipped',
  noted: 'Only noted',
};

/** docs/evidence/decision-table.md */
export function decisionTableMarkdown(): string {
  const guards = new Set<string>(blockCodes.filter(({ guard }) => guard).map(({ code }) => code));
  const parts = Object.entries(headings).map(([result, heading]) => {
    const lines = decisionTable
      .filter((row) => row.result === result)
      .map(({ situation, code }) => {
        const guard = result === 'blocked' && guards.has(code ?? '') ? ', a guard' : '';
        return `- ${situation}${code === null ? '' : ` (\`${code}\`${guard})`}.`;
      });
    return `## ${heading}\n\n${lines.join('\n')}\n`;
  });
  return `# What a plan decides

Every situation of a certificate binding or another holder with an old or a new certificate of a renewal. Renewals are joined first: A → B and B → C become A → C and B → C. The first of several
objections is the reason. \`guards\` in [the configuration](../configuration.md) sets each guard to \`warn\` or \`off\`; \`certrebind explain <code>\` tells what a code means. Written from
\`test/engine/plan/decision-table.ts\`, which the tests run and which has the reasons.

${parts.join('\n')}`;
}
