// Loaded before the program (node --require): kills its process at the nth point where it has an effect outside itself,
// counted from 1. Such points are every change of a file in the state folder, before it and for texts also in the middle
// of it, and every request that changes the server, before it and right after it was sent. What was flushed makes no
// difference to a process that is killed, so flushing is no point.
//   DIE_AT      which point
//   DIE_FOLDER  the state folder; without it the changes of the server are the only points
// Or, in place of a number, right after PowerShell was told to carry out a change of this kind:
//   DIE_AT_CHANGE  for example put-wmsvc

const { promises } = require('node:fs');
const { Socket } = require('node:net');
const { join, sep } = require('node:path');

const at = Number(process.env.DIE_AT);
const folder = process.env.DIE_FOLDER;
let points = 0;

function point() {
  points += 1;
  if (points === at) process.kill(process.pid, 'SIGKILL');
}

const isOurs = (path) => typeof path === 'string' && (path === folder || join(path).startsWith(folder + sep));

for (const name of ['link', 'mkdir', 'rename', 'rm', 'unlink']) {
  const whole = promises[name];
  promises[name] = async (...args) => {
    if (args.some(isOurs)) point();
    return whole(...args);
  };
}

const { open } = promises;
promises.open = async (path, flags, ...rest) => {
  const writes = isOurs(path) && typeof flags === 'string' && /[wa+]/.test(flags);
  if (writes) point();
  const file = await open(path, flags, ...rest);
  if (!writes) return file;
  for (const name of ['appendFile', 'writeFile']) {
    const whole = file[name].bind(file);
    file[name] = async (text) => {
      point();
      if (points + 1 === at) await whole(text.slice(0, text.length / 2));
      point();
      return whole(text);
    };
  }
  const truncate = file.truncate.bind(file);
  file.truncate = async (size) => {
    const { size: now } = await file.stat();
    if (now !== size) point();
    return truncate(size);
  };
  return file;
};

// What the lab's pipe carries, and what is said to PowerShell.
const changing =
  /"kind":"(binding-method|netsh|register-task|unregister-task|set-task-enabled|run-task|stop-task|enable-log|application-log|set-ftp|set-key-access|set-rdp|set-winrm|set-wmsvc)"|'Invoke-Changes'|'Invoke-TaskOrder'/;
const { write } = Socket.prototype;

/** Whether a line tells PowerShell to carry out a change of the kind that is waited for. */
function tells(chunk) {
  const [, request = ''] = /'Invoke-Changes' '([A-Za-z0-9+/=]+)'/.exec(chunk) ?? [];
  const kinds = Buffer.from(request, 'base64')
    .toString()
    .matchAll(/^change\t\d+\t([a-z-]+)/gm);
  return [...kinds].some(([, kind]) => kind === process.env.DIE_AT_CHANGE);
}

Socket.prototype.write = function (chunk, ...rest) {
  if (typeof chunk === 'string' && tells(chunk)) {
    write.call(this, chunk, ...rest);
    return write.call(this, '', () => process.kill(process.pid, 'SIGKILL'));
  }
  if (typeof chunk !== 'string' || !changing.test(chunk)) return write.call(this, chunk, ...rest);
  point();
  const flowing = write.call(this, chunk, ...rest);
  if (points + 1 === at) write.call(this, '', () => point());
  else points += 1;
  return flowing;
};
