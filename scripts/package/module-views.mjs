// Writes the views and types of the module as ps1xml, which names each column in two places and takes twenty lines a view.

import { inRoot } from '../lib/paths.mjs';
import { writeIfChanged } from '../lib/write-if-changed.mjs';
import { texts, types, views } from './views.mjs';

export function writeViews() {
  const all = Object.entries(views).flatMap(([type, shapes]) => shapes.map((view) => viewOf(type, view)));
  write('Format', tag('Configuration', tag('ViewDefinitions', `\n${all.join('\n')}\n`)));
  const names = [...new Set([...Object.keys(types), ...Object.keys(texts)])];
  write('Types', tag('Types', `\n${names.map((name) => typeOf(name, types[name] ?? {})).join('\n')}\n`));
}

function write(name, xml) {
  const text = `<?xml version="1.0" encoding="utf-8"?>\n<!-- Written by the build: scripts/package/views.mjs -->\n${xml}\n`;
  writeIfChanged(inRoot(`module/CertRebind/CertRebind.${name}.ps1xml`), text);
}

function viewOf(type, { shape, columns, alsoOf }) {
  const selected = [fullName(type), alsoOf].map((name) => optional('TypeName', name));
  const head = `${tag('Name', `${fullName(type)}.${shape}`)}${tag('ViewSelectedBy', selected.join(''))}`;
  return tag('View', `${head}\n${shape === 'List' ? listOf(columns) : tableOf(columns)}`);
}

function listOf(columns) {
  const items = columns.map(([label, value]) => tag('ListItem', tag('Label', label) + shown(value.inList ?? value)));
  return `<ListControl><ListEntries><ListEntry>${tag('ListItems', inLines(items))}</ListEntry></ListEntries></ListControl>`;
}

function tableOf(columns) {
  const headers = columns.map(([label, , width, alignment]) =>
    tag('TableColumnHeader', tag('Label', label) + optional('Width', width) + optional('Alignment', alignment)),
  );
  const items = columns.map(([, value]) => tag('TableColumnItem', shown(value.inTable ?? value)));
  const row = tag('TableRowEntry', tag('TableColumnItems', inLines(items)));
  return tag('TableControl', `${tag('TableHeaders', inLines(headers))}${tag('TableRowEntries', row)}`);
}

function shown(text) {
  return tag(/^\w+$/.test(text) ? 'PropertyName' : 'ScriptBlock', escaped(text));
}

function typeOf(name, { has = '', made = {}, shows, sortedBy }) {
  const own = Object.fromEntries(has.split(' ').flatMap((property) => (property === '' ? [] : [[property, '$null']])));
  const properties = Object.entries({ ...own, ...made }).map(([property, script]) =>
    tag('ScriptProperty', `${tag('Name', property)}${tag('GetScriptBlock', escaped(script))}`),
  );
  const sets = setOf('DefaultKeyPropertySet', sortedBy) + setOf('DefaultDisplayPropertySet', shows);
  const standard = sets === '' ? [] : [tag('MemberSet', `${tag('Name', 'PSStandardMembers')}${tag('Members', sets)}`)];
  const text =
    texts[name] === undefined
      ? []
      : [tag('ScriptMethod', `${tag('Name', 'ToString')}${tag('Script', escaped(textScript(texts[name])))}`)];
  return tag('Type', `${tag('Name', fullName(name))}${tag('Members', inLines([...properties, ...text, ...standard]))}`);
}

/** A script, or a sentence with the names of properties in braces. */
function textScript(text) {
  if (text.includes('$')) return text;
  const names = [];
  const format = text.replaceAll(/\{(\w+)\}/g, (_all, name) => `{${names.push(`$this.${name}`) - 1}}`);
  return `('${format}' -f ${names.join(', ')}).Trim()`;
}

function setOf(name, list) {
  if (list === undefined) return '';
  const names = list.split(' ').map((property) => tag('Name', property));
  return tag('PropertySet', `${tag('Name', name)}${tag('ReferencedProperties', names.join(''))}`);
}

function fullName(type) {
  return type.includes('.') ? type : `CertRebind.${type}`;
}

function inLines(parts) {
  return `\n${parts.join('\n')}\n`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function tag(name, inner) {
  return `<${name}>${inner}</${name}>`;
}

function optional(name, inner) {
  return inner === undefined ? '' : tag(name, inner);
}
