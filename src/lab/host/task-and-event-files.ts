import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabState, LabTask } from '../kernel/lab-state.ts';
import { encodeName, listFolder, utf16, writeWhole } from './whole-file.ts';

export async function saveTasks(folder: string, before: readonly LabTask[], after: readonly LabTask[]): Promise<void> {
  if (before === after) return;
  const known = new Map(before.map((task) => [taskFile(folder, task), task.xml]));
  for (const task of after) {
    const file = taskFile(folder, task);
    if (known.get(file) !== task.xml) await writeWhole(file, utf16(task.xml));
    known.delete(file);
  }
  for (const file of known.keys()) await rm(file, { force: true });
}

export function loadTask(folder: string, task: Omit<LabTask, 'xml'>): LabTask {
  const bytes = readFileSync(taskFile(folder, task));
  return { ...task, xml: bytes.toString('utf16le').replace(/^\uFEFF/, '') };
}

function taskFile(folder: string, { path, name }: { readonly path: string; readonly name: string }): string {
  const folders = path.split('\\').filter((part) => part !== '');
  return `${join(folder, 'tasks', ...folders.map(encodeName), encodeName(name))}.xml`;
}

type Events = LabState['lifecycle']['events'];

export async function saveEvents(folder: string, before: Events, after: Events): Promise<void> {
  if (before === after) return;
  const known = new Map(before.map(({ recordId, xml }) => [recordId, xml]));
  for (const { recordId, xml } of after) {
    if (known.get(recordId) !== xml) await writeWhole(eventFile(folder, recordId), xml);
    known.delete(recordId);
  }
  for (const recordId of known.keys()) await rm(eventFile(folder, recordId), { force: true });
}

export function loadEvents(folder: string): Events {
  const names = listFolder(join(folder, 'events')).filter((name) => /^\d+\.xml$/.test(name));
  const numbers = names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
  return numbers.map((recordId) => ({ recordId, xml: readFileSync(eventFile(folder, recordId), 'utf8') }));
}

function eventFile(folder: string, recordId: number): string {
  return join(folder, 'events', `${recordId}.xml`);
}
