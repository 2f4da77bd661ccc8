/** The style of a page: light and dark as the reader has it, and on paper whole. */
export const pageStyle = `
:root { color-scheme: light dark; --text: #1b1b1f; --ground: #ffffff; --line: #c4c6cf; --soft: #eef0f6; --bad: #a3001b; --warn: #7a4b00; --good: #0b5a2a; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e6eb; --ground: #16171b; --line: #4a4c55; --soft: #24262d; --bad: #ffb3ba; --warn: #ffcf8a; --good: #9fe3b4; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 80rem; font: 1rem/1.5 system-ui, "Segoe UI", sans-serif; color: var(--text); background: var(--ground); }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
.verdict { font-size: 1.15rem; font-weight: 600; padding: .6rem .8rem; background: var(--soft); border-left: .4rem solid currentColor; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { background: var(--soft); overflow-wrap: normal; }
.word { white-space: nowrap; }
.holder { min-width: 14rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font-family: ui-monospace, Consolas, monospace; font-size: .85em; }
.error { color: var(--bad); } .warning { color: var(--warn); } .info { color: var(--good); } .quiet { color: inherit; }
svg { display: block; } svg .ground { fill: var(--soft); } svg .bar { fill: currentColor; }
@media print {
  :root { --text: #000; --ground: #fff; --line: #999; --soft: #eee; --bad: #a3001b; --warn: #7a4b00; --good: #0b5a2a; color-scheme: light; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  .wide { overflow: visible; }
  .holder { min-width: 12rem; }
  th, td { padding: .25rem .35rem; }
  tr { break-inside: avoid; } thead { display: table-header-group; } h2 { break-after: avoid; }
  svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
