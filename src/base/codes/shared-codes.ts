/** Codes that stand in more than one table: they say the same in each. What to do may differ with the table. */
export const shared = {
  already: { text: 'The place already is as the run wants it.', hint: 'Nothing to do.' },
  bindingUnreadable: {
    text: 'A binding, a site or an FTPS certificate in the IIS configuration could not be read. A certificate binding that it may use is not changed.',
    hint: 'Correct it in IIS Manager. In a lab, export the damaged file from the server again.',
    lines: {
      'Then apply what is pending': 'certrebind reconcile',
    },
  },
  damagedFile: {
    text: 'A file in the state folder cannot be read.',
    hint: 'Restore the file from a backup, or do what the message says.',
  },
  namesFewer: {
    text: 'The new certificate lacks a name of the old one, and the place answers for any host name.',
    hint: 'Check that no client uses these names. If a client does, roll the run back, and issue a certificate that covers them.',
    lines: {
      'Roll it back': 'certrebind undo <run>',
      'Keep the old certificate in such a case': 'certrebind config set guards.names-fewer block',
    },
  },
  namesLost: { text: 'The new certificate does not cover a host name that the old one covered.' },
  notRestored: {
    text: 'A run could not roll a place back to what it was before.',
    hint: 'The message says why. If nobody else has changed the place since, the next run tries again before anything else. Otherwise CertRebind leaves the place.',
    lines: {
      'Restore it now': 'certrebind reconcile',
    },
  },
  outsideWindow: { text: 'The change is ready, and the change window is closed.', fact: 'host-time-zone' },
  webAdministrationMissing: {
    text: 'The PowerShell module WebAdministration is missing. CertRebind needs it to change the certificate of an IIS binding.',
    hint: 'Install the module. The next run then does the rest.',
    lines: {
      'Install it': 'Install-WindowsFeature Web-Scripting-Tools',
      'Then apply what is pending': 'certrebind reconcile',
    },
    fact: 'scripting-tools',
  },
  partUnknown: {
    text: 'A part of the server was not read, so nothing is said about it.',
    hint: 'Run the command on the server as an elevated administrator.',
  },
  proofFailed: {
    text: 'The test of the scheduled task failed: Task Scheduler did not start CertRebind, or CertRebind could not work as SYSTEM. The tasks of CertRebind are as they were before.',
    hint: 'Fix the cause in the message, then run the command again.',
    lines: {
      'Test the installed version again': 'certrebind enable',
    },
    fact: 'task-starts',
  },
  servedSuccessor: {
    text: 'The endpoint already served the new certificate before the change.',
    hint: 'Nothing to do.',
    fact: 'wire-follows-renewal',
  },
  setBack: {
    text: 'CertRebind had set the new certificate there, and the old one is there again.',
    hint: 'CertRebind sets the new certificate again after a day. If this happens twice in 30 days, or the new certificate is revoked, CertRebind leaves the place.',
    lines: {
      'Set the new certificate at once': 'certrebind reconcile',
      'Leave the place alone': 'certrebind config add exclude.records <place>',
    },
  },
  shorterLife: {
    text: 'The new certificate expires before the old one. That blocks the change if nothing but an event suggests the renewal, and neither SYSTEM nor an administrator wrote that event.',
    hint: 'Check that you did not mix up the old and the new certificate. If the renewal is intended, name the two certificates.',
    lines: {
      'Name the two': 'certrebind rebind --old <old> --new <new>',
    },
  },
  stillOld: {
    text: 'The new certificate is set, but an endpoint still serves the old one.',
    hint: 'Check for TLS inspection or another process in front of the endpoint, or restart the server, which stops all sites for that time. Then look again.',
    lines: {
      'Look again': 'certrebind verify',
    },
  },
  stillServed: {
    text: 'The renewal was rolled back, but an endpoint still serves the new certificate.',
    hint: 'Windows may follow the renewal property of the old certificate to the new one. If nothing else uses the new one, export the new one with its private key, and delete it from its store (certlm.msc). Otherwise check for TLS inspection, or restart Windows: all sites are down meanwhile. Then look again.',
    lines: {
      'See what uses it': 'certrebind usage',
      'Look again': 'certrebind verify',
    },
    fact: 'wire-follows-renewal',
  },
  trustUnknown: {
    text: 'An issuer of the new certificate is not on this server or cannot be read, so it is not known whether clients trust it. The change is blocked if CertRebind knows only from the names that the new certificate is a renewal.',
    hint: 'Import the intermediate certificates of the new certificate into Intermediate Certification Authorities (Local Computer), or name the two certificates.',
    lines: {
      'Name the two': 'certrebind rebind --old <old> --new <new>',
    },
    fact: 'trust-lists',
  },
  unfinishedRun: {
    text: 'A run has not finished: it is active, or it was interrupted and has to be recovered.',
    hint: 'The next command that changes something recovers it.',
    lines: {
      'Recover it now': 'certrebind reconcile',
    },
  },
  unsafePath: {
    text: 'Accounts other than administrators can change a file or folder that controls what runs as SYSTEM.',
    hint: 'Make Administrators or SYSTEM the owner, and give write access to nobody else. If nothing needs the file or folder, remove it. CertRebind never changes these permissions itself.',
  },
} as const;
