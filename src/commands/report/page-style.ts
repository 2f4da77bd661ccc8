/** The style of a page: light and dark as the reader has it, from a phone to a wide screen, and on paper whole. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #fff; --text: #15181e; --quiet: #525a68; --line: #dcdfe5; --edge: #7d8594;
  --bad: #b01722; --warn: #814e00; --good: #17673a; --info: #1f55b5; --bad-ground: #fdeeed; --warn-ground: #fdf3df; --good-ground: #e7f5eb; }
@media (prefers-color-scheme: dark) { :root { --ground: #121419; --text: #e8eaef; --quiet: #a7aebb; --line: #333842; --edge: #7f8796;
  --bad: #ff9d99; --warn: #f2c069; --good: #84d6a0; --info: #9fc2ff; --bad-ground: #371a1c; --warn-ground: #32260f; --good-ground: #132d1d; } }
* { box-sizing: border-box; }
body { max-width: 78rem; margin: 0 auto; padding: 1rem clamp(1rem, 3vw, 2rem) 3rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 "Segoe UI", system-ui, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
h1, h2, h3, p, ol, ul, dl, dd { margin: 0; padding: 0; }
ol, ul { list-style: none; }
h1 { font-size: 1.75rem; line-height: 1.2; text-wrap: balance; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; }
a { color: var(--info); }
:focus-visible { outline: 2px solid var(--info); outline-offset: 2px; }
code { font: .8125rem/1.4 "Cascadia Mono", Consolas, ui-monospace, monospace; }
small { display: block; font-size: .8125rem; line-height: 1.4; color: var(--quiet); }
.bad { color: var(--bad); } .warn { color: var(--warn); } .good { color: var(--good); } .info { color: var(--info); } .quiet { color: var(--quiet); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.icon { width: 1em; height: 1em; flex: none; vertical-align: -.125em; fill: currentColor; }
.cut { fill: none; stroke: var(--ground); stroke-width: 2; }
.ring { fill: none; stroke: currentColor; stroke-width: 2; }
.top { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1.5rem; padding-bottom: .75rem; font-size: .875rem; color: var(--quiet); }
.top b { color: var(--text); }
.top ul { display: flex; flex-wrap: wrap; gap: 0 1rem; }
.verdict { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 1rem; padding: 1.25rem clamp(1rem, 2.5vw, 1.75rem); border: 1px solid currentColor; border-radius: 8px; }
.verdict > .icon { width: 2.75rem; height: 2.75rem; }
.verdict .word { font-size: .8125rem; font-weight: 700; letter-spacing: .08em; text-transform: uppercase; }
.verdict h1, .verdict p { color: var(--text); max-width: 56rem; }
.verdict .word { color: inherit; }
.verdict.bad { background: var(--bad-ground); } .verdict.warn { background: var(--warn-ground); } .verdict.good { background: var(--good-ground); }
.command { display: block; margin-top: .4rem; padding: .45rem .7rem; background: var(--ground); color: var(--text); border: 1px solid var(--edge); border-radius: 6px; user-select: all; -webkit-user-select: all; }
.said { padding: .1rem .3rem; border: 1px solid var(--edge); border-radius: 4px; user-select: all; -webkit-user-select: all; }
.command::before { content: "PS> "; color: var(--quiet); }
.whole { white-space: nowrap; }
header > p { margin-top: .75rem; } .actions h3 { text-wrap: balance; }
.in-turn { padding-left: 1.3em; list-style: decimal; color: var(--text); max-width: 56rem; }
.mix { display: block; width: 100%; height: 14px; margin: 1.25rem 0 .75rem; }
.mix rect, .bar rect { fill: currentColor; }
.tiles { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 1rem .75rem; }
.tiles > div { border-top: 3px solid currentColor; padding-top: .4rem; }
.tiles dt { font-size: .875rem; font-weight: 600; }
.tiles dd { color: var(--text); font-size: 1.75rem; line-height: 1.15; font-weight: 650; }
.tiles dd small { font-weight: 400; }
.tiles:has(> :nth-child(4):last-child) { grid-template-columns: repeat(4, minmax(0, 1fr)); }
.weeks { display: grid; grid-template-columns: repeat(26, minmax(0, 1fr)); gap: .2rem; margin: .5rem 0 1rem; }
.weeks small { height: 1.4em; white-space: nowrap; }
.weeks b { display: block; position: relative; height: 2.25rem; padding: .4rem 0; border: 1px solid var(--line); border-radius: 3px; text-align: center; }
.weeks b.bad, .weeks b.warn { border: 2px solid currentColor; } .weeks b.bad { background: var(--bad-ground); } .weeks b.warn { background: var(--warn-ground); }
.actions > li { display: grid; grid-template-columns: 1.75rem minmax(0, 1fr) 17rem; gap: 0 .75rem; padding: 1rem 0; border-top: 1px solid var(--line); }
.actions .number { font-size: 1.25rem; line-height: 1.2; font-weight: 650; color: var(--quiet); }
.actions .due { text-align: right; font-size: .875rem; }
.actions .due b { display: block; font-size: 1rem; }
.actions p { max-width: 50rem; }
.rows { width: 100%; table-layout: fixed; border-collapse: collapse; font-size: .9375rem; line-height: 1.4; }
.rows th, .rows td { padding: .6rem 1rem .6rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
.rows thead th { border-top: 0; padding-bottom: .3rem; font-size: .8125rem; font-weight: 600; color: var(--quiet); vertical-align: bottom; }
.rows col.a { width: 27%; } .rows col.b { width: 31%; } .rows col.c { width: 26%; }
.rows.lean th, .rows.lean td { padding-top: .35rem; padding-bottom: .35rem; }
.rows .group th { padding-top: .8rem; }
.group small { display: inline; }
.state { font-weight: 650; }
.print { font: 600 .875rem "Cascadia Mono", Consolas, ui-monospace, monospace; white-space: nowrap; }
.tag { margin-left: .25rem; padding: 0 .35rem; border: 1px solid currentColor; border-radius: 3px; font-size: .8125rem; }
.bar { display: block; width: 100%; max-width: 8rem; height: 8px; margin: .3rem 0; }
.group .bar { display: inline-block; width: 6rem; margin: 0 .5rem; }
.bar .all { fill: var(--line); } .bar .third { fill: var(--text); }
details { border-top: 1px solid var(--line); }
.actions details, .verdict details { border: 0; margin-top: .4rem; }
summary { padding: .5rem 0; cursor: pointer; font-weight: 650; }
.runs > li { display: grid; grid-template-columns: 9rem 1.25rem minmax(0, 1fr); gap: 0 .75rem; padding: .6rem 0; border-top: 1px solid var(--line); }
.runs time { color: var(--quiet); font-size: .875rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 0 2rem; }
.facts > div { padding: .6rem 0; border-top: 1px solid var(--line); }
.facts dt { font-size: .8125rem; color: var(--quiet); }
footer { margin-top: 2.5rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: .8125rem; color: var(--quiet); }
@media (max-width: 60rem) { .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
@media (max-width: 44rem) {
  h1 { font-size: 1.375rem; }
  .verdict { grid-template-columns: minmax(0, 1fr); padding: 1rem; }
  .verdict > .icon { width: 2rem; height: 2rem; }
  .tiles dd { font-size: 1.5rem; }
  .tiles:has(> :nth-child(4):last-child) { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .actions > li { grid-template-columns: 1.5rem minmax(0, 1fr); }
  .actions .due { grid-column: 2; grid-row: 1; text-align: left; } .actions .due b { display: inline; }
  .actions .what { grid-column: 2; }
  .weeks { grid-template-columns: repeat(13, minmax(0, 1fr)); }
  .rows, .rows tbody { display: block; }
  .rows thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .rows tr { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .4rem 1rem; padding: .75rem 0; border-top: 1px solid var(--line); }
  .rows.lean tr { padding: .4rem 0; grid-template-columns: minmax(0, 4fr) minmax(0, 5fr); }
  .rows tbody th, .rows tbody td { border: 0; padding: 0; }
  .rows th, .rows td.wide { grid-column: 1 / -1; }
  .rows.lean tr:not(.group) th { grid-column: 1; }
  .runs > li { grid-template-columns: 1.25rem minmax(0, 1fr); }
  .runs time { grid-column: 2; grid-row: 1; } .runs .icon { grid-column: 1; grid-row: 1; } .runs .what { grid-column: 2; }
}
@media print {
  :root { color-scheme: light; --ground: #fff; --text: #000; --quiet: #444; --line: #bbb; --edge: #666; --bad: #a0101b; --warn: #6d4200; --good: #0f5a2f; --info: #174897;
    --bad-ground: #fff; --warn-ground: #fff; --good-ground: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .top ul { display: none; }
  svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  tr, li, .facts > div { break-inside: avoid; }
  h2, summary { break-after: avoid; } thead { display: table-header-group; }
  details::details-content { content-visibility: visible; display: contents; }
}
`;
